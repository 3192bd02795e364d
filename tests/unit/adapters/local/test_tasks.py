"""The consumer's side of the embedded queue, on a clock of the test's own."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from dailies.adapters.local.documents.database import Database
from dailies.adapters.local.tasks import LocalTasks
from dailies.domain.errors import Conflict
from dailies.ports.tasks import LeasedTask, RetryPolicy, TaskQueue, TaskSource

PATIENCE_SECONDS = 30.0
POLICY = RetryPolicy(max_attempts=4, min_backoff_seconds=10, max_backoff_seconds=300, max_doublings=3)


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tasks(database: Database, clock: Clock) -> LocalTasks:
    return LocalTasks(database, policies={"q": POLICY}, clock=clock)


def _lease(tasks: LocalTasks, seconds: float = 30) -> LeasedTask:
    task = tasks.lease("q", seconds=seconds)
    assert task is not None
    return task


def test_the_adapter_is_both_sides(tasks: LocalTasks) -> None:
    """One object is the producer's and the consumer's port."""
    sides: tuple[TaskQueue, TaskSource] = (tasks, tasks)
    sides[0].enqueue("q", {}, name="a")
    task = sides[1].lease("q", seconds=30)
    assert task is not None
    assert task.name == "a"


def test_a_task_is_delivered_with_its_payload(tasks: LocalTasks) -> None:
    """A leased task has what was enqueued, and nobody else gets it meanwhile."""
    tasks.enqueue("q", {"job_id": "j1", "n": [1, None]}, name="a")
    task = _lease(tasks)
    assert (task.queue, task.name, task.payload, task.attempt) == ("q", "a", {"job_id": "j1", "n": [1, None]}, 1)
    assert tasks.lease("q", seconds=30) is None


def test_an_acknowledged_task_is_gone(tasks: LocalTasks, clock: Clock) -> None:
    """After ack it is never delivered again; a second ack is False."""
    tasks.enqueue("q", {})
    task = _lease(tasks)
    assert tasks.ack(task) is True
    assert tasks.ack(task) is False
    clock.now += 1000
    assert tasks.lease("q", seconds=30) is None
    assert tasks.next_due() is None


def test_tasks_come_by_due_time(tasks: LocalTasks, clock: Clock) -> None:
    """A delayed task comes when it is due, and the one due longest comes first."""
    tasks.enqueue("q", {}, name="later", delay_seconds=10)
    tasks.enqueue("q", {}, name="now")
    tasks.enqueue("other", {}, name="elsewhere")
    assert _lease(tasks, 60).name == "now"
    assert tasks.lease("q", seconds=60) is None
    clock.now += 10
    assert _lease(tasks).name == "later"


def test_a_lapsed_lease_delivers_again(tasks: LocalTasks, clock: Clock) -> None:
    """At least once: a consumer that says nothing loses the task, and its late answers count for nothing."""
    tasks.enqueue("q", {})
    first = _lease(tasks, 30)
    clock.now += 29.9
    assert tasks.lease("q", seconds=30) is None
    clock.now += 0.1
    second = _lease(tasks, 30)
    assert (second.name, second.attempt) == (first.name, 2)
    assert tasks.ack(first) is False
    assert tasks.nack(first, error="late") is False
    assert tasks.extend(first, 100) is False
    assert tasks.ack(second) is True


def test_a_late_ack_that_nobody_overtook_counts(tasks: LocalTasks, clock: Clock) -> None:
    """Work that was done is not repeated only because its lease had lapsed."""
    tasks.enqueue("q", {})
    task = _lease(tasks, 30)
    clock.now += 100
    assert tasks.ack(task) is True
    assert tasks.lease("q", seconds=30) is None


def test_an_extended_lease_holds(tasks: LocalTasks, clock: Clock) -> None:
    """extend counts from now, as often as is wanted."""
    tasks.enqueue("q", {})
    task = _lease(tasks, 30)
    for _ in range(3):
        clock.now += 20
        assert tasks.extend(task, 30) is True
    assert tasks.lease("q", seconds=30) is None
    assert tasks.next_due() == 30
    assert tasks.ack(task) is True


def test_a_failure_backs_off_until_the_task_is_dead(tasks: LocalTasks, clock: Clock) -> None:
    """The pauses are the policy's, and after the last attempt the task is among the dead with its error."""
    tasks.enqueue("q", {"x": 1}, name="a")
    for pause in (10, 20, 40):
        assert tasks.nack(_lease(tasks), error="away") is True
        assert tasks.next_due() == pause
        clock.now += pause - 0.001
        assert tasks.lease("q", seconds=30) is None
        clock.now += 0.001
    last = _lease(tasks)
    assert last.attempt == 4
    assert tasks.nack(last, error="still away") is True
    assert tasks.nack(last, error="again") is False
    assert tasks.next_due() is None
    (dead,) = tasks.dead("q")
    assert (dead.name, dead.payload, dead.attempts, dead.error) == ("a", {"x": 1}, 4, "still away")
    assert tasks.dead("other") == []


