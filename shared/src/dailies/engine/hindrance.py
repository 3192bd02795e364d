"""What keeps a job from going on that is no fault of it: told on the job, in the log, and waited out.

Rights take minutes to spread after an apply, and what is deployed wrongly is mended by somebody: until the job's
deadline each try may be the one that succeeds. The deadline then ends the job with this reason.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from dailies.domain.errors import DailiesError, PlatformNotReady
from dailies.domain.job.job import Hindrance, Job
from dailies.engine.platform import Platform
from dailies.engine.store.jobs import job_document, job_path, read_job
from dailies.engine.store.progress import operation_path
from dailies.logs import Logger
from dailies.ports.documents import Transaction

_SHORTEST = timedelta(seconds=5)
_LONGEST = timedelta(minutes=5)
_MESSAGE = "Waiting: the service can't start work at present"

log = Logger(__name__)


def hindered(platform: Platform, job_id: str, error: PlatformNotReady) -> float:
    """Note on the job what hinders it; returns the seconds to wait: as long as it has lasted, within bounds.

    Written when the reason is new, and not each time: a job's document takes few writes. Raises nothing.
    """
    log.warning("waiting for the platform", job=job_id, code=error.error_code, error=error.message)
    waited = timedelta(0)
    # Where the store itself is what denies, the log has it; the deadline's own words have to do.
    with suppress(DailiesError):
        noted = platform.documents.transaction(lambda transaction: _note(platform, transaction, job_id, error))
        waited = timedelta(0) if noted is None else platform.now() - noted.since
    return min(max(waited, _SHORTEST), _LONGEST).total_seconds()


def unhindered(platform: Platform, job: Job) -> None:
    """Forget what hindered the job. Writes only where there was something."""
    if job.hindrance is None:
        return

    def clear(transaction: Transaction) -> None:
        found = read_job(transaction, job.id)
        if not found.state.terminal:
            transaction.update(job_path(job.id), {"hindrance": None})

    platform.documents.transaction(clear)


def _note(platform: Platform, transaction: Transaction, job_id: str, error: PlatformNotReady) -> Hindrance | None:
    job = read_job(transaction, job_id)
    if job.state.terminal:
        return job.hindrance
    if job.hindrance is not None and job.hindrance.message == error.message:
        return job.hindrance
    since = platform.now() if job.hindrance is None else job.hindrance.since
    noted = Hindrance(code=error.error_code, message=error.message, since=since)
    transaction.set(job_path(job_id), job_document(job.model_copy(update={"hindrance": noted})))
    transaction.update(operation_path(job.uid, job_id), {"message": _MESSAGE, "lastUpdate": platform.now()})
    return noted
