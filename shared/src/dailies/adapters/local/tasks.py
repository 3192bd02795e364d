"""The task queue on SQLite: both the producer's and the consumer's side."""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from collections.abc import Callable, Mapping
from typing import Any

from dailies.adapters.local.documents.database import Database
from dailies.adapters.name_rules import check_task_names, encode_payload
from dailies.domain.errors import Conflict
from dailies.ports.tasks import DeadTask, LeasedTask, RetryPolicy

_NAME_RESERVED_SECONDS = 24 * 3600.0
_DEAD_KEPT_SECONDS = 30 * 24 * 3600.0
_LAPSED = "The task was not finished before its lease lapsed; its consumer may have crashed."


class LocalTasks:
    """A TaskQueue and its TaskSource. ``policies`` are by queue, ``default_policy`` is for the others.

    ``clock`` gives seconds since the epoch: due times are compared across processes.
    """

    def __init__(
        self,
        database: Database,
        *,
        policies: Mapping[str, RetryPolicy] | None = None,
        default_policy: RetryPolicy | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._policies = dict(policies or {})
        self._default_policy = default_policy or RetryPolicy()
        self._clock = clock

    def enqueue(
        self, queue: str, payload: Mapping[str, Any], *, name: str | None = None, delay_seconds: float = 0
    ) -> str:
        chosen = secrets.token_hex(16) if name is None else name
        check_task_names(queue, chosen)
        text = encode_payload(payload)
        now = self._clock()
        with self._database.write() as connection:
            if name is not None and _is_taken(connection, queue, name, now):
                raise Conflict(
                    f"The task {name} is in the queue {queue} or was within the last hour.",
                    code="task_exists",
                    queue=queue,
                    name=name,
                )
            connection.execute(
                "INSERT INTO tasks (queue, name, named, payload, due) VALUES (?, ?, ?, ?, ?)",
                (queue, chosen, name is not None, text, now + max(0.0, delay_seconds)),
            )
        return chosen

    def lease(self, queue: str, *, seconds: float) -> LeasedTask | None:
        now = self._clock()
        # Without this look an idle consumer would take the write lock each time.
        with self._database.read() as connection:
            if _first_due(connection, queue, now) is None:
                return None
        with self._database.write() as connection:
            while (found := _first_due(connection, queue, now)) is not None:
                task_id, name, payload, attempt = found
                if attempt >= self._policy(queue).max_attempts:
                    self._bury(connection, task_id, _LAPSED)
                    continue
                token = secrets.token_hex(16)
                connection.execute(
                    "UPDATE tasks SET lease = ?, due = ?, attempt = attempt + 1 WHERE id = ?",
                    (token, now + seconds, task_id),
                )
                return LeasedTask(queue, name, json.loads(payload), attempt + 1, token)
        return None

    def ack(self, task: LeasedTask) -> bool:
        with self._database.write() as connection:
            task_id = _held(connection, task)
            if task_id is None:
                return False
            self._finish(connection, task_id)
            return True

    def nack(self, task: LeasedTask, *, error: str) -> bool:
        policy = self._policy(task.queue)
        with self._database.write() as connection:
            task_id = _held(connection, task)
            if task_id is None:
                return False
            if task.attempt >= policy.max_attempts:
                self._bury(connection, task_id, error)
            else:
                connection.execute(
                    "UPDATE tasks SET lease = NULL, due = ? WHERE id = ?",
                    (self._clock() + policy.backoff_seconds(task.attempt), task_id),
                )
            return True

    def extend(self, task: LeasedTask, seconds: float) -> bool:
        with self._database.write() as connection:
            task_id = _held(connection, task)
            if task_id is None:
                return False
            connection.execute("UPDATE tasks SET due = ? WHERE id = ?", (self._clock() + seconds, task_id))
            return True

    def next_due(self) -> float | None:
        with self._database.read() as connection:
            due = connection.execute("SELECT min(due) FROM tasks").fetchone()[0]
        return None if due is None else max(0.0, due - self._clock())

    def dead(self, queue: str) -> list[DeadTask]:
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT name, payload, attempts, error FROM dead_tasks WHERE queue = ? AND died > ? ORDER BY id DESC",
                (queue, self._clock() - _DEAD_KEPT_SECONDS),
            ).fetchall()
        return [DeadTask(queue, name, json.loads(payload), attempts, error) for name, payload, attempts, error in rows]

    def wait(self, timeout_seconds: float) -> bool:
        deadline = time.monotonic() + timeout_seconds
        with self._database.follow() as follower:
            while not self._database.closed:
                due = self.next_due()
                if due == 0:
                    return True
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    return False
                follower.wait(remaining if due is None else min(remaining, due))
        return False

    def _policy(self, queue: str) -> RetryPolicy:
        return self._policies.get(queue, self._default_policy)

    def _finish(self, connection: sqlite3.Connection, task_id: int) -> None:
        """Take the task out of the queue; its name stays reserved if somebody chose it."""
        now = self._clock()
        queue, name, named = connection.execute(
            "DELETE FROM tasks WHERE id = ? RETURNING queue, name, named", (task_id,)
        ).fetchone()
        connection.execute("DELETE FROM finished_tasks WHERE reserved_until <= ?", (now,))
        if named:
            connection.execute(
                "INSERT OR REPLACE INTO finished_tasks (queue, name, reserved_until) VALUES (?, ?, ?)",
                (queue, name, now + _NAME_RESERVED_SECONDS),
            )

    def _bury(self, connection: sqlite3.Connection, task_id: int, error: str) -> None:
        now = self._clock()
        connection.execute("DELETE FROM dead_tasks WHERE died <= ?", (now - _DEAD_KEPT_SECONDS,))
        connection.execute(
            "INSERT INTO dead_tasks (queue, name, payload, attempts, error, died)"
            " SELECT queue, name, payload, attempt, ?, ? FROM tasks WHERE id = ?",
            (error, now, task_id),
        )
        self._finish(connection, task_id)


def _is_taken(connection: sqlite3.Connection, queue: str, name: str, now: float) -> bool:
    row = connection.execute(
        "SELECT 1 FROM tasks WHERE queue = :queue AND name = :name UNION ALL"
        " SELECT 1 FROM finished_tasks WHERE queue = :queue AND name = :name AND reserved_until > :now",
        {"queue": queue, "name": name, "now": now},
    ).fetchone()
    return row is not None


def _first_due(connection: sqlite3.Connection, queue: str, now: float) -> tuple[int, str, str, int] | None:
    row: tuple[int, str, str, int] | None = connection.execute(
        "SELECT id, name, payload, attempt FROM tasks WHERE queue = ? AND due <= ? ORDER BY due, id LIMIT 1",
        (queue, now),
    ).fetchone()
    return row


def _held(connection: sqlite3.Connection, task: LeasedTask) -> int | None:
    """The id of the task if this delivery is its latest and nobody finished it."""
    row = connection.execute(
        "SELECT id FROM tasks WHERE queue = ? AND name = ? AND lease = ?", (task.queue, task.name, task.lease)
    ).fetchone()
    return None if row is None else int(row[0])
