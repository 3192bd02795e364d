"""The scheduled rounds: what no event will bring to an end any more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from dailies.domain.job import Job, JobState
from dailies.domain.uploads import PREFIX
from dailies.engine.platform import Platform
from dailies.ports.documents import Where
from dailies.ports.objects import STAGING
from dailies.services import housekeeping
from dailies.services.upload_arrived import queue_upload

# No single file takes longer to send.
_STAGED_AGE = timedelta(hours=24)
_LIVE = [JobState.AWAITING_UPLOAD.value, JobState.QUEUED.value, JobState.PROCESSING.value]


@dataclass(frozen=True, slots=True)
class Swept:
    """How many jobs were ended, found with their upload already there, and how many sources and staged parts went."""

    ended: int
    recovered: int
    sources_removed: int
    staged_removed: int


def sweep(platform: Platform) -> Swept:
    """Queue jobs whose event, task or worker got lost, end those past their deadline, remove what nobody needs.

    That is old sources, and parts of uploads whose process was killed. Sessions of users' uploads can't be listed:
    they lapse after a week, and what one of them still brings for a job that has ended is removed on arrival.

    Idempotent, and safe beside everything else.
    """
    jobs = [
        Job.model_validate(snapshot.data)
        for snapshot in platform.documents.query("jobs", where=[Where("state", "in", _LIVE)])
    ]
    recovered = sum(_recover(platform, job) for job in jobs if job.state is JobState.AWAITING_UPLOAD)
    return Swept(housekeeping.sweep(platform), recovered, _remove_sources(platform), _remove_staged(platform))


def _recover(platform: Platform, job: Job) -> bool:
    """What its event would have done for an upload that is there: one may be dropped after a day of failures."""
    if job.source.kind != "object":
        return False
    found = platform.objects.stat(job.source.name)
    return found is not None and queue_upload(platform, job, found).state is JobState.QUEUED


def _remove_sources(platform: Platform) -> int:
    """Uploads older than the retention that no unfinished job reads."""
    cutoff = platform.now() - timedelta(hours=platform.settings.output_retention_hours)
    live = platform.documents.query("jobs", where=[Where("state", "in", _LIVE)])
    wanted = {snapshot.data["source"].get("name") for snapshot in live}
    old = [found for found in platform.objects.list(PREFIX) if found.updated < cutoff and found.name not in wanted]
    for found in old:
        platform.objects.delete(found.name)
    return len(old)


def _remove_staged(platform: Platform) -> int:
    """What killed processes had sent of files that never became whole."""
    cutoff = platform.now() - _STAGED_AGE
    orphans = [found for found in platform.objects.list(STAGING) if found.updated < cutoff]
    for found in orphans:
        platform.objects.delete(found.name)
    return len(orphans)
