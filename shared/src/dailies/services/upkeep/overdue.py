"""The end of jobs that were not finished in time."""

from __future__ import annotations

from dailies.domain.errors import PermanentError
from dailies.domain.job.job import Job
from dailies.engine.platform import Platform
from dailies.engine.store.jobs import fail_job


def is_overdue(platform: Platform, job: Job) -> bool:
    return job.deadline < platform.now()


def fail_overdue(platform: Platform, job: Job) -> None:
    """Fail the job with ``deadline_exceeded``, and what it was last hindered by. Raises Conflict where it has ended."""
    hours = platform.settings.job_max_hours
    reason = "split the source or raise DAILIES_JOB_MAX_HOURS." if job.hindrance is None else job.hindrance.message
    message = f"The job was not finished within {hours:g} hours: {reason}"
    fail_job(platform, job.id, PermanentError(message, code="deadline_exceeded"))
