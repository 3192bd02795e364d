"""What other processes that use a store leave: objects, tasks and their own names."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from subprocess import Popen

import pytest

from dailies.adapters.local.documents.database import Database
from dailies.adapters.local.objects.objects import LocalObjects
from dailies.adapters.local.owners import LocalOwners
from dailies.adapters.local.tasks import LocalTasks
from tests.unit.adapters.local.objects.test_objects import AT_ONCE, _files
from tests.unit.adapters.local.test_owners import owners as owners  # noqa: PLC0414 - a fixture
from tests.unit.adapters.local.test_task_waits import tasks as tasks, waiting as waiting  # noqa: PLC0414 - fixtures
from tests.unit.adapters.local.test_tasks import Clock, clock as clock  # noqa: PLC0414 - a fixture

StartPython = Callable[..., "Popen[str]"]
PATIENCE_SECONDS = 30.0

LIVE = """
from dailies.adapters.local.owners import LocalOwners
print(LocalOwners(home / "owners").me(), flush=True)
sys.stdin.readline()
"""

STALL = """
def stall(moved):
    if moved:
        print("ready", flush=True)
        sys.stdin.readline()

objects.put_file("a", Path(sys.argv[2]), on_progress=stall)
"""

LIMITED = """
import resource
from dailies.domain.errors import StorageFull
documents.get("things/a")
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
for attempt in (
    lambda: objects.put_file("a", Path(sys.argv[2])),
    lambda: objects.put_bytes("a", bytes(3 << 20)),
    lambda: objects.download("there", Path(sys.argv[2]).with_name("out")),
):
    try:
        attempt()
    except StorageFull as full:
        print(full.message)
"""


def test_a_writer_killed_half_way_leaves_an_orphan_only(
    objects: LocalObjects, home: Path, tmp_path: Path, start_python: StartPython
) -> None:
    """After kill -9 in the middle of an upload there is no object, and collecting empties the folder."""
    (tmp_path / "big").write_bytes(bytes(3 << 20))
    process = start_python(STALL, str(tmp_path / "big"))
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.kill()
    process.wait(PATIENCE_SECONDS)
    assert objects.stat("a") is None
    assert len(_files(home)) == 1
    assert objects.collect_orphans(AT_ONCE) == 1 << 20
    assert _files(home) == []
    objects.put_bytes("a", b"1", if_generation_match=0)


def test_a_full_volume_is_storage_full(
    objects: LocalObjects, home: Path, tmp_path: Path, start_python: StartPython
) -> None:
    """Running out of room names the volume and leaves no object, no file and no half of a download."""
    (tmp_path / "big").write_bytes(bytes(3 << 20))
    objects.put_file("there", tmp_path / "big")
    output, errors = start_python(LIMITED, str(tmp_path / "big")).communicate(timeout=PATIENCE_SECONDS)
    assert errors == ""
    messages = output.splitlines()
    assert len(messages) == 3
    assert all(message.startswith("No space is left on the volume /") for message in messages)
    assert [found.name for found in objects.list("")] == ["there"]
    assert len(_files(home)) == 1
    assert sorted(left.name for left in tmp_path.iterdir()) == ["big", "home"]


def test_a_consumer_that_dies_gives_its_task_back(
    home: Path, database: Database, clock: Clock, start_python: StartPython
) -> None:
    """A task leased by a process that is killed is delivered to the next one when the lease lapses."""
    tasks = LocalTasks(database, clock=clock)
    tasks.enqueue("q", {"n": 1}, name="a")
    clock.now += 1
    process = start_python(
        f"tasks = LocalTasks(database, clock=lambda: {clock.now})\n"
        'print(tasks.lease("q", seconds=30).attempt, flush=True)\nsys.stdin.readline()'
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "1\n"
    process.kill()
    process.wait(PATIENCE_SECONDS)
    assert tasks.lease("q", seconds=30) is None
    clock.now += 30
    task = tasks.lease("q", seconds=30)
    assert task is not None
    assert (task.name, task.attempt) == ("a", 2)


def test_wait_is_woken_by_another_process(
    database: Database, start_python: StartPython, waiting: Callable[[], bool]
) -> None:
    """A task enqueued by a subprocess ends the wait; other writes don't."""
    start_python('documents.set("things/a", {})\ntasks.enqueue("q", {})')
    assert waiting() is True


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM, None], ids=["killed", "ended", "in order"])
def test_a_process_lives_until_it_ends(
    owners: LocalOwners, start_python: Callable[..., Popen[str]], ending: signal.Signals | None
) -> None:
    """Who asks at once hears it at once, and nothing of the dead is left."""
    process = start_python(LIVE)
    assert process.stdout is not None
    name = process.stdout.readline().strip()
    assert not owners.is_dead(name)
    if ending is not None:
        process.send_signal(ending)
    process.communicate("\n" if ending is None else None, timeout=30)
    assert owners.is_dead(name)
    assert owners.is_dead(name)
    assert [path.name for path in owners._folder.iterdir()] == [".store"]


def test_a_stopped_process_lives(owners: LocalOwners, start_python: Callable[..., Popen[str]]) -> None:
    """It may be continued; only its lease lapses."""
    process = start_python(LIVE)
    assert process.stdout is not None
    name = process.stdout.readline().strip()
    process.send_signal(signal.SIGSTOP)
    assert not owners.is_dead(name)
    process.send_signal(signal.SIGCONT)
