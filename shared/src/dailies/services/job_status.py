"""How a job of a user stands, and what it has made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dailies.domain.errors import DailiesError
from dailies.domain.job.job import Job, JobState
from dailies.domain.job.result import JobResult, result_of
from dailies.engine.platform import Platform
from dailies.engine.store.progress import operation_path
from dailies.planning.operation import MAIN_FILE
from dailies.services.jobs import owned_job
from dailies.services.result import Download, files_of, sign


@dataclass(frozen=True, slots=True)
class JobStatus:
    """``operation`` is the progress document. ``result``: of a completed job."""

    job: Job
    operation: Mapping[str, Any]
    result: JobResult | None


def job_status(platform: Platform, uid: str, job_id: str) -> JobStatus:
    """Raises NotFound, also for another user's."""
    job = owned_job(platform, uid, job_id)
    operation = platform.documents.get(operation_path(job.uid, job.id))
    result = result_of(job.result, job.recipe) if job.state is JobState.COMPLETED else None
    return JobStatus(job, {} if operation is None else operation.data, result)


def main_download(platform: Platform, status: JobStatus) -> Download | None:
    """Where the first output of the recipe that was made can be fetched; None where it is no longer there."""
    if status.result is None:
        return None
    try:
        files = files_of(platform, status.job.uid, status.job.id)
        first = next((files[name] for name in status.job.recipe.outputs if name in files), None)
        return None if first is None else sign(platform, first[MAIN_FILE])
    except DailiesError:
        # The job has ended well all the same; /download says why its file can't be had.
        return None
