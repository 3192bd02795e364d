"""The embedded platform's event loop: what Cloud Tasks and the Cloud Run job are in the cloud."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from dailies.domain.errors import TransientError
from dailies.domain.job import Job
from dailies.domain.stop import StopToken
from dailies.engine.advance import QUEUE, advance, enqueue_advance
from dailies.engine.jobs import load_job
from dailies.engine.platform import Platform
from dailies.engine.progress import operation_path
from dailies.ports.documents import Snapshot
from dailies.ports.tasks import TaskSource
from dailies.ports.workers import Workers

_TASK_LEASE_SECONDS = 30.0
_TICK_SECONDS = 0.1


class SupervisedWorkers(Workers, Protocol):
    """Workers that this process started and must look after."""

    def crashed(self, job_id: str) -> bool:
        """Whether a worker of the job ended out of order since the last call."""

    def join(self) -> None:
        """Wait for every worker to end; those that don't within the grace are killed."""


class Embedded:
    """Delivers queued tasks to the engine and restarts crashed workers, in this process."""

    def __init__(self, platform: Platform, tasks: TaskSource, workers: SupervisedWorkers) -> None:
        self._platform = platform
        self._tasks = tasks
        self._workers = workers

    def run(self, job_id: str, on_progress: Callable[[Mapping[str, Any]], None], stop: StopToken) -> Job:
        """Work until the job has ended; ``on_progress`` gets each state of the progress document.

        Raises the stop's error when ``stop`` is set: the workers have then ended and released their steps.
        """
        job = load_job(self._platform, job_id)

        def on_change(snapshot: Snapshot | None) -> None:
            if snapshot is not None:
                on_progress(snapshot.data)

        watch = self._platform.documents.watch(operation_path(job.uid, job_id), on_change)
        try:
            while not job.state.terminal:
                stop.check()
                self._deliver_tasks()
                if self._workers.crashed(job_id):
                    enqueue_advance(self._platform, job_id)
                job = load_job(self._platform, job_id)
                if not job.state.terminal:
                    self._tasks.wait(_TICK_SECONDS)
            return job
        finally:
            watch.close()
            self._workers.join()

    def _deliver_tasks(self) -> None:
        while (task := self._tasks.lease(QUEUE, seconds=_TASK_LEASE_SECONDS)) is not None:
            try:
                advance(self._platform, str(task.payload["job_id"]))
            except TransientError as error:
                self._tasks.nack(task, error=error.message)
            else:
                self._tasks.ack(task)
