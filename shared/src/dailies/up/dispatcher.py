"""What Cloud Tasks, Eventarc, Cloud Scheduler and Cloud Run do in the cloud: deliver, retry, call, look after."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import closing
from functools import partial
from http.client import HTTPConnection, HTTPException
from threading import BoundedSemaphore

from dailies.domain.errors import DailiesError
from dailies.domain.job.job import Job, JobState
from dailies.domain.stop import StopToken
from dailies.engine.advance_queue import QUEUE
from dailies.engine.delivery_queue import DELIVERIES
from dailies.engine.platform import Platform
from dailies.engine.step_tasks import STEPS
from dailies.logs import Logger
from dailies.ports.documents import Where
from dailies.ports.tasks import LeasedTask, TaskSource
from dailies.services.embedded import SupervisedWorkers, Watchdog
from dailies.services.queue_dispatch import SENT_AT_ONCE, Lane, QueueDispatcher, settle
from dailies.up.bucket import EVENTS

_LEASE_SECONDS = 60.0
_ANSWER_SECONDS = 50.0
_TICK_SECONDS = 0.1
_AT_ONCE = 4
# How long a worker's death may be unknown: to look at every job under way costs what they cost together.
_LOOK_SECONDS = 1.0
_SWEEP_SECONDS = 300.0
_RUNNING = [JobState.QUEUED.value, JobState.FETCHING.value, JobState.PROCESSING.value]
# As long as Cloud Tasks waits.
_LONG_ANSWER_SECONDS = 1800.0
_TARGETS = {QUEUE: ("/advance", "application/json"), EVENTS: ("/onUpload", "application/cloudevents+json")}

log = Logger(__name__)


class Dispatcher:
    """Everything goes over HTTP to the server's own functions, as it does in the cloud, and several at once."""

    def __init__(
        self, address: tuple[str, int], token: str, platform: Platform, tasks: TaskSource, workers: SupervisedWorkers
    ) -> None:
        self._address = address
        self._token = token
        self._platform = platform
        self._tasks = tasks
        self._workers = workers
        self._watchdogs: dict[str, Watchdog] = {}
        self._looked_at = self._swept_at = float("-inf")
        self._sweeping: Future[None] | None = None
        self._free = BoundedSemaphore(_AT_ONCE)
        lanes = {
            STEPS: Lane(platform.settings.light_concurrency, partial(self._call_long, "/runStep")),
            DELIVERIES: Lane(SENT_AT_ONCE, partial(self._call_long, "/deliver")),
        }
        self._queues = QueueDispatcher(tasks, lanes)

    def run(self, stop: StopToken, housekeeping: Callable[[], None]) -> None:
        """Until ``stop``. ``housekeeping`` is called beside each sweep."""
        with closing(self._queues), ThreadPoolExecutor(_AT_ONCE + 1, "dispatcher") as pool:
            while not stop.is_set():
                try:
                    self._round(pool, housekeeping)
                except DailiesError as error:
                    # A store that is busy or full now: the next round may find it better.
                    log.warning("dispatch failed", code=error.error_code, error=error.message)
                    stop.wait(1.0)

    def _round(self, pool: Executor, housekeeping: Callable[[], None]) -> None:
        now = time.monotonic()
        if now - self._looked_at >= _LOOK_SECONDS:
            self._looked_at = now
            self._look_after()
        if now - self._swept_at >= _SWEEP_SECONDS and (self._sweeping is None or self._sweeping.done()):
            self._swept_at = now
            self._sweeping = pool.submit(self._sweep, housekeeping)
        self._queues.take()
        # A queue with tasks for which nobody is free is not worth a look.
        if not self._free.acquire(timeout=_TICK_SECONDS):
            return
        task = None
        try:
            task = self._next_task()
        finally:
            if task is None:
                self._free.release()
        if task is None and self._queues.full:
            self._queues.wait_for_room(_TICK_SECONDS)
        elif task is None:
            self._tasks.wait(_TICK_SECONDS)
        else:
            pool.submit(self._deliver, task)

    def _next_task(self) -> LeasedTask | None:
        """Jobs that are under way come before those that arrive."""
        for queue in _TARGETS:
            task = self._tasks.lease(queue, seconds=_LEASE_SECONDS)
            if task is not None:
                return task
        return None

    def _deliver(self, task: LeasedTask) -> None:
        try:
            settle(self._tasks, task, self._call)
        finally:
            self._free.release()

    def _call(self, task: LeasedTask) -> str | None:
        path, content_type = _TARGETS[task.queue]
        body = {"data": dict(task.payload)} if task.queue == QUEUE else dict(task.payload)
        return self._post(path, content_type, json.dumps(body).encode())

    def _call_long(self, path: str, task: LeasedTask, _stop: StopToken) -> str | None:
        """The function that is called runs in this process, and is told of its end there."""
        body = json.dumps({"data": dict(task.payload)}).encode()
        return self._post(path, "application/json", body, _LONG_ANSWER_SECONDS)

    def _sweep(self, housekeeping: Callable[[], None]) -> None:
        try:
            self._post("/sweep", "application/json", b"{}")
            housekeeping()
        except DailiesError as error:
            log.warning("sweep failed", code=error.error_code, error=error.message)

    def _post(self, path: str, content_type: str, body: bytes, answer_seconds: float = _ANSWER_SECONDS) -> str | None:
        """None on success, else what went wrong."""
        connection = HTTPConnection(*self._address, timeout=answer_seconds)
        try:
            headers = {"Content-Type": content_type, "Authorization": f"Bearer {self._token}"}
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            answer.read()
        except (OSError, HTTPException) as error:
            return f"{path} did not answer: {error}"
        finally:
            connection.close()
        return None if 200 <= answer.status < 300 else f"{path} answered {answer.status}"

    def _look_after(self) -> None:
        """Restart crashed workers, and find somebody for jobs that nobody works on."""
        running = self._platform.documents.query("jobs", where=[Where("state", "in", _RUNNING)])
        # Commands in other processes look after their own jobs.
        jobs = [job for found in running if (job := Job.model_validate(found.data)).served]
        for job in jobs:
            if job.id not in self._watchdogs:
                self._watchdogs[job.id] = Watchdog(self._platform, self._workers, self._queues.has)
            self._watchdogs[job.id].look(job)
        for job_id in self._watchdogs.keys() - {job.id for job in jobs}:
            if not self._workers.running(job_id):
                self._workers.ended(job_id)
                del self._watchdogs[job_id]
