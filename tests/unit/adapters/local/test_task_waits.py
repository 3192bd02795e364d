"""Waiting for tasks, whoever adds them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from dailies.adapters.local.documents.database import Database
from dailies.adapters.local.tasks import LocalTasks

PATIENCE_SECONDS = 30.0


@pytest.fixture
def tasks(database: Database) -> LocalTasks:
    return LocalTasks(database)


@pytest.fixture
def waiting(tasks: LocalTasks) -> Iterator[Callable[[], bool]]:
    """Starts wait in a thread; calling the result joins it and gives its answer."""
    answers: list[bool] = []
    thread = threading.Thread(target=lambda: answers.append(tasks.wait(PATIENCE_SECONDS)))
    thread.start()

    def join() -> bool:
        thread.join()
        return answers[0]

    yield join
    thread.join()


def test_wait_is_woken_by_this_process(tasks: LocalTasks, waiting: Callable[[], bool]) -> None:
    """A task enqueued by another thread ends the wait."""
    tasks.enqueue("q", {})
    assert waiting() is True


def test_wait_ends_with_its_time(tasks: LocalTasks) -> None:
    """Without a task in time the answer is False; a delayed one counts when it is due."""
    assert tasks.wait(0) is False
    tasks.enqueue("q", {}, delay_seconds=60)
    assert tasks.wait(0.01) is False
    tasks.enqueue("q", {})
    assert tasks.wait(0) is True


def test_wait_sees_a_delayed_task_become_due(tasks: LocalTasks) -> None:
    """A wait that began before a delayed task was due ends when it is."""
    tasks.enqueue("q", {}, delay_seconds=0.05)
    assert tasks.wait(PATIENCE_SECONDS) is True
    assert tasks.lease("q", seconds=30) is not None
