"""What the source of a user's job is, and what would suit it: by what workers have measured of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dailies.domain.errors import Conflict, DailiesError
from dailies.domain.recipe.advice import advise
from dailies.domain.source.media_info import MediaInfo
from dailies.engine.plan_state import plan_state_of
from dailies.engine.platform import Platform
from dailies.engine.store.artifacts import Artifacts
from dailies.services.jobs import owned_job
from dailies.services.price import Price, price_of_source
from dailies.services.source_loudness import source_loudness

#: The one output of an advised recipe.
OUTPUT = "output"


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """``loudness_lufs`` is of the whole source (ITU-R BS.1770-4); None until a job has measured it."""

    info: MediaInfo
    loudness_lufs: float | None


@dataclass(frozen=True, slots=True)
class Advice:
    """``recipe`` has one output; ``size_bytes`` is None where no bit rate is set; ``price`` is of making it anew."""

    kind: str
    recipe: Mapping[str, Any]
    reason: str
    size_bytes: int | None
    price: Price


def source_facts(platform: Platform, uid: str, job_id: str) -> SourceFacts:
    """Raises NotFound, Conflict ``not_probed`` before a worker has looked at the source."""
    job = owned_job(platform, uid, job_id)
    artifacts = Artifacts(platform.objects, uid)
    info = plan_state_of(job, artifacts, platform.registry, platform.toolchain()).info
    if info is None:
        raise Conflict(f"Nobody has looked at the source of job {job_id} yet: ask again later.", code="not_probed")
    return SourceFacts(info, source_loudness(platform, uid, job_id))


def source_advice(platform: Platform, uid: str, job_id: str) -> list[Advice]:
    """The best first; what can't be made of this source after all is left out. Raises as :func:`source_facts`."""
    facts = source_facts(platform, uid, job_id)
    found = []
    for each in advise(facts.info, facts.loudness_lufs):
        recipe = {"outputs": {OUTPUT: dict(each.output)}}
        try:
            price = price_of_source(platform, recipe, facts.info)
        except DailiesError:
            # The plan itself knows best: a track that can't be decoded, a film without an end.
            continue
        found.append(Advice(each.kind, recipe, each.reason, each.size_bytes, price))
    return found
