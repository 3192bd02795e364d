"""The scheduled rounds: what no event will bring to an end any more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from dailies.domain.uploads import PREFIX
from dailies.engine.platform import Platform
from dailies.ports.documents import Where
from dailies.ports.objects import STAGING, ObjectInfo
from dailies.services import housekeeping
from dailies.services.live_jobs import LIVE

# No single file takes longer to send.
_STAGED_AGE = timedelta(hours=24)
# What more there is goes in the next rounds, which begin at the same end.
_REMOVED_AT_ONCE = 2000


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
    swept = housekeeping.sweep(platform)
    return Swept(swept.ended, swept.recovered, _remove_sources(platform), _remove_staged(platform))


def _remove_sources(platform: Platform) -> int:
    """Uploads older than the retention that no unfinished job reads."""
    cutoff = platform.now() - timedelta(hours=platform.settings.output_retention_hours)
    return _remove(platform, (found for found in platform.objects.list(PREFIX) if _is_over(platform, found, cutoff)))


def _is_over(platform: Platform, found: ObjectInfo, cutoff: datetime) -> bool:
    if found.updated >= cutoff:
        return False
    reads_it = [Where("source.name", "==", found.name), Where("state", "in", list(LIVE))]
    return not platform.documents.query("jobs", where=reads_it, limit=1)


def _remove_staged(platform: Platform) -> int:
    """What killed processes had sent of files that never became whole."""
    cutoff = platform.now() - _STAGED_AGE
    return _remove(platform, (found for found in platform.objects.list(STAGING) if found.updated < cutoff))


def _remove(platform: Platform, objects: Iterator[ObjectInfo]) -> int:
    removed = 0
    for found in islice(objects, _REMOVED_AT_ONCE):
        platform.objects.delete(found.name)
        removed += 1
    return removed
