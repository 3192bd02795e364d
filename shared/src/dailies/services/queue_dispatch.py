"""Delivers tasks that take their time on the embedded platform: several at once, each held to its end."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Condition

from dailies.domain.errors import DailiesError
from dailies.domain.stop import StopToken
from dailies.logs import Logger
from dailies.ports.tasks import LeasedTask, TaskSource

#: Of what is sent to others: most of its time is waiting for them.
SENT_AT_ONCE = 8
_LEASE_SECONDS = 60.0
_HOLD_AGAIN_SECONDS = 20.0

log = Logger(__name__)


def settle(tasks: TaskSource, task: LeasedTask, deliver: Callable[[LeasedTask], str | None]) -> None:
    """Deliver the task and take it off the queue, or have it come again for the reason that ``deliver`` returns."""
    try:
        failure = deliver(task)
        if failure is None:
            tasks.ack(task)
        else:
            tasks.nack(task, error=failure)
    except DailiesError as error:
        # Its lease lapses, and it is delivered again.
        log.warning("task not settled", code=error.error_code, error=error.message)


@dataclass(slots=True)
class _InHand:
    task: LeasedTask
    stop: StopToken = field(default_factory=StopToken)
    held_at: float = field(default_factory=time.monotonic)


@dataclass(frozen=True, slots=True)
class Lane:
    """How the tasks of one queue are delivered: so many ``at_once``, whatever the others do.

    ``deliver`` does what a task asks for and returns None, or why it is to come again. Its token is set when this
    process ends.
    """

    at_once: int
    deliver: Callable[[LeasedTask, StopToken], str | None]


class QueueDispatcher:
    """Call :meth:`take` time and again. ``lanes`` are by queue."""

    def __init__(self, tasks: TaskSource, lanes: Mapping[str, Lane]) -> None:
        self._tasks = tasks
        self._lanes = lanes
        self._in_hand: list[_InHand] = []
        self._changed = Condition()
        self._pool: ThreadPoolExecutor | None = None

    def take(self) -> None:
        """Begin what is due as far as there is room, and hold on to what is under way. Raises as the queue does."""
        self._hold()
        for queue in self._lanes:
            while not self._has_filled(queue):
                task = self._tasks.lease(queue, seconds=_LEASE_SECONDS)
                if task is None:
                    break
                self._begin(task)

    @property
    def full(self) -> bool:
        """Whether nothing more is taken of some queue: what is due there is then no reason to look again."""
        return any(map(self._has_filled, self._lanes))

    def wait_for_room(self, seconds: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: not self.full, timeout=seconds)

    def _has_filled(self, queue: str) -> bool:
        with self._changed:
            taken = sum(one.task.queue == queue for one in self._in_hand)
        return taken >= self._lanes[queue].at_once

    def _begin(self, task: LeasedTask) -> None:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(sum(lane.at_once for lane in self._lanes.values()), "queues")
        one = _InHand(task)
        with self._changed:
            self._in_hand.append(one)
        self._pool.submit(self._run, one)

    def has(self, job_id: str) -> bool:
        """Whether a step of the job is under way here."""
        with self._changed:
            return any(one.task.payload.get("job") == job_id for one in self._in_hand)

    def close(self) -> None:
        """Stop what is under way, whose steps are given back, and wait for it."""
        with self._changed:
            for one in self._in_hand:
                one.stop.set("interrupted")
        if self._pool is not None:
            self._pool.shutdown()

    def _hold(self) -> None:
        now = time.monotonic()
        with self._changed:
            due = [one for one in self._in_hand if now - one.held_at >= _HOLD_AGAIN_SECONDS]
        for one in due:
            one.held_at = now
            self._tasks.extend(one.task, _LEASE_SECONDS)

    def _run(self, one: _InHand) -> None:
        try:
            deliver = self._lanes[one.task.queue].deliver
            settle(self._tasks, one.task, lambda task: deliver(task, one.stop))
        finally:
            with self._changed:
                self._in_hand.remove(one)
                self._changed.notify_all()
