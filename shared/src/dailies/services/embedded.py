"""The embedded platform's event loop: what Cloud Tasks and the Cloud Run job are in the cloud."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any, Protocol

from dailies.domain.errors import Conflict, NotFound, PermanentError, TransientError
from dailies.domain.job.job import Job
from dailies.domain.stop import StopToken
from dailies.engine.advance_queue import QUEUE, enqueue_advance
from dailies.engine.delivery_queue import DELIVERIES
from dailies.engine.platform import Platform
from dailies.engine.scratch import remove_dead_scratch
from dailies.engine.step_tasks import STEPS
from dailies.engine.store import leases
from dailies.engine.store.jobs import fail_job, load_job
from dailies.engine.store.progress import operation_path
from dailies.ports.documents import Snapshot
from dailies.ports.tasks import LeasedTask, TaskSource
from dailies.ports.workers import Workers
from dailies.services.queue_dispatch import SENT_AT_ONCE, Lane, QueueDispatcher
from dailies.services.queue_tasks import run_advance_task, run_delivery_task, run_step_task
from dailies.services.upkeep.overdue import fail_overdue, is_overdue

_TASK_LEASE_SECONDS = 30.0
_TICK_SECONDS = 0.25
# A job that nobody of ours works on is looked at again after this time: whoever took its task may be gone.
_IDLE_SECONDS = 1.0
_MAX_FUTILE_CRASHES = 5
EX_TEMPFAIL = 75
"""A worker's exit code for an orderly end before the job's."""


class SupervisedWorkers(Workers, Protocol):
    """Workers that this process started and must look after."""

    def ended(self, job_id: str) -> list[int]:
        """The exit codes of the job's workers that ended since the last call; −N after signal N."""

    def running(self, job_id: str) -> bool:
        """Whether a worker of the job, started here, lives, or is about to be started."""

    def join(self) -> None:
        """Wait for every worker to end; those that don't within the grace are killed."""


class Embedded:
    """Delivers queued tasks to the engine and restarts crashed workers, in this process."""

    def __init__(self, platform: Platform, tasks: TaskSource, workers: SupervisedWorkers) -> None:
        self._platform = platform
        self._tasks = tasks
        self._workers = workers
        self._mine: set[str] = set()
        # The queue is shared with other processes: their jobs are completed here, but not worked on.
        self._bystander = replace(platform, workers=_Nobody())

    def run(self, job_id: str, on_progress: Callable[[Mapping[str, Any]], None], stop: StopToken) -> Job:
        """As :meth:`follow`; at its end, and where it raises, no worker is left and all steps are given back."""
        try:
            return self.follow(job_id, on_progress, stop)
        finally:
            self.close()

    def follow(self, job_id: str, on_progress: Callable[[Mapping[str, Any]], None], stop: StopToken) -> Job:
        """Work until the job has ended; ``on_progress`` gets each state of the progress document.

        Several threads may follow a job each. Raises the stop's error when ``stop`` is set.
        """
        if self._mine:
            # Another thread may have met its task before it was one of ours.
            enqueue_advance(self._platform, job_id)
        self._mine.add(job_id)
        job = load_job(self._platform, job_id)
        lanes = {
            STEPS: Lane(self._platform.settings.light_concurrency, partial(self._run, run_step_task)),
            DELIVERIES: Lane(SENT_AT_ONCE, partial(self._run, run_delivery_task)),
        }
        queues = QueueDispatcher(self._tasks, lanes)
        watchdog = Watchdog(self._platform, self._workers, queues.has)

        def on_change(snapshot: Snapshot | None) -> None:
            if snapshot is not None:
                on_progress(snapshot.data)

        watch = self._platform.documents.watch(operation_path(job.uid, job_id), on_change)
        try:
            while not job.state.terminal:
                stop.check()
                self._deliver_tasks()
                queues.take()
                job = load_job(self._platform, job_id)
                if not job.state.terminal:
                    watchdog.look(job)
                    if queues.full:
                        queues.wait_for_room(_TICK_SECONDS)
                    else:
                        self._tasks.wait(_TICK_SECONDS)
            return job
        finally:
            watch.close()
            queues.close()

    def close(self) -> None:
        """End the workers."""
        self._workers.join()
        remove_dead_scratch(self._platform)

    def _deliver_tasks(self) -> None:
        while (task := self._tasks.lease(QUEUE, seconds=_TASK_LEASE_SECONDS)) is not None:
            mine = task.payload.get("job_id") in self._mine
            try:
                run_advance_task(self._platform if mine else self._bystander, task.payload)
            except TransientError as error:
                self._tasks.nack(task, error=error.message)
                if mine:
                    return
            except NotFound:
                # The job's record has been collected; its task outlived it.
                self._tasks.ack(task)
            else:
                self._tasks.ack(task)

    def _run(
        self, run: Callable[[Platform, Mapping[str, Any], StopToken], None], task: LeasedTask, stop: StopToken
    ) -> str | None:
        try:
            # Of whichever job: it needs neither a source nor a worker, and is given back when this process ends.
            run(self._platform, task.payload, stop)
        except TransientError as error:
            return error.message
        return None


class Watchdog:
    """Sees to it that somebody works on the job.

    It ends one whose workers die before they can begin, and one whose time is up.

    ``steps_run`` says whether a light step of a job is under way here.
    """

    def __init__(self, platform: Platform, workers: SupervisedWorkers, steps_run: Callable[[str], bool]) -> None:
        self._platform = platform
        self._workers = workers
        self._steps_run = steps_run
        self._active_at = time.monotonic()
        # Of what was claimed before this process began, the first crash's look knows nothing: that allows one more.
        self._claimed: Mapping[str, leases.LeaseRecord] = {}
        self._futile_crashes = 0

    def look(self, job: Job) -> None:
        crashes = sum(code not in (0, EX_TEMPFAIL) for code in self._workers.ended(job.id))
        if crashes:
            before, self._claimed = self._claimed, leases.claimed_in(self._platform, job)
            if self._claimed != before:
                # A step was claimed: from here its own count of attempts is what ends the job.
                self._futile_crashes = 0
            self._futile_crashes += crashes
        now = time.monotonic()
        if is_overdue(self._platform, job):
            # Whatever it waits for: nobody else sweeps while a command follows its job.
            with suppress(Conflict):
                fail_overdue(self._platform, job)
        elif self._futile_crashes >= _MAX_FUTILE_CRASHES:
            error = PermanentError(
                "The worker process dies as soon as it starts: run `dailies doctor`, or again with --debug to see why.",
                code="worker_crashed",
            )
            fail_job(self._platform, job.id, error)
        elif not crashes and (self._workers.running(job.id) or self._steps_run(job.id)):
            self._active_at = now
        elif crashes or now - self._active_at > _IDLE_SECONDS:
            self._active_at = now
            enqueue_advance(self._platform, job.id)


class _Nobody:
    """Workers for jobs that are somebody else's."""

    def start(self, job_id: str, tasks: int = 1) -> None:
        return None

    def cancel(self, job_id: str) -> None:
        return None

    def give_up(self, job_id: str, owner: str) -> None:
        return None
