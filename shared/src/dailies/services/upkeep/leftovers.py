"""Objects that no job needs any more: uploaded sources, and parts of uploads whose process was killed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from dailies.domain.errors import NotFound
from dailies.domain.job.job import JobState
from dailies.domain.job.uploads import PREFIX, parse_name
from dailies.engine.platform import Platform
from dailies.engine.store.jobs import load_job
from dailies.ports.documents import Where
from dailies.ports.objects import STAGING, ObjectInfo
from dailies.services.upkeep.live_jobs import LIVE

# No single file takes longer to send.
_STAGED_AGE = timedelta(hours=24)
# What more there is goes in the next rounds, which begin at the same end.
_REMOVED_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Removed:
    """How many objects went, their bytes, and those of the objects that stay."""

    count: int = 0
    freed: int = 0
    kept: int = 0


def remove_sources(platform: Platform, *, of_no_use: bool = False) -> Removed:
    """Remove uploads older than the retention that no unfinished job reads.

    ``of_no_use``: younger ones too whose job was cancelled, has expired or is gone. A cancelled job takes its source
    along; this is for what came later, or could not be removed then.
    """
    cutoff = platform.now() - timedelta(hours=platform.settings.output_retention_hours)

    def goes(found: ObjectInfo) -> bool:
        return _is_over(platform, found, cutoff) or (of_no_use and _useless(platform, found))

    return _remove(platform, PREFIX, goes)


def remove_staged(platform: Platform) -> Removed:
    """Remove what killed processes had sent of files that never became whole."""
    cutoff = platform.now() - _STAGED_AGE
    return _remove(platform, STAGING, lambda found: found.updated < cutoff)


def _remove(platform: Platform, prefix: str, goes: Callable[[ObjectInfo], bool]) -> Removed:
    count = freed = kept = 0
    for found in platform.objects.list(prefix):
        if count < _REMOVED_AT_ONCE and goes(found):
            platform.objects.delete(found.name)
            count, freed = count + 1, freed + found.size
        else:
            kept += found.size
    return Removed(count, freed, kept)


def _is_over(platform: Platform, found: ObjectInfo, cutoff: datetime) -> bool:
    if found.updated >= cutoff:
        return False
    reads_it = [Where("source.name", "==", found.name), Where("state", "in", list(LIVE))]
    return not platform.documents.query("jobs", where=reads_it, limit=1)


def _useless(platform: Platform, found: ObjectInfo) -> bool:
    upload = parse_name(found.name)
    if upload is None or upload.job_id is None:
        return False
    try:
        return load_job(platform, upload.job_id).state in (JobState.CANCELLED, JobState.EXPIRED)
    except NotFound:
        return True
