"""What a job promises as a whole: each kind of output says it of itself, and the engine knows none of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import dailies.engine
from dailies.domain.job.result import Check
from dailies.domain.recipe.recipe import parse_recipe
from dailies.domain.source.media_info import MediaInfo
from dailies.operations import KINDS
from dailies.operations.deliverables.video import VideoOperation
from dailies.planning.operation import Operation, Registry
from dailies.settings import read_settings
from tests.unit.conftest import INFO, FakeAudio, FakeMeasure, FakeProbe, World

EDIT = {"kind": "video", "segments": [{"start": 0, "end": 2}]}


class PromisingAudio(FakeAudio):
    def job_checks(self, output: Any, info: MediaInfo, seconds: float) -> tuple[Check, ...]:
        check = Check(name="odd", expected=f"{info.duration_seconds} s", measured=output.format, passed=seconds >= 0)
        return (check,)


def test_a_result_has_what_its_outputs_kinds_promise_once(world: World) -> None:
    kinds: list[Operation] = [FakeProbe(world.ledger), FakeMeasure(world.ledger), PromisingAudio(world.ledger)]
    registry = Registry({operation.kind: operation for operation in kinds}.__getitem__)
    world.platform = replace(world.platform, registry=registry)
    ended = world.finish(world.new_job(a=1, b=2))
    assert ended.result is not None
    assert [(check["name"], check["measured"]) for check in ended.result["checks"]] == [("odd", "mp3")]


def test_a_kind_that_promises_nothing_is_asked_nothing(world: World) -> None:
    ended = world.finish(world.new_job(a=1))
    assert ended.result is not None
    assert ended.result["checks"] == []


@pytest.mark.parametrize(
    ("wish", "seconds", "said"),
    [
        (EDIT, 11.9, [("≤ 1.2 × source (12.0 s)", "11.9 s", True)]),
        (EDIT, 12.1, [("≤ 1.2 × source (12.0 s)", "12.1 s", False)]),
        ({"kind": "video"}, 100.0, []),
    ],
)
def test_an_edit_promises_its_time(wish: dict[str, Any], seconds: float, said: list[tuple[str, str, bool]]) -> None:
    from dailies.media.toolbox import Toolbox

    output: Any = parse_recipe({"outputs": {"a": wish}}, KINDS).outputs["a"]
    checks = VideoOperation(Toolbox(read_settings({}))).job_checks(output, INFO, seconds)
    assert [(check.expected, check.measured, check.passed) for check in checks] == said
    assert all(check.advisory and check.name == "time" for check in checks)
    without = INFO.model_copy(update={"duration_seconds": None})
    assert VideoOperation(Toolbox(read_settings({}))).job_checks(output, without, seconds) == ()


def test_the_engine_names_no_kind() -> None:
    """Nor looks for a field of one: what it carries it asks the operation for."""
    fields = {field for operation in KINDS.values() for field in operation.output.model_fields}
    engine = Path(*dailies.engine.__path__)
    named = [(path.name, word) for path in sorted(engine.rglob("*.py")) for word in _named_in(path, fields)]
    assert named == []


def _named_in(path: Path, fields: set[str]) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "getattr":
            yield from (word.value for word in node.args if isinstance(word, ast.Constant) and word.value in fields)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in KINDS.own:
            yield node.value
