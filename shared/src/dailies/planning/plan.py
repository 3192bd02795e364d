"""The plan: the steps that make a recipe's outputs from one source, and the keys of their artifacts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from dailies.domain.errors import DailiesError, OverBudget, PermanentError, record_of, restore
from dailies.domain.model import Model, digest_of
from dailies.domain.recipe.recipe import Recipe
from dailies.domain.source.media_info import MediaInfo
from dailies.planning.estimates import cost_usd
from dailies.planning.operation import Estimate, Operation, Placement, Registry, Request

PROBE = "probe"


class NoParams(Model):
    """For a step that depends on the source alone."""


def kind_of(step_id: str) -> str:
    """The kind of the step whose id it is."""
    return step_id.partition("_")[0]


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


#: An error in its stored form (``record_of``).
Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """``steps`` in an order in which each comes after those it needs; ``outputs``: output name → step id.

    ``optional`` are the outputs that the job may do without, ``left_out`` those that it does without, and why.
    """

    steps: tuple[Step, ...]
    outputs: Mapping[str, str]
    optional: frozenset[str] = frozenset()
    left_out: Mapping[str, Record] = field(default_factory=dict)

    def __getitem__(self, step_id: str) -> Step:
        return next(step for step in self.steps if step.id == step_id)

    def without(self, refused: Mapping[str, Record]) -> Plan:
        """The plan without the outputs that need one of the steps ``refused``: step id → the error it met.

        Raises that error for the probe, without which there is no plan, and for an output that is not optional; where
        nothing is left, one with all reasons.
        """
        if PROBE in refused:
            raise restore(refused[PROBE])
        left_out = dict(self.left_out)
        for name, step_id in self.outputs.items():
            met = [refused[needed] for needed in self._needed([step_id]) if needed in refused]
            if met and name not in self.optional:
                raise restore(met[0])
            if met:
                left_out[name] = met[0]
        outputs = {name: step_id for name, step_id in self.outputs.items() if name not in left_out}
        if len(outputs) == len(self.outputs):
            return self
        _check_something_is_left(outputs, left_out)
        kept = {PROBE, *self._needed(outputs.values())}
        steps = tuple(step for step in self.steps if step.id in kept)
        return replace(self, steps=steps, outputs=outputs, left_out=left_out)

    def _needed(self, wanted: Iterable[str]) -> list[str]:
        """The ids of the steps ``wanted`` and of all that they rest on, in the plan's order."""
        needed = set(wanted)
        for step in reversed(self.steps):
            if step.id in needed:
                needed.update(step.needs.values())
        return [step.id for step in self.steps if step.id in needed]


def _check_something_is_left(outputs: Mapping[str, str], left_out: Mapping[str, Record]) -> None:
    """Raise what the outputs met, where none is left: of one its own error, of several one with all reasons."""
    if outputs:
        return
    if len(left_out) == 1:
        raise restore(next(iter(left_out.values())))
    said = "; ".join(f"{name}: {record['message'].rstrip('.')}" for name, record in left_out.items())
    message, reasons = f"None of the outputs can be made of this source. {said}.", reasons_of(left_out)
    alike = {(record["class"], record["code"]) for record in left_out.values()}
    if len(alike) == 1:
        [(kind, code)] = alike
        raise restore({"class": kind, "code": code, "message": message, "details": {"left_out": reasons}})
    raise PermanentError(message, code="nothing_possible", left_out=reasons)


def reasons_of(left_out: Mapping[str, Record]) -> dict[str, dict[str, str]]:
    """The public form of what was left out: code and message by output name."""
    return {name: {"code": record["code"], "message": record["message"]} for name, record in left_out.items()}


def step_key(step: Step, *, source_digest: str, toolchain: str, inputs: Mapping[str, str]) -> str:
    """The address of the step's artifact: sha256 over everything that its bytes depend on.

    ``inputs`` maps each role to the digest of that step's artifact; ``toolchain`` is the FFmpeg build, which
    counts only for steps that use it, as the source does for media steps. 64 hexadecimal digits.
    """
    return digest_of(
        {
            "kind": step.kind,
            "version": step.operation.version,
            "toolchain": toolchain if step.operation.uses_ffmpeg else None,
            "params": step.params.model_dump(mode="json"),
            "source": source_digest if step.placement is Placement.MEDIA else None,
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

    Raises InvalidRecipe or SourceRefused for the first output that can't be made and is not optional, with its path
    in ``details``, and where no output can be made; OverBudget when all of it, run from the start, is estimated to
    cost more than the recipe allows.
    """
    builder = _Builder(info, registry)
    outputs: dict[str, str] = {}
    left_out: dict[str, Record] = {}
    for name, output in recipe.outputs.items():
        path = f"outputs.{name}"
        try:
            deliverable, wish = registry.for_output(output)
            outputs[name] = builder.add(deliverable.request(path, wish, info), label=name)
        except DailiesError as error:
            error.details.setdefault("field", path)
            if not (output.optional and isinstance(error, PermanentError) and error.of_output):
                raise
            left_out[name] = record_of(error)
    _check_something_is_left(outputs, left_out)
    steps = tuple(builder.steps.values())
    _check_budget(recipe, cost_usd(sum(step.estimate.cpu_seconds for step in steps)))
    optional = frozenset(name for name, output in recipe.outputs.items() if output.optional)
    return Plan(steps, outputs, optional, left_out)


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
