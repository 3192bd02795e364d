"""The progress document: what a user's screen listens to."""

from __future__ import annotations

from typing import Any

import pytest

from dailies.cli.documents import OperationDocument
from dailies.engine.advance import advance
from dailies.engine.store.progress import ProgressBoard, operation_path
from tests.unit.conftest import UID, World


@pytest.fixture
def boards(world: World) -> tuple[str, list[ProgressBoard]]:
    """The path of a job's progress, and what three of its workers have."""
    job = world.new_job()
    advance(world.platform, job.id)
    platform = world.with_settings(progress_interval_seconds=1.0)
    return operation_path(UID, job.id), [ProgressBoard(platform, job) for _ in range(3)]


def shown(world: World, path: str) -> dict[str, Any]:
    snapshot = world.platform.documents.get(path)
    assert snapshot is not None
    return snapshot.data


def test_all_workers_together_write_once_a_second(world: World, boards: tuple[str, list[ProgressBoard]]) -> None:
    """Firestore takes no more of a document; the change of state a moment ago counts as well."""
    path, workers = boards
    workers[0].report("probe", 0.1)
    assert shown(world, path)["steps"] == {}
    world.clock.pass_by(seconds=1)
    workers[1].report("probe", 0.2)
    workers[2].report("probe", 0.3)
    assert shown(world, path)["steps"] == {"probe": {"status": "running", "progress": 20}}
    assert shown(world, path)["lastUpdate"] == world.clock.now


def test_a_clock_that_is_ahead_keeps_nobody_from_writing(world: World, boards: tuple[str, list[ProgressBoard]]) -> None:
    path, workers = boards
    world.platform.documents.update(path, {"lastUpdate": world.clock.now.replace(year=2030)})
    workers[0].report("probe", 0.4)
    assert shown(world, path)["steps"] == {"probe": {"status": "running", "progress": 40}}


def test_what_was_heard_is_told_once_and_is_short(world: World, boards: tuple[str, list[ProgressBoard]]) -> None:
    """All that was said since the last write, at most 300 characters of it; what could not be written waits."""
    path, (early, late, last) = boards
    early.say("The family of Dashwood")
    early.report("probe", 0.1)
    assert "text" not in shown(world, path)
    world.clock.pass_by(seconds=1)
    late.say("had long been settled")
    late.say("in Sussex.\x1b[31m")
    late.report("probe", 0.2)
    assert shown(world, path)["text"] == "had long been settled in Sussex."
    world.clock.pass_by(seconds=1)
    last.say("word " * 500)
    last.report("probe", 0.3)
    assert len(shown(world, path)["text"]) <= 300
    assert OperationDocument.model_validate(shown(world, path)).text == shown(world, path)["text"]
