"""How many workers a job can use: one for each ready step, one for all that fuse, as the settings allow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

from dailies.engine.advance import workers_for
from dailies.engine.plan_state import PlanState
from dailies.planning.operation import Estimate, Placement
from dailies.planning.plan import NoParams, Plan, Step
from tests.unit.conftest import World


@dataclass
class Ready:
    """An operation that only says what it fuses with."""

    fused: str | None = None
    placement: Placement = Placement.MEDIA
    kind: ClassVar[str] = "any"

    def fuse(self, params: object) -> str | None:
        return self.fused


def survey_of(*operations: Any) -> PlanState:
    steps = tuple(
        Step(str(number), "", operation, NoParams(), {}, Estimate(cpu_seconds=1))
        for number, operation in enumerate(operations)
    )
    return PlanState(Plan(steps, {}), None, {}, {}, steps)


CHUNK, AUDIO, LIGHT = Ready(), Ready("render"), Ready(placement=Placement.LIGHT)


@pytest.mark.parametrize(
    ("ready", "allowed", "workers"),
    [
        ([CHUNK] * 5, 4, 4),
        ([CHUNK] * 2, 4, 2),
        ([CHUNK] * 5, None, 1),
        ([AUDIO, AUDIO, CHUNK], 4, 2),
        ([LIGHT, LIGHT, CHUNK], 4, 1),
        ([], 4, 1),
    ],
)
def test_workers_for_what_is_ready(world: World, ready: list[Ready], allowed: int | None, workers: int) -> None:
    """Light steps need no worker; at least one is started, as somebody must look."""
    assert workers_for(world.with_settings(workers=allowed), survey_of(*ready)) == workers
