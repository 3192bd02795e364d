"""The task queue: named tasks, delivered at least once, with delays and retries.

Queue and task names are 1–500 letters, digits, hyphens and underscores, else ValueError. A payload is a map
of JSON values of at most 100 KB, else PermanentError ``task_too_large``. Delivery is in the order of due
times as far as retries and several consumers allow; nobody may depend on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

MAX_PAYLOAD_BYTES = 100_000


class TaskQueue(Protocol):
    def enqueue(
        self, queue: str, payload: Mapping[str, Any], *, name: str | None = None, delay_seconds: float = 0
    ) -> str:
        """Add a task that is due in ``delay_seconds``; returns its name. Without ``name`` it gets a new one.

        Not idempotent without a name. With one, raises Conflict ``task_exists`` while a task of that name is
        in the queue, and for up to 24 hours after it was done or dropped (Cloud Tasks' rule): nobody may depend on
        its being free sooner. Raises TransientError when the queue is away: the task may then have been added.
        """


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Cloud Tasks' own four figures."""

    max_attempts: int = 10
    min_backoff_seconds: float = 0.5
    max_backoff_seconds: float = 300.0
    max_doublings: int = 9

    def backoff_seconds(self, attempt: int) -> float:
        """The pause after the failure of ``attempt`` (from 1).

        It doubles ``max_doublings`` times, then grows by as much as that each time, up to the maximum.
        """
        doublings = min(attempt - 1, self.max_doublings)
        longest_doubled = self.min_backoff_seconds * 2.0**doublings
        return min(longest_doubled * (attempt - doublings), self.max_backoff_seconds)


@dataclass(frozen=True, slots=True)
class LeasedTask:
    """A task in a consumer's hands. ``attempt`` counts deliveries from 1; ``lease`` is this one's token."""

    queue: str
    name: str
    payload: Mapping[str, Any]
    attempt: int
    lease: str


@dataclass(frozen=True, slots=True)
class DeadTask:
    """A task that used up its attempts, with the last one's error."""

    queue: str
    name: str
    payload: Mapping[str, Any]
    attempts: int
    error: str


class TaskSource(Protocol):
    """The consumer's side of the embedded platform's queue; in the cloud tasks are pushed over HTTP instead.

    Safe beside other consumers in this and other processes. Every method may raise TransientError,
    StorageFull and Misconfigured.
    """

    def lease(self, queue: str, *, seconds: float) -> LeasedTask | None:
        """Take the task that has been due longest, or None. It counts as one attempt.

        The task is delivered again when it is neither acknowledged nor extended within ``seconds``. One whose
        attempts are used up by such lapses is moved to the dead ones here.
        """

    def ack(self, task: LeasedTask) -> bool:
        """The task is done. False, and nothing happens, if it was delivered again or finished since."""

    def nack(self, task: LeasedTask, *, error: str) -> bool:
        """The attempt failed: the task is due again after the policy's pause, or dead after its last attempt.

        False, and nothing happens, if it was delivered again or finished since.
        """

    def extend(self, task: LeasedTask, seconds: float) -> bool:
        """Hold the task for ``seconds`` from now. False if it was delivered again or finished since."""

    def next_due(self) -> float | None:
        """Seconds until a task of any queue is due or its lease lapses, at least 0; None if there is none."""

    def dead(self, queue: str) -> list[DeadTask]:
        """The dropped tasks of the last 30 days, latest first."""

    def wait(self, timeout_seconds: float) -> bool:
        """Block until a task may be due, whichever process added it. False if the time passed without one."""
