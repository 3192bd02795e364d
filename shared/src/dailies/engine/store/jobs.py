"""Jobs in the document store: every write is a transaction on the job's state."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from dailies.domain.errors import (
    DailiesError,
    Forbidden,
    InvalidRecipe,
    InvalidRequest,
    NotFound,
    OverBudget,
    PermanentError,
    QuotaExceeded,
    SourceRefused,
    TransientError,
    UrlRefused,
    record_of,
)
from dailies.domain.job.batch_ids import batch_id_of
from dailies.domain.job.job import Job, JobState, check_transition
from dailies.domain.job.quota import Usage
from dailies.domain.job.retention import record_goes
from dailies.domain.job.uploads import parse_name
from dailies.engine.advance_queue import enqueue_advance
from dailies.engine.platform import Platform
from dailies.engine.store.admission import place_writes
from dailies.engine.store.events import Happening, ended_as, events_in
from dailies.engine.store.progress import finish_fields, first_document, operation_path
from dailies.engine.store.quota import arrived, ended, quota_path, usage_document
from dailies.logs import Logger
from dailies.ports.documents import Transaction, Writes

log = Logger(__name__)

# What a user asked for, or sent: no reason to wake an operator.
_OF_THE_USER = (Forbidden, InvalidRecipe, InvalidRequest, OverBudget, QuotaExceeded, SourceRefused, UrlRefused)
_JOB_ID = re.compile(r"[A-Za-z0-9]{1,64}")


def new_job_id(now: datetime) -> str:
    """Sorts by time; unique."""
    return f"{int(now.timestamp() * 1000):011x}{secrets.token_hex(4)}"


def job_path(job_id: str) -> str:
    """Raises NotFound for what is no job's id: it comes from outside, and not every text is a document's name."""
    if not _JOB_ID.fullmatch(job_id):
        raise NotFound(f"There is no job {job_id[:64]!r}: see `dailies jobs list`.", job_id=job_id[:64])
    return f"jobs/{job_id}"


def load_job(platform: Platform, job_id: str) -> Job:
    """Raises NotFound."""
    snapshot = platform.documents.get(job_path(job_id))
    if snapshot is None:
        raise NotFound(f"There is no job {job_id}: see `dailies jobs list`.", job_id=job_id)
    return Job.model_validate(snapshot.data)


def read_job(transaction: Transaction, job_id: str) -> Job:
    """The job as the transaction sees it. Raises NotFound."""
    snapshot = transaction.get(job_path(job_id))
    if snapshot is None:
        raise NotFound(f"There is no job {job_id}: see `dailies jobs list`.", job_id=job_id)
    return Job.model_validate(snapshot.data)


def move_job(
    platform: Platform, job_id: str, after: JobState, *, happened: Sequence[Happening] = (), **fields: Any
) -> Job:
    """Take the job to ``after`` and write the matching progress document, in one transaction.

    Logged is what ``happened`` before, and the move itself. With a job's end goes what it holds of its user's quota:
    settled when it is completed, else given back, but for what ran. Where anybody is to be told of the end, that is
    noted with it.

    Idempotent: a job that is there already is left as it is. Raises Conflict when the transition does not
    exist, NotFound when the job does not, NoSlot when as many jobs run as may.
    """
    told: list[str] = []

    def move(transaction: Transaction) -> Job:
        told.clear()
        job = read_job(transaction, job_id)
        if job.state is after:
            return job
        check_transition(job_id, job.state, after)
        now = platform.now()
        moved = job.model_copy(
            update={
                "state": after,
                "updated": now,
                **({"finished": now} if after.terminal else {"reached": {**job.reached, after.value: now}}),
                **fields,
            }
        )
        quota: Writes = {}
        if after.terminal:
            quota = ended(transaction, moved, now)
        elif job.state is JobState.AWAITING_UPLOAD:
            quota = arrived(transaction, moved, now)
        place = place_writes(platform, transaction, job, after)
        events = events_in(transaction, moved, [*happened, ended_as(moved)]) if after.terminal else {}
        to_tell = _to_tell(platform, moved) if after.terminal else {}
        told.extend(to_tell)
        transaction.set(job_path(job_id), job_document(moved))
        for path, document in {**quota, **place, **events, **to_tell}.items():
            transaction.set(path, document)
        # Where jobs wait for their turn, one that moves on has no place in line any more.
        in_line = {"position": None} if place else {}
        transaction.update(operation_path(job.uid, job_id), finish_fields(moved, now) | in_line)
        return moved

    moved = platform.documents.transaction(move)
    if told or (moved.state.terminal and batch_id_of(job_id) is not None):
        try:
            # Whoever advances a job relays its events, and goes on with its batch.
            enqueue_advance(platform, job_id)
        except TransientError as error:
            # The job has ended all the same, and the sweep finds who is to be told.
            log.warning("an end is told later", job=job_id, code=error.error_code, error=error.message)
    if moved.state.terminal:
        _let_upload_go(platform, moved)
    return moved


def _to_tell(platform: Platform, job: Job) -> Writes:
    # A list of jobs ends none.
    from dailies.engine.store.readers import unheard

    return unheard(platform, job)


def _let_upload_go(platform: Platform, job: Job) -> None:
    """End what is still on its way for the job, and remove the source of one that nobody wants any more.

    That of a job that failed or was completed stays for its time, as do objects that were not uploaded for this job.
    """
    if job.source.kind != "object":
        return
    # Once the source is there its session is over by itself.
    platform.sessions.end(job.source.name, job.upload_session if job.source.generation == 0 else None)
    upload = parse_name(job.source.name)
    if upload is None or upload.job_id != job.id or job.state not in (JobState.CANCELLED, JobState.EXPIRED):
        return
    try:
        platform.objects.delete(job.source.name)
    except DailiesError as error:
        # The job has ended all the same; what stays goes with the sources that are too old.
        log.warning("source not removed", job=job.id, code=error.error_code, error=error.message)


def write_new(transaction: Transaction, job: Job, usage: Usage | None = None) -> None:
    """Write the job with its progress document, and with the quota that it holds."""
    transaction.create(job_path(job.id), job_document(job))
    end = finish_fields(job, job.created) if job.state.terminal else {}
    transaction.create(operation_path(job.uid, job.id), {**first_document(job), **end})
    if usage is not None:
        transaction.set(quota_path(job.uid), usage_document(usage, job.created))


def fail_job(platform: Platform, job_id: str, error: DailiesError) -> Job:
    """Record ``error`` as the job's end, unless it has ended already."""
    job = load_job(platform, job_id)
    if job.state.terminal:
        return job
    failed = move_job(platform, job_id, JobState.FAILED, error=record_of(error))
    if platform.settings.project is not None:
        # On one machine the command says it; in the cloud an operator's alert counts these lines (infra/terraform).
        fault = "user" if isinstance(error, _OF_THE_USER) else "deployment"
        log.warning("a job has failed", job=job_id, code=error.error_code, fault=fault)
    return failed


def fail_internally(platform: Platform, job_id: str, error: Exception) -> Job:
    """Record a bug of ours as the job's end: a repetition would meet it again, and a user reads no traceback."""
    message = f"Internal error ({type(error).__name__}: {error}): run again with --debug and report it."
    return fail_job(platform, job_id, PermanentError(message, code="internal"))


def job_document(job: Job) -> dict[str, Any]:
    """The stored form: JSON values, and datetimes as such so that stores can sort and expire by them."""
    document = job.model_dump(mode="json")
    for name, value in job:
        if isinstance(value, datetime):
            document[name] = value
    if job.finished is not None:
        document["remove_after"] = record_goes(job.finished)
    return document
