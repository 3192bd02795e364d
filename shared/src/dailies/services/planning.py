"""Looking before running: the probe of a file, and a plan with what it will cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from dailies.domain.job import FileSource, Job, JobState, Source
from dailies.domain.media_info import MediaInfo
from dailies.domain.recipe import Recipe
from dailies.domain.result import LeftOut
from dailies.domain.stop import StopToken
from dailies.engine.artifacts import Artifacts
from dailies.engine.jobs import new_job_id
from dailies.engine.platform import Platform
from dailies.engine.scratch import single_scratch
from dailies.engine.step_runner import StepRunner
from dailies.engine.survey import Survey, survey, survey_source
from dailies.planning.plan import PROBE, reasons_of

# How long to look away while another process probes the same source.
_WAIT_SECONDS = 0.1


def probe_source(platform: Platform, uid: str, source: FileSource) -> MediaInfo:
    """What the source is; looked at once and remembered. Raises SourceRefused, SourceChanged, TransientError."""
    artifacts, stop = Artifacts(platform.objects, uid), StopToken()
    job = _imagined(platform, uid, source, Recipe.model_construct(outputs={}))
    while True:
        standing = survey_source(job, artifacts, platform.registry, platform.toolchain())
        if PROBE in standing.artifacts:
            return MediaInfo.model_validate(standing.artifacts[PROBE].data)
        with single_scratch(platform) as scratch:
            runner = StepRunner(platform, job, artifacts, stop, scratch)
            claimed = runner.claim(standing, standing.ready)
            if claimed:
                runner.run(claimed, standing)
        if not claimed:
            stop.wait(_WAIT_SECONDS)
            artifacts.look_again()


def standing_of(platform: Platform, uid: str, source: Source, recipe: Recipe) -> Survey:
    """Where a job for this source and recipe would stand now. Reads only: an unprobed source stays so."""
    imagined = _imagined(platform, uid, source, recipe)
    return survey(imagined, Artifacts(platform.objects, uid), platform.registry, platform.toolchain())


def _imagined(platform: Platform, uid: str, source: Source, recipe: Recipe) -> Job:
    """A job that nobody has asked for: what fails in it counts against no other."""
    now = platform.now()
    return Job(
        id=new_job_id(now),
        uid=uid,
        state=JobState.QUEUED,
        recipe=recipe,
        source=source,
        created=now,
        updated=now,
        deadline=now + timedelta(hours=1),
    )


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
