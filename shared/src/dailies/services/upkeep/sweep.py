"""The scheduled rounds: what no event will bring to an end any more."""

from __future__ import annotations

from dataclasses import dataclass

from dailies.engine.platform import Platform
from dailies.services.upkeep import housekeeping
from dailies.services.upkeep.leftovers import remove_sources, remove_staged


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
    each is ended with its job, and what one still brings after that is removed on arrival.

    Idempotent, and safe beside everything else.
    """
    swept = housekeeping.sweep(platform)
    return Swept(swept.ended, swept.recovered, remove_sources(platform).count, remove_staged(platform).count)
