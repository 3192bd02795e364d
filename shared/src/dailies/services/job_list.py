"""A user's jobs, page by page: newest first, by state, kind and time."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dailies.domain.errors import InvalidRequest
from dailies.domain.job.job import Job, JobState
from dailies.engine.platform import Platform
from dailies.ports.documents import Where

MAX_PAGE = 100
# Jobs that are looked through for one page, where a kind is asked for: no index knows what a recipe makes.
_MAX_LOOKED = 500


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Times are of the jobs' creation: ``since`` inclusive, ``until`` exclusive."""

    state: JobState | None = None
    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class JobPage:
    """``cursor`` asks for the next page; None behind the last. Of a rare kind a page may have few jobs, or none."""

    jobs: Sequence[Job]
    cursor: str | None


def list_page(platform: Platform, uid: str, found: JobFilter, limit: int, cursor: str | None = None) -> JobPage:
    """At most ``limit`` of the user's jobs, behind ``cursor``. Raises InvalidRequest for a cursor that is none of ours.

    Jobs that are made meanwhile don't move the pages.
    """
    behind = None if cursor is None else _read(cursor)
    most = _MAX_LOOKED if found.kind is not None else limit + 1
    while True:
        looked = _looked(platform, uid, found, behind, most)
        jobs = [job for job in looked if behind is None or (job.created, job.id) < behind]
        if jobs or len(looked) < most:
            break
        # All of them of the cursor's very moment, and on pages before.
        most *= 2
    if found.kind is not None:
        jobs = [job for job in jobs if found.kind in kinds_of(job)]
    page = jobs[:limit]
    if len(jobs) > limit:
        return JobPage(page, _cursor(page[-1]))
    # Others may lie behind what was looked through.
    return JobPage(page, _cursor(looked[-1]) if len(looked) == most else None)


def _looked(
    platform: Platform, uid: str, found: JobFilter, behind: tuple[datetime, str] | None, limit: int
) -> list[Job]:
    where = [Where("uid", "==", uid)]
    if found.state is not None:
        where.append(Where("state", "==", found.state.value))
    if found.since is not None:
        where.append(Where("created", ">=", found.since))
    # Jobs of the cursor's very moment may lie on both sides of it.
    bounds = [bound for bound in (found.until, behind and behind[0] + timedelta(microseconds=1)) if bound is not None]
    if bounds:
        where.append(Where("created", "<", min(bounds)))
    listed = platform.documents.query("jobs", where=where, order_by="created", descending=True, limit=limit)
    return [Job.model_validate(each.data) for each in listed]


def kinds_of(job: Job) -> list[str]:
    """What the job makes."""
    return sorted({output.kind for output in job.recipe.outputs.values()})


def _cursor(job: Job) -> str:
    text = json.dumps([job.created.isoformat(), job.id])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(cursor: str) -> tuple[datetime, str]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        created, job_id = json.loads(text)
        moment = datetime.fromisoformat(created).astimezone(UTC)
        # What can't be moved on is no moment of a job's.
        _ = moment + timedelta(days=1)
    except (binascii.Error, ValueError, TypeError, RecursionError, OverflowError) as error:
        raise InvalidRequest("cursor: it is none that a page of this list has named.", field="cursor") from error
    return moment, str(job_id)
