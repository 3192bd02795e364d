"""Workers as executions of one Cloud Run job.

``workers/{job}`` remembers which executions were started for a job and which of their tasks have left, so that a
repeated event starts nothing new while a worker is there, and work that became ready behind the last one's back does.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from google.api_core import exceptions

from dailies.adapters.gcp.errors import translated
from dailies.adapters.gcp.owners import worker_named
from dailies.domain.errors import PlatformNotReady
from dailies.ports.documents import DocumentStore, Transaction
from dailies.ports.workers import Workers

if TYPE_CHECKING:
    from google.cloud import run_v2

JOB_VARIABLE = "DAILIES_JOB"
# Whoever starts an execution has this long before another call does it in its place.
_STARTING = timedelta(seconds=60)
_KEPT = timedelta(days=7)


class CloudRunWorkers(Workers):
    """``worker_job`` is the Cloud Run job: ``projects/…/locations/…/jobs/…``.

    The clients are made on first use: most who have a platform never start or cancel a worker.
    """

    def __init__(
        self,
        jobs: Callable[[], run_v2.JobsClient],
        executions: Callable[[], run_v2.ExecutionsClient],
        documents: DocumentStore,
        worker_job: str,
        now: Callable[[], datetime],
    ) -> None:
        self._jobs = cache(jobs)
        self._executions = cache(executions)
        self._documents = documents
        self._worker_job = worker_job
        self._now = now

    def start(self, job_id: str, tasks: int = 1) -> None:
        wanted = tasks - sum(self._running(name, each) for name, each in self._known(job_id).items())
        if wanted < 1 or not self._documents.transaction(lambda t: self._may_start(t, job_id)):
            return
        try:
            name = self._run(job_id, wanted)
        except BaseException:
            self._documents.update(_path(job_id), {"starting": None})
            raise
        started = {"starting": None, f"executions.{name}": {"tasks": wanted, "left": []}}
        self._documents.update(_path(job_id), started)

    def cancel(self, job_id: str) -> None:
        for name, each in self._known(job_id).items():
            if len(each["left"]) < each["tasks"]:
                with translated(f"The execution {name}"):
                    try:
                        self._executions().cancel_execution(name=self._full(name))
                    except (exceptions.NotFound, exceptions.FailedPrecondition, exceptions.BadRequest):
                        # It has ended by itself.
                        continue

    def give_up(self, job_id: str, owner: str) -> None:
        # Its execution is not cancelled: other tasks of it may work on, and Cloud Run ends one that hangs.
        worker = worker_named(owner)
        if worker is not None:
            self.leave(job_id, worker.execution, worker.task_index)

    def leave(self, job_id: str, execution: str, task_index: int) -> None:
        """A worker takes no further step: from now on ``start`` doesn't count on it. Idempotent."""

        def note(transaction: Transaction) -> None:
            found = transaction.get(_path(job_id))
            each = found.data["executions"].get(execution) if found is not None else None
            if each is not None and task_index not in each["left"]:
                transaction.update(_path(job_id), {f"executions.{execution}.left": [*each["left"], task_index]})

        self._documents.transaction(note)

    def _known(self, job_id: str) -> dict[str, Any]:
        found = self._documents.get(_path(job_id))
        return {} if found is None else dict(found.data["executions"])

    def _may_start(self, transaction: Transaction, job_id: str) -> bool:
        now = self._now()
        found = transaction.get(_path(job_id))
        data = {"executions": {}, "starting": None} if found is None else found.data
        if data["starting"] is not None and data["starting"] > now:
            return False
        transaction.set(_path(job_id), {**data, "starting": now + _STARTING, "expires": now + _KEPT})
        return True

    def _run(self, job_id: str, tasks: int) -> str:
        from google.cloud import run_v2

        override = run_v2.RunJobRequest.Overrides.ContainerOverride(
            env=[run_v2.EnvVar(name=JOB_VARIABLE, value=job_id)]
        )
        overrides = run_v2.RunJobRequest.Overrides(container_overrides=[override], task_count=tasks)
        with translated("The worker job"):
            try:
                operation = self._jobs().run_job(run_v2.RunJobRequest(name=self._worker_job, overrides=overrides))
            except (exceptions.NotFound, exceptions.BadRequest, exceptions.Conflict) as error:
                # FAILED_PRECONDITION is a BadRequest. None of it is about this job of a user's: the request is always
                # the same, so it is the deployment that somebody has to mend, or that is not done yet.
                raise PlatformNotReady(
                    f"Cloud Run refuses to start the job {self._worker_job} ({error.message}): see `dailies doctor"
                    " --project`.",
                    code="workers_refused",
                ) from error
        return str(operation.metadata.name).rpartition("/")[2]

    def _running(self, name: str, each: dict[str, Any]) -> int:
        """How many of the execution's workers may still take a step."""
        staying = int(each["tasks"]) - len(each["left"])
        if staying < 1:
            return 0
        with translated(f"The execution {name}"):
            try:
                found = self._executions().get_execution(name=self._full(name))
            except exceptions.NotFound:
                return 0
        return 0 if found.completion_time else staying

    def _full(self, name: str) -> str:
        return f"{self._worker_job}/executions/{name}"


def _path(job_id: str) -> str:
    return f"workers/{job_id}"
