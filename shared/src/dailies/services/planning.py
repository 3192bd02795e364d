"""Looking before running: the probe of a file, and a plan with what it will cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from dailies.domain.job import FileSource, Job, JobState, Source
from dailies.domain.media_info import MediaInfo
from dailies.domain.recipe import Recipe
from dailies.domain.result import LeftOut
from dailies.domain.stop import StopToken
from dailies.engine.artifacts import Artifacts
from dailies.engine.platform import Platform
from dailies.engine.survey import Survey, survey
from dailies.planning.plan import PROBE, reasons_of
from dailies.services.lookahead import look, probe_key


def probe_source(platform: Platform, uid: str, source: FileSource) -> MediaInfo:
    """What the source is; looked at once and remembered. Raises SourceRefused."""
    artifacts = Artifacts(platform.objects, uid)
    key = probe_key(platform, source)
    known = artifacts.load(key)
    if known is not None:
        return MediaInfo.model_validate(known.data)
    produced = look(platform, Path(source.path), StopToken())
    # The bytes looked at must be those that the key names.
    platform.sources.verify(source)
    return MediaInfo.model_validate(artifacts.commit(key, PROBE, produced).data)


def standing_of(platform: Platform, uid: str, source: Source, recipe: Recipe) -> Survey:
    """Where a job for this source and recipe would stand now. Reads only: an unprobed source stays so."""
    now = platform.now()
    imagined = Job(
        id="plan",
        uid=uid,
        state=JobState.QUEUED,
        recipe=recipe,
        source=source,
        created=now,
        updated=now,
        deadline=now + timedelta(hours=1),
    )
    return survey(imagined, Artifacts(platform.objects, uid), platform.registry, platform.toolchain())


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """``status`` is cached, ready (its inputs exist), or waiting for a step before it."""

    name: str
    kind: str
    status: str
    key: str | None
    cpu_seconds: float


@dataclass(frozen=True, slots=True)
class Planned:
    steps: list[PlannedStep]
    survey: Survey
    cpu_seconds: float
    """Of the steps that are not cached."""
    left_out: Mapping[str, LeftOut] = field(default_factory=dict)
    """The optional outputs that can't be made of this source, and why."""


def plan_job(platform: Platform, uid: str, source: FileSource, recipe: Recipe) -> Planned:
    """The plan for this source and recipe, and where it stands. Nothing but the probe is run.

    Raises InvalidRecipe or SourceRefused as the job itself would.
    """
    probe_source(platform, uid, source)
    standing = standing_of(platform, uid, source, recipe)
    ready = {step.id for step in standing.ready}
    steps = [
        PlannedStep(
            name=step.label,
            kind=step.kind,
            status="cached" if step.id in standing.artifacts else "ready" if step.id in ready else "waiting",
            key=standing.keys.get(step.id),
            cpu_seconds=step.estimate.cpu_seconds,
        )
        for step in standing.plan.steps
    ]
    remaining = sum(step.cpu_seconds for step in steps if step.status != "cached")
    left_out = {name: LeftOut(**reason) for name, reason in reasons_of(standing.plan.left_out).items()}
    return Planned(steps, standing, remaining, left_out)
