"""Plans whose steps depend on what other steps make: told as far as known, and the same whatever came first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

import pytest
from hypothesis import given, strategies as st

from dailies.domain.errors import OverBudget, SourceRefused
from dailies.domain.model import Model
from dailies.domain.recipe.recipe import Recipe
from dailies.domain.source.media_info import MediaInfo
from dailies.operations.deliverables.audio import AudioOutput
from dailies.planning.compiler import compile_plan
from dailies.planning.estimates import cost_usd
from dailies.planning.operation import (
    Artifact,
    Estimate,
    Known,
    MayCome,
    Needs,
    Placement,
    Produced,
    Registry,
    Request,
    StepRun,
    Unfolding,
)
from dailies.planning.plan import Plan, step_key
from tests.unit.planning.test_plan import INFO, Fake


class Tree(Model):
    """What a step needs: all its ``children``, or as many of them as the step ``count`` of its name will say."""

    name: str
    children: tuple[Tree, ...] = ()
    counted: bool = False


class Name(Model):
    name: str


def said(name: str, of: int) -> int:
    """What the step that counts will say."""
    return sum(name.encode()) % (of + 1)


class Count(Fake):
    """Says a number, by its name alone."""


class Build(Fake):
    """Needs some of its children."""

    output: ClassVar[type[AudioOutput]] = AudioOutput

    def __init__(self, trees: Mapping[str, Tree]) -> None:
        super().__init__("audio")
        self.trees = trees

    def request(self, field: str, output: AudioOutput, info: MediaInfo) -> Request:
        return Request("audio", self.trees[field.rpartition(".")[2]])

    def file_name(self, name: str, output: Any) -> str:
        return name

    def needs(self, params: Tree, known: Known) -> Needs:
        if not params.counted:
            return {f"child{n}": Request("audio", child) for n, child in enumerate(params.children)}
        counted = known(Request("count", Name(name=params.name)))
        if counted is None:
            return Unfolding({})
        taken = params.children[: said(params.name, len(params.children))]
        if taken and taken[0].name == "refused":
            raise SourceRefused("nothing of that is there")
        return {f"child{n}": Request("audio", child) for n, child in enumerate(taken)}

    def estimate(self, params: Tree, info: MediaInfo) -> Estimate:
        return Estimate(cpu_seconds=1)

    def may_come(self, params: Tree, info: MediaInfo, known: Known) -> tuple[MayCome, ...]:
        most = sum(size(child) for child in params.children)
        return (MayCome("audio", most, Estimate(most * 10)),) if most else ()


def size(tree: Tree) -> int:
    return 1 + tree.counted + sum(map(size, tree.children))


names = st.sampled_from(["a", "b", "c", "d"])
trees: st.SearchStrategy[Tree] = st.recursive(
    st.builds(Tree, name=names),
    lambda inner: st.builds(
        Tree, name=names, children=st.lists(inner, max_size=3).map(tuple), counted=st.booleans()
    ),
    max_leaves=8,
)  # fmt: skip
wishes = st.dictionaries(st.sampled_from(["one", "two", "three"]), trees, min_size=1)


def recipe_of(wish: Mapping[str, Tree], **fields: Any) -> Recipe:
    return Recipe(outputs={name: AudioOutput(format="mp3", **fields) for name in wish})


def registry_of(wish: Mapping[str, Tree]) -> Registry:
    fakes: list[Any] = [Fake("probe"), Count("count"), Build(wish)]
    return Registry({fake.kind: fake for fake in fakes}.__getitem__)


@dataclass
class Planner:
    """One wish's, by the same operations each time: plans are then equal when they are."""

    wish: Mapping[str, Tree]

    def __post_init__(self) -> None:
        self.registry = registry_of(self.wish)

    def plan(self, made: Mapping[str, Artifact] | None = None) -> Plan:
        return compile_plan(recipe_of(self.wish), INFO, self.registry, made or {})

    def run(self, choose: Callable[[list[str]], str]) -> tuple[list[Plan], dict[str, Artifact]]:
        """All plans on the way, where ``choose`` picks one of the ready steps each time, and what was made."""
        made: dict[str, Artifact] = {}
        plans = [self.plan()]
        while free := ready(plans[-1], made):
            chosen = choose(free)
            made[chosen] = completed(plans[-1], chosen, made)
            plans.append(self.plan(made))
        return plans, made


def ready(plan: Plan, made: Mapping[str, Artifact]) -> list[str]:
    return [
        step.id
        for step in plan.steps
        if step.id not in made and not step.waits_for and all(need in made for need in step.needs.values())
    ]


def completed(plan: Plan, step_id: str, made: Mapping[str, Artifact]) -> Artifact:
    """What the step makes: its digest is of what it rests on, as its key is."""
    step = plan[step_id]
    inputs = {role: made[need].digest for role, need in step.needs.items()}
    key = step_key(step, source_digest="s", toolchain="t", inputs=inputs)
    return Artifact(key, f"digest of {key}", step.kind, {"said": True}, {})


