"""Where a job stands: its plan, which artifacts exist, which steps are ready."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dailies.domain.job.job import Job
from dailies.domain.source.media_info import MediaInfo
from dailies.engine.store.artifacts import Artifacts
from dailies.planning.compiler import compile_plan, probe_plan
from dailies.planning.operation import Artifact, Placement, Registry
from dailies.planning.plan import PROBE, Plan, Record, Step, step_key


@dataclass(frozen=True, slots=True)
class PlanState:
    """``keys`` has the steps whose inputs are all done; ``ready`` those of them without an artifact.

    ``info`` is None until the source was probed; the plan is then the probe alone.
    """

    plan: Plan
    info: MediaInfo | None
    keys: Mapping[str, str]
    artifacts: Mapping[str, Artifact]
    ready: tuple[Step, ...]

    @property
    def complete(self) -> bool:
        return self.info is not None and all(step in self.artifacts for step in self.plan.outputs.values())

    @property
    def shares(self) -> int:
        """How many workers the ready media steps occupy: those that fuse are one worker's."""
        fuses = [step.fuse for step in self.ready if step.placement is Placement.MEDIA]
        return fuses.count(None) + len(set(fuses) - {None})

    def in_order(self) -> list[Step]:
        """``ready`` in the plan's order, but first what keeps a step from sharing the run of one of them: they share
        its decode only when both are ready.
        """
        shared = {step.fuse for step in self.ready} - {None}
        awaited: set[str] = set()
        for step in reversed(self.plan.steps):
            waits = step.id not in self.keys and step.fuse in shared
            if step.id not in self.artifacts and (step.id in awaited or waits):
                awaited.update(step.rests_on)
        return sorted(self.ready, key=lambda step: step.id not in awaited)


def plan_state_of(
    job: Job,
    artifacts: Artifacts,
    registry: Registry,
    toolchain: str,
    before: PlanState | None = None,
    refused: Mapping[str, Record] | None = None,
) -> PlanState:
    """Look up what exists and what can run next, and unfold the plan as far as that tells. Reads only.

    ``before``: of the same job, whose plan then holds; ``refused``: the steps that failed for good, which the plan does
    without where it may.

    Raises InvalidRecipe or SourceRefused when the probed source can't give what the recipe asks, and what a step
    met that the job can't do without.
    """
    looked = source_state_of(job, artifacts, registry, toolchain)
    if PROBE not in looked.artifacts:
        return looked
    info = MediaInfo.model_validate(looked.artifacts[PROBE].data)
    known = before.plan if before is not None and before.info == info else None
    plan = known or compile_plan(job.recipe, info, registry)
    while True:
        plan_state = _walk(plan.without(refused or {}), info, job, artifacts, toolchain)
        if not plan_state.plan.waits_for & plan_state.artifacts.keys():
            return plan_state
        # What it waited for is there, and tells of further steps, which may wait in their turn.
        plan = compile_plan(job.recipe, info, registry, plan_state.artifacts)


def source_state_of(job: Job, artifacts: Artifacts, registry: Registry, toolchain: str) -> PlanState:
    """Look up the probe alone, whatever the job is to make of its source. Reads only."""
    return _walk(probe_plan(registry), None, job, artifacts, toolchain)


def _walk(plan: Plan, info: MediaInfo | None, job: Job, artifacts: Artifacts, toolchain: str) -> PlanState:
    keys: dict[str, str] = {}
    found: dict[str, Artifact] = {}
    for step in plan.steps:
        if step.waits_for or not step.rests_on <= found.keys():
            continue
        keys[step.id] = step_key(
            step,
            source_digest=_source_digest(step, job, found),
            toolchain=toolchain,
            inputs={role: found[needed].digest for role, needed in step.needs.items()},
        )
        artifact = artifacts.load(keys[step.id])
        if artifact is not None:
            found[step.id] = artifact
    ready = tuple(step for step in plan.steps if step.id in keys and step.id not in found)
    return PlanState(plan, info, keys, found, ready)


def _source_digest(step: Step, job: Job, found: Mapping[str, Artifact]) -> str:
    """Of what the step reads: the job's source, or the file of another step, which is there."""
    if step.source is None:
        return job.source.digest
    return f"sha256:{found[step.source.step_id].files[step.source.role].sha256}"
