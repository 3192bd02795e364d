"""What Cloud Tasks, Eventarc, Cloud Scheduler and Cloud Run do in the cloud: deliver, retry, call, look after."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from threading import Event

from dailies.adapters.local.tasks import LocalTasks
from dailies.adapters.local.workers import LocalWorkers
from dailies.domain.errors import DailiesError
from dailies.domain.job import Job, JobState
from dailies.engine.advance import QUEUE
from dailies.engine.platform import Platform
from dailies.logs import Logger
from dailies.ports.documents import Where
from dailies.ports.tasks import LeasedTask
from dailies.services.embedded import Watchdog
from dailies.up.bucket import EVENTS

_LEASE_SECONDS = 60.0
_ANSWER_SECONDS = 50.0
_TICK_SECONDS = 0.1
_SWEEP_SECONDS = 300.0
_RUNNING = [JobState.QUEUED.value, JobState.PROCESSING.value]
_TARGETS = {QUEUE: ("/advance", "application/json"), EVENTS: ("/onUpload", "application/cloudevents+json")}

log = Logger(__name__)


class Dispatcher:
    """One thread; everything goes over HTTP to the server's own functions, as it does in the cloud."""

    def __init__(self, address: tuple[str, int], platform: Platform, tasks: LocalTasks, workers: LocalWorkers) -> None:
        self._address = address
        self._platform = platform
        self._tasks = tasks
        self._workers = workers
        self._watchdogs: dict[str, Watchdog] = {}
        self._swept_at = float("-inf")

    def run(self, stop: Event, housekeeping: Callable[[], None]) -> None:
        """Until ``stop``. ``housekeeping`` is called beside each sweep."""
        while not stop.is_set():
            try:
                for queue in _TARGETS:
                    self._deliver(queue, stop)
                self._look_after()
                if time.monotonic() - self._swept_at >= _SWEEP_SECONDS:
                    self._swept_at = time.monotonic()
                    self._post("/sweep", "application/json", b"{}")
                    housekeeping()
                self._tasks.wait(_TICK_SECONDS)
            except DailiesError as error:
                # A store that is busy or full now: the next round may find it better.
                log.warning("dispatch failed", code=error.error_code, error=error.message)
                stop.wait(1.0)

    def _deliver(self, queue: str, stop: Event) -> None:
        while not stop.is_set() and (task := self._tasks.lease(queue, seconds=_LEASE_SECONDS)) is not None:
            failure = self._call(task)
            if failure is None:
                self._tasks.ack(task)
            else:
                self._tasks.nack(task, error=failure)

    def _call(self, task: LeasedTask) -> str | None:
        path, content_type = _TARGETS[task.queue]
        body = {"data": dict(task.payload)} if task.queue == QUEUE else dict(task.payload)
        return self._post(path, content_type, json.dumps(body).encode())

    def _post(self, path: str, content_type: str, body: bytes) -> str | None:
        """None on success, else what went wrong."""
        connection = HTTPConnection(*self._address, timeout=_ANSWER_SECONDS)
        try:
            connection.request("POST", path, body, {"Content-Type": content_type})
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
        # Files are of commands in other processes, which look after their own jobs.
        jobs = [job for found in running if (job := Job.model_validate(found.data)).source.kind == "object"]
        for job in jobs:
            if job.id not in self._watchdogs:
                self._watchdogs[job.id] = Watchdog(self._platform, self._workers, job)
            self._watchdogs[job.id].look(job)
        for job_id in self._watchdogs.keys() - {job.id for job in jobs}:
            if not self._workers.running(job_id):
                self._workers.ended(job_id)
                del self._watchdogs[job_id]
