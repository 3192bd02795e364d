"""Work that ends when its job does, or its time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from dailies.domain.job.job import JobState
from dailies.domain.stop import StopReason, StopToken
from dailies.engine.platform import Platform
from dailies.engine.store.jobs import job_path


@contextmanager
def stopped_with_job(platform: Platform, job_id: str, stop: StopToken) -> Iterator[None]:
    """Set ``stop`` when somebody cancels or fails the job, or removes it, while the context is open."""

    def look(snapshot: object) -> None:
        data = getattr(snapshot, "data", None)
        if data is None or JobState(data["state"]) in (JobState.CANCELLED, JobState.FAILED):
            stop.set("cancelled")

    watch = platform.documents.watch(job_path(job_id), look)
    try:
        yield
    finally:
        watch.close()


@contextmanager
def stopped_after(seconds: float, stop: StopToken, reason: StopReason = "timed_out") -> Iterator[None]:
    """Set ``stop`` to ``reason`` when the context is open for longer."""
    # Hours without end are beyond what a timer can wait for, and beyond any job.
    timer = threading.Timer(min(max(seconds, 0.0), threading.TIMEOUT_MAX), stop.set, (reason,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
