"""Looks after every unfinished job: each is read once, page by page, and a round goes on where the last one stopped."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Literal

from dailies.domain.errors import Conflict, DailiesError
from dailies.domain.job.job import Job, JobState
from dailies.engine.advance import give_turns
from dailies.engine.advance_queue import enqueue_advance
from dailies.engine.platform import Platform
from dailies.engine.store.admission import join_line
from dailies.engine.store.jobs import move_job
from dailies.engine.store.leases import lapsed_owners
from dailies.engine.store.turns import free_lost_slots
from dailies.logs import Logger
from dailies.ports.documents import Where
from dailies.services.upkeep.overdue import fail_overdue, is_overdue
from dailies.services.upload_arrived import queue_upload
from dailies.services.upload_begun import began_unseen

LIVE = (JobState.AWAITING_UPLOAD.value, JobState.QUEUED.value, JobState.FETCHING.value, JobState.PROCESSING.value)
_PAGE = 200
_AT_ONCE = 8
# Less than the pause between two rounds in the cloud: they don't pile up.
_ROUND_SECONDS = 240.0
_CURSOR = "housekeeping/round"
_QUEUED = JobState.QUEUED.value
# A worker starts within a minute or two: who waits longer than this stands in line, or for something to be mended.
_LONG_WAIT = timedelta(minutes=15)

Outcome = Literal["ended", "recovered", "queued", "waits", "failed"]

log = Logger(__name__)


@dataclass(frozen=True, slots=True)
class Round:
    """How many jobs were ended, and found with their upload there; ``whole``: every job was looked at."""

    ended: int
    recovered: int
    whole: bool


def look_after_jobs(
    platform: Platform,
    *,
    page: int = _PAGE,
    seconds: float = _ROUND_SECONDS,
    clock: Callable[[], float] = time.monotonic,
) -> Round:
    """End jobs past their deadline, queue those whose event, task or worker got lost.

    Stops after ``seconds`` at the end of a page: the next call goes on there. What fails for one job is told in the
    log, and holds up no other. Idempotent, and safe beside another round.
    """
    until = clock() + seconds
    counts: Counter[Outcome] = Counter()
    noted = platform.documents.get(_CURSOR)
    after = "" if noted is None else str(noted.data["after"])
    whole = not after
    with ThreadPoolExecutor(_AT_ONCE, "live-jobs") as pool:
        while True:
            jobs = _page(platform, after, page)
            _tell_of_long_waits(platform, jobs)
            counts.update(pool.map(partial(_looked, platform), jobs))
            after = jobs[-1].id if len(jobs) == page else ""
            if after or noted is not None:
                noted = platform.documents.set(_CURSOR, {"after": after})
            if not after or clock() >= until:
                free_lost_slots(platform)
                give_turns(platform)
                return Round(counts["ended"], counts["recovered"], whole and not after)


def _tell_of_long_waits(platform: Platform, jobs: Sequence[Job]) -> None:
    """In the cloud an operator's alert counts these lines (infra/terraform); on one machine somebody looks on."""
    if platform.settings.project is None:
        return
    now = platform.now()
    waits = [now - job.reached.get(_QUEUED, job.updated) for job in jobs if job.state is JobState.QUEUED]
    long = [wait for wait in waits if wait > _LONG_WAIT]
    if long:
        log.warning("jobs wait long", jobs=len(long), longest_seconds=round(max(long).total_seconds()))


def _page(platform: Platform, after: str, count: int) -> list[Job]:
    where = [Where("state", "in", list(LIVE)), *([Where("id", ">", after)] if after else [])]
    found = platform.documents.query("jobs", where=where, order_by="id", limit=count)
    return [Job.model_validate(snapshot.data) for snapshot in found]


def _looked(platform: Platform, job: Job) -> Outcome:
    try:
        return _look(platform, job)
    except Conflict:
        # It ended between the look and the word: it needs no other end.
        return "waits"
    except DailiesError as error:
        log.warning("a job could not be looked after", job=job.id, code=error.error_code, error=error.message)
        return "failed"


def _look(platform: Platform, job: Job) -> Outcome:
    if job.state is JobState.AWAITING_UPLOAD and _recover(platform, job):
        return "recovered"
    if is_overdue(platform, job):
        if job.state is JobState.AWAITING_UPLOAD and began_unseen(platform, job):
            return "waits"
        _end(platform, job)
        return "ended"
    if job.state is JobState.AWAITING_UPLOAD:
        return "waits"
    if job.state is JobState.QUEUED and platform.settings.max_running_jobs is not None:
        # Its turn comes by itself: the end of the round gives out what is free.
        join_line(platform, job)
        return "waits"
    # Queued ones as well: whoever made the job may have died before it was in the queue.
    for owner in lapsed_owners(platform, job):
        platform.workers.give_up(job.id, owner)
    enqueue_advance(platform, job.id)
    return "queued"


def _recover(platform: Platform, job: Job) -> bool:
    """What its event would have done for an upload that is there: one may be dropped after a day of failures."""
    if job.source.kind != "object":
        return False
    found = platform.objects.stat(job.source.name)
    return found is not None and queue_upload(platform, job, found).state is JobState.QUEUED


def _end(platform: Platform, job: Job) -> None:
    if job.state is JobState.AWAITING_UPLOAD:
        move_job(platform, job.id, JobState.EXPIRED)
        return
    fail_overdue(platform, job)
