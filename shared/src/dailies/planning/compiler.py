"""Compiles a recipe to a plan, as far as it can be told; once more when an artifact has come that a step waits for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, cast

from dailies.domain.errors import DailiesError, OverBudget, record_of
from dailies.domain.model import Model, digest_of
from dailies.domain.recipe.recipe import Recipe
from dailies.domain.source.media_info import MediaInfo
from dailies.planning.estimates import usd_of
from dailies.planning.operation import Artifact, Estimate, FileOf, Needs, Registry, Request, Unfolding, Unfolds
from dailies.planning.plan import PROBE, NoParams, Plan, Record, Step, StepFile, check_something_is_left, reads_source
from dailies.planning.wishes import Wishes, dispensable

#: Artifacts by the ids of their steps.
Made = Mapping[str, Artifact]
_NOTHING: Made = {}


def probe_plan(registry: Registry) -> Plan:
    """All that can be planned before the source was looked at."""
    probe = registry[PROBE]
    step = Step(PROBE, PROBE, probe, NoParams(), {}, Estimate(cpu_seconds=0.3))
    return Plan((step,), {})


def compile_plan(recipe: Recipe, info: MediaInfo, registry: Registry, made: Made = _NOTHING) -> Plan:
    """Compile the recipe for this source. Pure: the same arguments give the same plan.

    ``made`` are artifacts of steps that a plan compiled before waits for: with them it unfolds. What it had keeps its
    ids, and its label if it was known from the start, whatever came first.

    Raises InvalidRecipe or SourceRefused for the first output that can't be made and is not optional, with its path
    in ``details``, and where no output can be made; OverBudget when all of it, run from the start, is estimated to
    cost more than the recipe allows.
    """
    plan = _compiled(recipe, _Builder(info, registry, _NOTHING, {}))
    if made and plan.waits_for:
        labels = {step.id: step.label for step in plan.steps}
        plan = _compiled(recipe, _Builder(info, registry, made, labels))
    check_something_is_left(plan.outputs, plan.left_out)
    _check_budget(recipe, plan.estimate)
    return plan


def _compiled(recipe: Recipe, builder: _Builder) -> Plan:
    wishes = Wishes(recipe, builder.info, builder.registry)
    outputs: dict[str, str] = {}
    left_out: dict[str, Record] = {}
    for name, output in recipe.outputs.items():
        path = f"outputs.{name}"
        before = dict(builder.steps)
        try:
            outputs[name] = builder.add(wishes.request(name), label=name)
        except DailiesError as error:
            error.details.setdefault("field", path)
            if not dispensable(output, error):
                raise
            left_out[name] = record_of(error)
            builder.steps = before
    optional = frozenset(name for name, output in recipe.outputs.items() if output.optional)
    return Plan(tuple(builder.steps.values()), outputs, optional, left_out)


def _check_budget(recipe: Recipe, most: Estimate) -> None:
    usd = usd_of(most)
    if recipe.budget_usd is not None and usd > recipe.budget_usd:
        others = f", ${most.external_usd:.5f} of it charged by others" if most.external_usd else ""
        raise OverBudget(
            f"budget_usd: the job is estimated to cost ${usd:.5f}{others}, over the ${recipe.budget_usd:.5f} that it"
            " may: raise it or ask for less.",
            field="budget_usd",
            estimate_usd=round(usd, 6),
            external_usd=round(most.external_usd, 6),
        )


class _Builder:
    """Adds steps to a plan. ``labels``: of the steps that the plan had before it unfolded, by their ids."""

    def __init__(self, info: MediaInfo, registry: Registry, made: Made, labels: Mapping[str, str]) -> None:
        self.info = info
        self.registry = registry
        self._made = made
        self._labels = labels
        probe = probe_plan(registry).steps[0]
        self.steps: dict[str, Step] = {probe.id: probe}
        self._counts = {PROBE: 1}

    def add(self, request: Request, label: str | None = None, under: str = "", source: StepFile | None = None) -> str:
        """The id of the step for ``request``.

        ``under``: the label of the step that unfolded to need it; ``source``: what that reads in place of the job's.
        """
        operation = self.registry[request.kind]
        if isinstance(request.source, FileOf):
            source = StepFile(self.add(request.source.request, under=under, source=source), request.source.role)
        elif request.source == "job":
            source = None
        reads = source if isinstance(request.source, FileOf) or reads_source(operation) else None
        context = _Context(under, source)
        asking = _Asking(self, _NOTHING, context)
        so_far = operation.needs(request.params, asking)
        needs = self._needed(so_far, asking, context)
        identity: dict[str, Any] = {"params": request.params.model_dump(mode="json"), "needs": needs}
        if asking.asked:
            # What it unfolds to is decided by what it asked for: that is the same step before and after.
            identity["asked"] = sorted(asking.asked)
        if reads is not None:
            identity["source"] = [reads.step_id, reads.role]
        # The probe has no parameters, and its id is what a job has before it has a plan.
        probes_job = request.kind == PROBE and reads is None
        step_id = PROBE if probes_job else f"{request.kind}_{digest_of(identity)[:12]}"
        if step_id in self.steps:
            return step_id
        own = f"{under}-{request.kind}" if under else request.kind
        label = self._labels.get(step_id) or label or self._numbered(own)
        if asking.asked & self._made.keys():
            context = _Context(label, source)
            asking = _Asking(self, self._made, context)
            so_far = operation.needs(request.params, asking)
            needs = self._needed(so_far, asking, context)
        info = self._info_of(source)
        self.steps[step_id] = Step(
            step_id,
            label,
            operation,
            request.params,
            needs,
            operation.estimate(request.params, info),
            frozenset(asking.asked),
            frozenset(asking.missing),
            cast("Unfolds", operation).may_come(request.params, info, asking) if asking.missing else (),
            reads,
            frozenset(role for role, needed in _known(so_far).items() if needed.spared),
        )
        return step_id

    def _info_of(self, source: StepFile | None) -> MediaInfo:
        """What is known of a source before it is there: all of the job's, little of another step's file."""
        if source is None:
            return self.info
        step = self.steps[source.step_id]
        info = self._info_of(step.source)
        made_info: Callable[[Model, MediaInfo], MediaInfo] | None = getattr(step.operation, "made_info", None)
        return info if made_info is None else made_info(step.params, info)

    def _needed(self, needs: Needs, asking: _Asking, context: _Context) -> dict[str, str]:
        if isinstance(needs, Unfolding) != bool(asking.missing):
            raise ValueError("a step waits if, and only if, it asked for what is not there yet")
        return {role: self.add(needed, None, *context) for role, needed in sorted(_known(needs).items())}

    def _numbered(self, name: str) -> str:
        self._counts[name] = self._counts.get(name, 0) + 1
        return name if self._counts[name] == 1 else f"{name}-{self._counts[name]}"


def _known(needs: Needs) -> Mapping[str, Request]:
    """What a step is known to need, be it all or not."""
    return needs.needs if isinstance(needs, Unfolding) else needs


class _Context(NamedTuple):
    """What the steps that a step needs take over from it."""

    under: str
    source: StepFile | None


class _Asking:
    """The ``Known`` of one question, which remembers what was asked for."""

    def __init__(self, builder: _Builder, made: Made, context: _Context) -> None:
        self._builder = builder
        self._made = made
        self._context = context
        self.asked: set[str] = set()
        self.missing: set[str] = set()

    def __call__(self, request: Request) -> Mapping[str, Any] | None:
        step_id = self._builder.add(request, None, *self._context)
        self.asked.add(step_id)
        if step_id in self._made:
            return self._made[step_id].data
        self.missing.add(step_id)
        return None
