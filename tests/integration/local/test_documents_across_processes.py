"""Documents shared with other processes, and with ones that die."""

from __future__ import annotations

import json
import queue
from collections.abc import Callable
from subprocess import Popen
from typing import Any

from dailies.adapters.local.documents.documents import LocalDocuments
from dailies.ports.documents import Snapshot

StartPython = Callable[..., "Popen[str]"]
PATIENCE_SECONDS = 30.0

COUNT = """
from concurrent.futures import ThreadPoolExecutor

def work(transaction):
    n = transaction.get("counters/a").data["n"]
    transaction.update("counters/a", {"n": n + 1})

def count(_):
    for _ in range(10):
        documents.transaction(work)

print("ready", flush=True)
sys.stdin.readline()
with ThreadPoolExecutor(4) as pool:
    list(pool.map(count, range(4)))
documents.close()
"""

WRITE = """
documents.set("things/a", {"by": "another process"})
sys.stdin.readline()
documents.delete("things/a")
"""

HOLD = """
from dailies.adapters.local.documents import document_rows
with database.write() as connection:
    document_rows.replace(connection, "things/a", '{"n": 2}')
    print("ready", flush=True)
    sys.stdin.readline()
"""

PAIRS = """
n = 0
while True:
    n += 1
    def work(transaction):
        transaction.set("pairs/left", {"n": n})
        transaction.set("pairs/right", {"n": n})
    documents.transaction(work)
    if n == 20:
        print("ready", flush=True)
"""


def _ready(process: Popen[str]) -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"


def _go_on(process: Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def test_processes_take_turns(documents: LocalDocuments, start_python: StartPython) -> None:
    """Five processes of four threads that count one counter up lose no count."""
    documents.create("counters/a", {"n": 0})
    processes = [start_python(COUNT) for _ in range(5)]
    for process in processes:
        _ready(process)
    for process in processes:
        _go_on(process)
    for process in processes:
        _, errors = process.communicate(timeout=PATIENCE_SECONDS)
        assert (process.returncode, errors) == (0, "")
    found = documents.get("counters/a")
    assert found is not None
    assert found.data == {"n": 200}


def test_a_listener_hears_another_process(documents: LocalDocuments, start_python: StartPython) -> None:
    """A subprocess's writes and deletions reach a watch of this one."""
    heard: queue.Queue[dict[str, Any] | None] = queue.Queue()

    def on_change(snapshot: Snapshot | None) -> None:
        heard.put(None if snapshot is None else snapshot.data)

    documents.watch("things/a", on_change)
    assert heard.get(timeout=PATIENCE_SECONDS) is None
    process = start_python(WRITE)
    assert heard.get(timeout=PATIENCE_SECONDS) == {"by": "another process"}
    _go_on(process)
    assert heard.get(timeout=PATIENCE_SECONDS) is None


def test_a_writer_killed_in_a_transaction_leaves_nothing(documents: LocalDocuments, start_python: StartPython) -> None:
    """After kill -9 between write and commit the old state is there and the store is free at once."""
    documents.create("things/a", {"n": 1})
    process = start_python(HOLD)
    _ready(process)
    process.kill()
    process.wait(PATIENCE_SECONDS)
    found = documents.get("things/a")
    assert found is not None
    assert found.data == {"n": 1}
    documents.update("things/a", {"n": 3}, if_version=found.version)


def test_a_writer_killed_at_any_moment_leaves_whole_transactions(
    documents: LocalDocuments, start_python: StartPython
) -> None:
    """Two documents that are always written together are equal after kill -9, and no returned write is lost."""
    for _ in range(3):
        process = start_python(PAIRS)
        _ready(process)
        process.kill()
        process.wait(PATIENCE_SECONDS)
        left, right = documents.get("pairs/left"), documents.get("pairs/right")
        assert left is not None
        assert right is not None
        assert json.dumps(left.data) == json.dumps(right.data)
        assert left.data["n"] >= 20
