"""What happens to a job, as it happens: its events behind a cursor, and its progress in between."""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from dailies.domain.job.events import Event
from dailies.domain.job.job import Job, JobState
from dailies.engine.platform import Platform
from dailies.engine.store.events import events_of
from dailies.engine.store.jobs import load_job
from dailies.engine.store.progress import operation_path
from dailies.ports.documents import Snapshot

#: A sign of life that often shows a closed connection, and keeps a proxy from closing an idle one.
HEARTBEAT_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress document as it is now."""

    operation: Mapping[str, Any]


def follow_job(
    platform: Platform, job: Job, after: int, seconds: float
) -> Generator[Event | Progress | None, None, None]:
    """Events behind the sequence ``after`` and the latest progress, until the job has ended or the time is over.

    None is a sign of life. Close it to end early: it holds a subscription.
    """
    end = time.monotonic() + seconds
    changes: SimpleQueue[Snapshot | None] = SimpleQueue()
    watch = platform.documents.watch(operation_path(job.uid, job.id), changes.put)
    try:
        while (left := end - time.monotonic()) > 0:
            try:
                snapshot = changes.get(timeout=min(HEARTBEAT_SECONDS, left))
            except Empty:
                yield None
                continue
            if snapshot is None:
                return
            # Read after the document: what happened before it changed is there.
            for event in events_of(platform, load_job(platform, job.id), after):
                after = event.sequence
                yield event
            yield Progress(snapshot.data)
            if JobState(snapshot.data["status"]).terminal:
                return
    finally:
        watch.close()


def has_more(platform: Platform, job: Job, after: int) -> bool:
    """Whether anything is to be told behind the sequence ``after``, now or later."""
    return not job.state.terminal or bool(events_of(platform, job, after))
