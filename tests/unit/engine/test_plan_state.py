"""In which order the steps that are ready are run."""

from __future__ import annotations

from typing import Any

import pytest

from dailies.engine.plan_state import PlanState
from dailies.planning.operation import Artifact, Estimate
from dailies.planning.plan import NoParams, Plan, Step
from tests.unit.engine.test_shares import Ready


def step(words: str) -> Step:
    """``name fuse: needs``, of which the last two may be missing."""
    head, _, needs = words.partition(":")
    name, _, fuse = head.strip().partition(" ")
    roles = {needed: needed for needed in needs.split()}
    operation: Any = Ready(fuse or None)
    return Step(name, "", operation, NoParams(), roles, Estimate(cpu_seconds=1))


@pytest.mark.parametrize(
    ("steps", "done", "ready"),
    [
        (["level", "a render: level", "level-2", "b render: level-2", "poster"], ["level"], ["level-2", "a", "poster"]),
        (["a render", "measure", "level: measure", "b render: level"], [], ["measure", "a"]),
        (["a render", "measure", "level: measure", "b other: level"], [], ["a", "measure"]),
        (["a render", "level", "b render: level"], ["level"], ["a", "b"]),
        (["poster", "chunk-0", "chunk-1", "film: chunk-0 chunk-1"], [], ["poster", "chunk-0", "chunk-1"]),
    ],
    ids=["its level first", "what that needs, too", "another run", "both ready", "nothing to share"],
)
def test_what_a_shared_run_waits_for_comes_first(steps: list[str], done: list[str], ready: list[str]) -> None:
    """Else the first output would decode the source alone, and the second once more."""
    plan = Plan(tuple(map(step, steps)), {})
    found = {name: Artifact("", "", "any", {}, {}) for name in done}
    keys = {each.id: "key" for each in plan.steps if found.keys() >= set(each.needs.values())}
    free = tuple(each for each in plan.steps if each.id in keys and each.id not in found)
    assert [each.id for each in PlanState(plan, None, keys, found, free).in_order()] == ready