@given(wishes, st.data())
def test_any_order_of_completion_gives_the_same_plan(wish: dict[str, Tree], data: st.DataObject) -> None:
    """The same steps, labels and keys; what had come before stays, and what was known from the start keeps its name.

    One that two steps unfold to is named after the first of them in the recipe, as soon as that knows of it.
    """
    planner = Planner(wish)
    plans, made = planner.run(lambda free: data.draw(st.sampled_from(free)))
    in_order, made_in_order = planner.run(lambda free: free[0])
    assert plans[-1] == in_order[-1]
    assert made == made_in_order
    assert not plans[-1].waits_for
    assert {step.id for step in plans[-1].steps} == set(made)
    for before, after in pairwise(plans):
        assert before.outputs == after.outputs
        labels = {step.id: step.label for step in after.steps}
        assert {step.id for step in before.steps} <= labels.keys()
        assert {step.id: step.label for step in plans[0].steps}.items() <= labels.items()
        assert len(set(labels.values())) == len(labels)


@given(wishes, st.data())
def test_a_plan_that_unfolds_takes_no_more_than_it_said(wish: dict[str, Tree], data: st.DataObject) -> None:
    """Budgets and progress rest on it."""
    plans, _ = Planner(wish).run(lambda free: data.draw(st.sampled_from(free)))
    assert all(before.estimate.cpu_seconds >= after.estimate.cpu_seconds for before, after in pairwise(plans))


@given(wishes)
def test_a_plan_is_made_from_the_artifacts_and_nothing_before(wish: dict[str, Tree]) -> None:
    """A worker that comes late, or the queue, has the plan that those have who saw it unfold."""
    planner = Planner(wish)
    plans, made = planner.run(lambda free: free[-1])
    assert planner.plan(dict(reversed(made.items()))) == plans[-1]


FAN = {"film": Tree(name="c", counted=True, children=(Tree(name="x"), Tree(name="y"), Tree(name="z")))}


def counted_in(plan: Plan) -> str:
    return next(step.id for step in plan.steps if step.kind == "count")


def test_a_step_that_waits_is_in_the_plan_with_its_bound() -> None:
    """What it waits for is a step of the plan, too, and it keeps its id and its name when it knows."""
    plan = Planner(FAN).plan()
    film = plan[plan.outputs["film"]]
    assert [(step.kind, step.label) for step in plan.steps] == [
        ("probe", "probe"),
        ("count", "count"),
        ("audio", "film"),
    ]
    assert film.waits_for == film.rests_on == {counted_in(plan)}
    assert [(possible.kind, possible.count) for possible in film.may_come] == [("audio", 3)]
    after = Planner(FAN).plan({counted_in(plan): Artifact("k", "d", "count", {}, {})})
    film = after[plan.outputs["film"]]
    assert [step.label for step in after.steps] == [
        "probe",
        "count",
        "film-audio",
        "film-audio-2",
        "film-audio-3",
        "film",
    ]
    assert (film.waits_for, film.may_come, len(film.needs)) == (frozenset(), (), 3)


def test_a_budget_counts_what_may_come() -> None:
    """A job must not find out half-way that it costs more than it may."""
    wish, bound = registry_of(FAN), Planner(FAN).plan().estimate.cpu_seconds
    compile_plan(recipe_of(FAN).model_copy(update={"budget_usd": cost_usd(bound) * 1.01}), INFO, wish)
    with pytest.raises(OverBudget):
        compile_plan(recipe_of(FAN).model_copy(update={"budget_usd": cost_usd(bound) * 0.99}), INFO, wish)


def test_what_a_step_finds_out_may_refuse_its_output() -> None:
    """An optional one is left out with the reason, and none of its steps stays in the plan."""
    wish = {"film": Tree(name="c", counted=True, children=(Tree(name="refused"),) * 3), "other": Tree(name="a")}
    recipe = recipe_of(wish, optional=True)
    plan = compile_plan(recipe, INFO, registry_of(wish))
    made = {counted_in(plan): Artifact("k", "d", "count", {}, {})}
    assert compile_plan(recipe, INFO, registry_of(wish), made).left_out["film"]["message"] == "nothing of that is there"
    with pytest.raises(SourceRefused, match="nothing of that"):
        compile_plan(recipe_of(wish), INFO, registry_of(wish), made)


def test_an_output_that_waits_goes_with_what_it_waits_for() -> None:
    """What it asked for has failed for good: it is as if a need had."""
    wish = {**FAN, "other": Tree(name="a")}
    plan = compile_plan(recipe_of(wish, optional=True), INFO, registry_of(wish))
    refused = {"class": "PermanentError", "code": "gone", "message": "gone", "details": {}}
    left = plan.without({counted_in(plan): refused})
    assert (set(left.outputs), set(left.left_out)) == ({"other"}, {"film"})
    assert not left.waits_for


class Careless(Fake):
    """Asks for what it then doesn't wait for."""

    placement: ClassVar[Placement] = Placement.MEDIA
    output: ClassVar[type[AudioOutput]] = AudioOutput

    def request(self, field: str, output: AudioOutput, info: MediaInfo) -> Request:
        return Request("audio", Name(name="careless"))

    def needs(self, params: Any, known: Known) -> Needs:
        known(Request("count", Name(name="a")))
        return {}

    def run(self, batch: Sequence[StepRun]) -> Iterator[tuple[StepRun, Produced]]:
        raise AssertionError("the planner runs nothing")


def test_whoever_asks_has_to_wait() -> None:
    """Else the plan would depend on what was there by chance."""
    fakes: list[Any] = [Fake("probe"), Count("count"), Careless("audio")]
    registry = Registry({fake.kind: fake for fake in fakes}.__getitem__)
    with pytest.raises(ValueError, match="waits if"):
        compile_plan(recipe_of(FAN), INFO, registry)