def test_a_task_that_kills_its_consumers_dies_too(tasks: LocalTasks, clock: Clock) -> None:
    """Leases that lapse use up the attempts; the next task is delivered in the dead one's place."""
    tasks.enqueue("q", {}, name="poison")
    for _ in range(4):
        assert _lease(tasks, 30).name == "poison"
        clock.now += 30
    tasks.enqueue("q", {}, name="sound")
    assert _lease(tasks).name == "sound"
    (dead,) = tasks.dead("q")
    assert (dead.name, dead.attempts) == ("poison", 4)
    assert "lapsed" in dead.error


def test_the_dead_are_forgotten_after_a_month(tasks: LocalTasks, clock: Clock) -> None:
    """The list is bounded and has the latest first."""
    for name in ("a", "b"):
        tasks.enqueue("q", {}, name=name)
        for _ in range(4):
            tasks.nack(_lease(tasks), error="away")
            clock.now += 300
    assert [dead.name for dead in tasks.dead("q")] == ["b", "a"]
    clock.now += 31 * 24 * 3600
    assert tasks.dead("q") == []


def test_a_name_stays_taken_for_a_day(tasks: LocalTasks, clock: Clock) -> None:
    """A finished task's name is refused for 24 hours, then free; a failed attempt does not free it."""
    tasks.enqueue("q", {}, name="a")
    tasks.nack(_lease(tasks), error="away")
    clock.now += 7200
    with pytest.raises(Conflict):
        tasks.enqueue("q", {}, name="a")
    tasks.ack(_lease(tasks))
    clock.now += 24 * 3600 - 1
    with pytest.raises(Conflict) as refused:
        tasks.enqueue("q", {}, name="a")
    assert refused.value.error_code == "task_exists"
    clock.now += 1
    tasks.enqueue("q", {}, name="a")
    tasks.ack(_lease(tasks))


def test_a_dead_tasks_name_stays_taken_for_a_day(tasks: LocalTasks, clock: Clock) -> None:
    """Being dropped is an end like being done."""
    tasks.enqueue("q", {}, name="a")
    for _ in range(4):
        tasks.nack(_lease(tasks), error="away")
        clock.now += 300
    with pytest.raises(Conflict):
        tasks.enqueue("q", {}, name="a")
    clock.now += 24 * 3600
    tasks.enqueue("q", {}, name="a")


@pytest.mark.parametrize(
    ("policy", "pauses"),
    [
        (POLICY, [10, 20, 40, 80, 160, 240, 300, 300]),
        (RetryPolicy(min_backoff_seconds=1, max_backoff_seconds=5, max_doublings=10), [1, 2, 4, 5, 5]),
        (RetryPolicy(min_backoff_seconds=2, max_backoff_seconds=9, max_doublings=0), [2, 4, 6, 8, 9]),
    ],
)
def test_the_backoff_is_cloud_tasks_own(policy: RetryPolicy, pauses: list[float]) -> None:
    """The pause doubles max_doublings times, then grows by the same amount, up to the maximum."""
    assert [policy.backoff_seconds(attempt) for attempt in range(1, len(pauses) + 1)] == pauses


def test_other_queues_have_the_default_policy(database: Database, clock: Clock) -> None:
    """A queue without a policy of its own takes the default one."""
    tasks = LocalTasks(database, default_policy=RetryPolicy(max_attempts=1), clock=clock)
    tasks.enqueue("q", {})
    tasks.nack(_lease(tasks), error="away")
    assert len(tasks.dead("q")) == 1


def test_each_task_goes_to_one_consumer(home: Path, database: Database) -> None:
    """Twenty consumers of two processes' stores that take forty tasks get each of them once."""
    other = Database(home / "dailies.sqlite3")
    sources = [LocalTasks(database), LocalTasks(other)]
    for n in range(40):
        sources[0].enqueue("q", {"n": n})
    taken: list[int] = []
    together = threading.Barrier(20)

    def consume(source: LocalTasks) -> None:
        together.wait(PATIENCE_SECONDS)
        while (task := source.lease("q", seconds=600)) is not None:
            taken.append(task.payload["n"])
            source.ack(task)

    threads = [threading.Thread(target=consume, args=(sources[n % 2],)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert sorted(taken) == list(range(40))
