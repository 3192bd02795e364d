"""What one worker knows of the steps that failed for good in a job that goes on without them."""

from __future__ import annotations

from dailies.domain.errors import Killed, PermanentError, TransientError, record_of
from dailies.domain.job.job import Job
from dailies.engine.platform import Platform
from dailies.engine.store import leases
from dailies.engine.store.leases import Lease
from dailies.logs import Logger
from dailies.planning.plan import Plan, Record, Step
from dailies.planning.retry import retry_of

log = Logger(__name__)


class Refusals:
    """Step id → the record of the error that it met. The job's other workers and the queue find them in the leases."""

    def __init__(self, platform: Platform, job: Job) -> None:
        self._platform = platform
        self._job = job
        self.records: dict[str, Record] = {}

    def add(self, plan: Plan, step: Step, key: str, error: PermanentError, lease: Lease | None = None) -> None:
        """Have the job go on without the outputs that need the step, whose ``lease`` this worker may have.

        Raises what it met where that can't be.
        """
        if not error.of_output:
            raise error
        records = {**self.records, step.id: record_of(error)}
        plan.without(records)
        leases.refuse(self._platform, self._job, key, error, lease)
        self.records = records
        log.warning("left out what needs a step", step=step.label, code=error.error_code, error=error.message)

    def exhausted(self, plan: Plan, step: Step, key: str, lease: Lease, error: TransientError) -> None:
        """Have the job go on without a step that ran by itself and whose failures could have passed, and never did.

        Raises ``error`` where there is another try, or no job without the step.
        """
        failures = lease.failures + 1
        again = retry_of(step.operation).allows(failures, error)
        # Crashes are counted by themselves: the next claim finds as many as are allowed.
        if again or error.ends_job or not error.counts or isinstance(error, Killed):
            raise error
        message = f"Given up after {failures} attempts: {error.message}"
        try:
            self.add(plan, step, key, PermanentError(message, code=error.error_code, **error.details))
        except PermanentError:
            raise error from None
