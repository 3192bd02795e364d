"""What every TaskQueue does for those who add tasks. The embedded consumer's side is tested with its adapter."""

from __future__ import annotations

import pytest

from dailies.domain.errors import Conflict, PermanentError
from dailies.ports.tasks import TaskQueue


def test_a_task_without_a_name_gets_a_new_one(tasks: TaskQueue) -> None:
    """Two tasks alike are two tasks."""
    names = {tasks.enqueue("advance", {"job_id": "a"}) for _ in range(3)}
    assert len(names) == 3


def test_a_name_is_taken_once(tasks: TaskQueue) -> None:
    """A second task of a name is a Conflict with Cloud Tasks' reason."""
    assert tasks.enqueue("advance", {}, name="job-a_1", delay_seconds=60) == "job-a_1"
    with pytest.raises(Conflict) as refused:
        tasks.enqueue("advance", {}, name="job-a_1")
    assert refused.value.error_code == "task_exists"


def test_names_are_each_queues_own(tasks: TaskQueue) -> None:
    """The same name in another queue is another task."""
    tasks.enqueue("advance", {}, name="a")
    tasks.enqueue("webhooks", {}, name="a")


@pytest.mark.parametrize("name", ["", "a/b", "a.b", "ü", "x" * 501, "a\n"])
def test_a_name_is_of_the_alphabet_of_names(tasks: TaskQueue, name: str) -> None:
    """Letters, digits, hyphens and underscores: anything else is a ValueError."""
    with pytest.raises(ValueError, match="name"):
        tasks.enqueue("advance", {}, name=name)
    with pytest.raises(ValueError, match="name"):
        tasks.enqueue(name, {})


def test_a_payload_is_bounded(tasks: TaskQueue) -> None:
    """More than 100 KB is a PermanentError with its own code."""
    with pytest.raises(PermanentError) as refused:
        tasks.enqueue("advance", {"text": "x" * 100_000})
    assert refused.value.error_code == "task_too_large"
