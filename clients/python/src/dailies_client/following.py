"""Listens to a job, and goes on where a stream was cut off."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from dailies_client.effects import Close, Emit, Flow, NextLine, Pause
from dailies_client.errors import ApiError, ConnectionFailed, JobFailed, WaitTimeout
from dailies_client.events import ENDED, Event, EventLines
from dailies_client.models import JobAnswer
from dailies_client.sending import RETRIED, Sender, backoff

#: Twice the server's sign of life, and some: after that the connection is dead.
SILENCE_SECONDS = 40.0
#: In a row, without an event in between.
TRIES = 8


def follow(
    sender: Sender, job_id: str, after: int, end: float | None = None, take: Callable[[Event], bool] | None = None
) -> Flow[None]:
    """Emits the events behind the one that is numbered ``after``, until the job has ended.

    ``take`` is given them instead, and says whether it was the last. ``end`` is a time of the monotonic clock, at which
    it stops. Raises ApiError and ConnectionFailed.
    """
    failures, cursor = 0, _Cursor(after, take)
    while not cursor.over and (end is None or time.monotonic() < end):
        known = cursor.count
        try:
            yield from _listen(sender, job_id, cursor, end)
        except (httpx.TransportError, ConnectionFailed, ApiError) as error:
            if isinstance(error, ApiError) and error.status not in RETRIED:
                raise
            failures = 1 if cursor.count > known else failures + 1
            if failures > TRIES:
                raise ConnectionFailed(f"The events of {job_id} don't come any more: {error}") from error
            yield Pause(backoff(failures - 1))
        else:
            # The server ends a stream before its own limit does: it is asked for again, as it says.
            if not cursor.over:
                yield Pause(cursor.retry)


@dataclass(slots=True)
class _Cursor:
    """Where a reader is; ``count`` is how many events it was given."""

    after: int
    take: Callable[[Event], bool] | None
    over: bool = False
    count: int = 0
    retry: float = 1.0


def _listen(sender: Sender, job_id: str, cursor: _Cursor, end: float | None) -> Flow[None]:
    """Read one stream to its end."""
    left = SILENCE_SECONDS if end is None else max(0.05, min(SILENCE_SECONDS, end - time.monotonic()))
    behind = {"Last-Event-ID": str(cursor.after)}
    path = f"/jobs/{job_id}/events"
    answer = yield from sender.call("GET", path, headers=behind, stream=True, read_seconds=left)
    cursor.over = answer.status == 204
    lines = EventLines()
    while not cursor.over and (line := (yield NextLine(answer))) is not None:
        event = lines.take(line)
        if event is not None:
            cursor.count += 1
            cursor.after = cursor.after if event.id is None else event.id
            if cursor.take is None:
                yield Emit(event)
            else:
                cursor.over = cursor.take(event)
        if end is not None and time.monotonic() >= end:
            break
    cursor.retry = lines.retry
    yield Close(answer)


def wait(
    sender: Sender, job_id: str, after: int, timeout: float | None, on_event: Callable[[Event], None]
) -> Flow[JobAnswer]:
    """The completed job. Raises JobFailed, and WaitTimeout after ``timeout`` seconds."""
    last = after

    def take(event: Event) -> bool:
        nonlocal last
        last = last if event.id is None else event.id
        on_event(event)
        return event.ends_job

    yield from follow(sender, job_id, after, None if timeout is None else time.monotonic() + timeout, take)
    found: JobAnswer = yield from sender.json("GET", f"/jobs/{job_id}")
    if found["status"] == "completed":
        return found
    if found["status"] in ENDED:
        why = found["error"] or {"code": found["status"], "message": found["message"]}
        raise JobFailed(job_id, found["status"], why["code"], why["message"])
    raise WaitTimeout(job_id, last)


def silence(_: Event) -> None:
    """For who wants to know the end alone."""
