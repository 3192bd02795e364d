"""Looking before running: the probe of a file, and a plan with what it will cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from dailies.domain.job.job import FileSource, Job, JobState, Source
from dailies.domain.job.result import LeftOut
from dailies.domain.recipe.recipe import Recipe
from dailies.domain.source.media_info import MediaInfo
from dailies.domain.stop import StopToken
from dailies.engine.plan_state import PlanState, plan_state_of, source_state_of
from dailies.engine.platform import Platform
from dailies.engine.scratch import single_scratch
from dailies.engine.step_runner import StepRunner
from dailies.engine.store.artifacts import Artifacts
from dailies.engine.store.jobs import new_job_id
from dailies.planning.estimates import usd_of
from dailies.planning.operation import Estimate
from dailies.planning.plan import PROBE, Plan, reasons_of

# How long to look away while another process probes the same source.
_WAIT_SECONDS = 0.1


def probe_source(platform: Platform, uid: str, source: FileSource) -> MediaInfo:
    """What the source is; looked at once and remembered. Raises SourceRefused, SourceChanged, TransientError."""
    artifacts, stop = Artifacts(platform.objects, uid), StopToken()
    job = _imagined(platform, uid, source, Recipe.model_construct(outputs={}))
    while True:
        plan_state = source_state_of(job, artifacts, platform.registry, platform.toolchain())
        if PROBE in plan_state.artifacts:
            return MediaInfo.model_validate(plan_state.artifacts[PROBE].data)
        with single_scratch(platform) as scratch:
            runner = StepRunner(platform, job, artifacts, stop, scratch)
            claimed = runner.claim(plan_state, plan_state.ready)
            if claimed:
                runner.run(claimed, plan_state)
        if not claimed:
            stop.wait(_WAIT_SECONDS)
            artifacts.forget_missing()


def imagined_state(platform: Platform, uid: str, source: Source, recipe: Recipe) -> PlanState:
    """Where a job for this source and recipe would stand now. Reads only: an unprobed source stays so."""
    imagined = _imagined(platform, uid, source, recipe)
    return plan_state_of(imagined, Artifacts(platform.objects, uid), platform.registry, platform.toolchain())


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


class Estimated:
    """Has an estimate, and its figures as if they were its own."""

    __slots__ = ()
    estimate: Estimate

    @property
    def cpu_seconds(self) -> float:
        return self.estimate.cpu_seconds

    @property
    def wall_seconds(self) -> float:
        return self.estimate.seconds

    @property
    def external_usd(self) -> float:
        return self.estimate.external_usd

    @property
    def cost_usd(self) -> float:
        return usd_of(self.estimate)


@dataclass(frozen=True, slots=True)
class PlannedStep(Estimated):
    """``status`` is cached, ready (its inputs exist), or waiting for a step before it."""

    name: str
    kind: str
    status: str
    key: str | None
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class PossibleSteps(Estimated):
    """Steps that the step ``waits`` may need once it knows what it waits for: ``count`` at most, and what all take."""

    waits: str
    kind: str
    count: int
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class Planned(Estimated):
    steps: list[PlannedStep]
    plan_state: PlanState
    estimate: Estimate
    """Of the steps that are not cached, and of those that may come."""
    left_out: Mapping[str, LeftOut] = field(default_factory=dict)
    """The optional outputs that can't be made of this source, and why."""
    may_come: Sequence[PossibleSteps] = ()


def plan_job(platform: Platform, uid: str, source: FileSource, recipe: Recipe) -> Planned:
    """The plan for this source and recipe, and where it stands. Nothing but the probe is run.

    Raises InvalidRecipe or SourceRefused as the job itself would.
    """
    probe_source(platform, uid, source)
    plan_state = imagined_state(platform, uid, source, recipe)
    steps = steps_of(plan_state)
    may_come = may_come_of(plan_state.plan)
    remaining = still_to_take(steps, may_come)
    left_out = {name: LeftOut(**reason) for name, reason in reasons_of(plan_state.plan.left_out).items()}
    return Planned(steps, plan_state, remaining, left_out, may_come)


def steps_of(plan_state: PlanState) -> list[PlannedStep]:
    """The plan's steps, and where each stands."""
    ready = {step.id for step in plan_state.ready}
    return [
        PlannedStep(
            name=step.label,
            kind=step.kind,
            status="cached" if step.id in plan_state.artifacts else "ready" if step.id in ready else "waiting",
            key=plan_state.keys.get(step.id),
            estimate=step.estimate,
        )
        for step in plan_state.plan.steps
    ]


def may_come_of(plan: Plan) -> list[PossibleSteps]:
    """What the plan's steps may need yet."""
    return [
        PossibleSteps(step.label, possible.kind, possible.count, possible.estimate)
        for step in plan.steps
        for possible in step.may_come
    ]


def still_to_take(steps: Iterable[PlannedStep], may_come: Iterable[PossibleSteps]) -> Estimate:
    """What is not made yet takes, at most."""
    todo = [step.estimate for step in steps if step.status != "cached"]
    return sum((*todo, *(possible.estimate for possible in may_come)), Estimate(0.0))
