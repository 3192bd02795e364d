"""Where a job stands: its plan, which artifacts exist, which steps are ready."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dailies.domain.errors import PermanentError, record_of
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

    def may_need(self, step_id: str) -> bool:
        """Whether a step is still to be made, or may yet turn out to be one of the plan."""
        known = self.plan.waits_for or any(step.id == step_id for step in self.plan.steps)
        return bool(known) and step_id not in self.artifacts

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
    *,
    around: str | None = None,
) -> PlanState:
    """Look up what exists and what can run next, and unfold the plan as far as that tells. Reads only.

    ``before``: of the same job, whose plan then holds; ``refused``: the steps that failed for good, which the plan does
    without where it may. ``around``: the id of a step; then only that one is looked up, with what it rests on, and what
    rests on it up to the first thing that is missing: of a hundred steps beside each other, each costs few reads.

    Raises InvalidRecipe or SourceRefused when the probed source can't give what the recipe asks, and what a step
    met that the job can't do without.
    """
    looked = source_state_of(job, artifacts, registry, toolchain)
    if PROBE not in looked.artifacts:
        return looked
    info = MediaInfo.model_validate(looked.artifacts[PROBE].data)
    known = before.plan if before is not None and before.info == info else None
    plan = known or compile_plan(job.recipe, info, registry)
    # Of all rounds: what a step asked for it need not need, as an answer that another one takes the place of.
    made: dict[str, Artifact] = {}
    while True:
        spared = plan.without({**(refused or {}), **_went_without(job, plan)})
        plan_state = _Look(spared, job, artifacts, toolchain).state(info, around)
        if not plan_state.plan.waits_for & plan_state.artifacts.keys():
            return plan_state
        # What it waited for is there, and tells of further steps, which may wait in their turn.
        made.update(plan_state.artifacts)
        plan = compile_plan(job.recipe, info, registry, made)


def _went_without(job: Job, plan: Plan) -> dict[str, Record]:
    """The steps of the outputs that an ended job left out: what it made, it made without them."""
    left_out = (job.result or {}).get("left_out", {})
    return {
        step_id: record_of(PermanentError(left_out[name]["message"], code=left_out[name]["code"]))
        for name, step_id in plan.outputs.items()
        if name in left_out
    }


def source_state_of(job: Job, artifacts: Artifacts, registry: Registry, toolchain: str) -> PlanState:
    """Look up the probe alone, whatever the job is to make of its source. Reads only."""
    return _Look(probe_plan(registry), job, artifacts, toolchain).state(None)


class _Look:
    """Looks up the artifacts of a plan's steps, each when it is asked for."""

    def __init__(self, plan: Plan, job: Job, artifacts: Artifacts, toolchain: str) -> None:
        self._plan = plan
        self._job = job
        self._artifacts = artifacts
        self._toolchain = toolchain
        self._places = {step.id: place for place, step in enumerate(plan.steps)}
        self._keys: dict[str, str] = {}
        self._found: dict[str, Artifact] = {}
        self._missing: set[str] = set()

    def state(self, info: MediaInfo | None, around: str | None = None) -> PlanState:
        """Of all steps, or of those ``around`` one."""
        plan = self._plan
        beside = () if around is None else [step.id for step in plan.steps if around in step.rests_on]
        asked = self._places if around is None else [*plan.waits_for, around, *beside, *plan.outputs.values()]
        for step_id in asked:
            self._finds(step_id)
        ready = tuple(step for step in plan.steps if step.id in self._keys and step.id not in self._found)
        return PlanState(plan, info, self._keys, self._found, ready)

    def _finds(self, step_id: str) -> bool:
        """Whether the step's artifact is there: not looked for where something that it rests on is missing."""
        if step_id in self._found or step_id in self._missing or step_id not in self._places:
            return step_id in self._found
        step = self._plan.steps[self._places[step_id]]
        # The last first: steps beside each other are made in about the plan's order.
        rests_on = sorted(step.rests_on, key=self._places.__getitem__, reverse=True)
        artifact = None
        if not step.waits_for and all(map(self._finds, rests_on)):
            self._keys[step_id] = self._key(step)
            artifact = self._artifacts.load(self._keys[step_id])
        if artifact is None:
            self._missing.add(step_id)
        else:
            self._found[step_id] = artifact
        return artifact is not None

    def _key(self, step: Step) -> str:
        digest = self._job.source.digest
        if step.source is not None:
            digest = f"sha256:{self._found[step.source.step_id].files[step.source.role].sha256}"
        inputs = {role: self._found[needed].digest for role, needed in step.needs.items()}
        return step_key(step, source_digest=digest, toolchain=self._toolchain, inputs=inputs)
