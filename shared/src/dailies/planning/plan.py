"""The plan: the steps that make a recipe's outputs from one source, and the keys of their artifacts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from dailies.domain.errors import DailiesError, OverBudget
from dailies.domain.media_info import MediaInfo
from dailies.domain.model import Model, digest_of
from dailies.domain.recipe import Recipe
from dailies.planning.estimates import cost_usd
from dailies.planning.operation import Deliverable, Estimate, Operation, Placement, Registry, Request

PROBE = "probe"


class NoParams(Model):
    """For a step that depends on the source alone."""


@dataclass(frozen=True)
class Step:
    """A node of the plan. ``needs`` maps roles to the ids of other steps."""

    id: str
    label: str
    operation: Operation
    params: Model
    needs: Mapping[str, str]
    estimate: Estimate

    @property
    def kind(self) -> str:
        return self.operation.kind

    @property
    def placement(self) -> Placement:
        return self.operation.placement

    @cached_property
    def fuse(self) -> str | None:
        """Ready steps of the same key share a run; None: it has one of its own."""
        return self.operation.fuse(self.params)


@dataclass(frozen=True, slots=True)
class Plan:
    """``steps`` in an order in which each comes after those it needs; ``outputs``: output name → step id."""

    steps: tuple[Step, ...]
    outputs: Mapping[str, str]

    def __getitem__(self, step_id: str) -> Step:
        return next(step for step in self.steps if step.id == step_id)


def step_key(step: Step, *, source_digest: str, toolchain: str, inputs: Mapping[str, str]) -> str:
    """The address of the step's artifact: sha256 over everything that its bytes depend on.

    ``inputs`` maps each role to the digest of that step's artifact; ``toolchain`` is the FFmpeg build, which
    counts only for steps that use it. 64 hexadecimal digits.
    """
    return digest_of(
        {
            "kind": step.kind,
            "version": step.operation.version,
            "toolchain": toolchain if step.operation.uses_ffmpeg else None,
            "params": step.params.model_dump(mode="json"),
            "source": source_digest,
            "inputs": dict(inputs),
        }
    )


def probe_plan(registry: Registry) -> Plan:
    """All that can be planned before the source was looked at."""
    probe = registry[PROBE]
    step = Step(PROBE, PROBE, probe, NoParams(), {}, Estimate(cpu_seconds=0.3))
    return Plan((step,), {})


def compile_plan(recipe: Recipe, info: MediaInfo, registry: Registry) -> Plan:
    """Compile the recipe for this source. Pure: the same arguments give the same plan.

    Raises InvalidRecipe or SourceRefused for the first output that can't be made, with its path in ``details``;
    OverBudget when all of it, run from the start, is estimated to cost more than the recipe allows.
    """
    builder = _Builder(info, registry)
    outputs: dict[str, str] = {}
    for name, output in recipe.outputs.items():
        deliverable: Deliverable = registry.for_output(output.kind)
        field = f"outputs.{name}"
        try:
            outputs[name] = builder.add(deliverable.request(field, output, info), label=name)
        except DailiesError as error:
            error.details.setdefault("field", field)
            raise
    steps = tuple(builder.steps.values())
    _check_budget(recipe, cost_usd(sum(step.estimate.cpu_seconds for step in steps)))
    return Plan(steps, outputs)


def _check_budget(recipe: Recipe, estimate: float) -> None:
    if recipe.budget_usd is not None and estimate > recipe.budget_usd:
        raise OverBudget(
            f"budget_usd: the job is estimated to cost ${estimate:.5f}, over the ${recipe.budget_usd:.5f} that it may:"
            " raise it or ask for less.",
            field="budget_usd",
            estimate_usd=round(estimate, 6),
        )


class _Builder:
    def __init__(self, info: MediaInfo, registry: Registry) -> None:
        self._info = info
        self._registry = registry
        probe = probe_plan(registry).steps[0]
        self.steps: dict[str, Step] = {probe.id: probe}
        self._labels: dict[str, int] = {}

    def add(self, request: Request, label: str | None = None) -> str:
        operation = self._registry[request.kind]
        needs = {role: self.add(needed) for role, needed in sorted(operation.needs(request.params).items())}
        identity = digest_of({"params": request.params.model_dump(mode="json"), "needs": needs})
        # The probe has no parameters, and its id is what a job has before it has a plan.
        step_id = PROBE if request.kind == PROBE else f"{request.kind}_{identity[:12]}"
        if step_id not in self.steps:
            estimate = operation.estimate(request.params, self._info)
            label = label or self._numbered(request.kind)
            self.steps[step_id] = Step(step_id, label, operation, request.params, needs, estimate)
        return step_id

    def _numbered(self, kind: str) -> str:
        self._labels[kind] = self._labels.get(kind, 0) + 1
        return kind if self._labels[kind] == 1 else f"{kind}-{self._labels[kind]}"
