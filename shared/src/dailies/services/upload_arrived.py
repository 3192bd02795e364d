"""A finished upload starts its job; told at least once, in any order, of whatever is written to the bucket."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from dailies.domain.errors import Conflict, NotFound, QuotaExceeded, SourceRefused, record_of
from dailies.domain.job.job import Job, JobState, ObjectSource
from dailies.domain.job.uploads import bare_job_id, check_size, parse_name
from dailies.engine.advance_queue import enqueue_advance
from dailies.engine.platform import Platform
from dailies.engine.store.jobs import fail_job, job_path, load_job, move_job, write_new
from dailies.engine.store.quota import check_daily_ceiling, limits_of, reserved
from dailies.logs import Logger
from dailies.ports.documents import Transaction
from dailies.ports.objects import ObjectInfo
from dailies.services.create_upload import default_recipe

log = Logger(__name__)


@dataclass(frozen=True, slots=True)
class Arrival:
    """One finalized generation of an object, as the event names it."""

    bucket: str
    name: str
    generation: int


def upload_arrived(platform: Platform, arrival: Arrival) -> Job | None:
    """Queue the job that this upload is for. Idempotent; None where the event is of no concern.

    A source that is refused ends its job with the reason. Raises TransientError.
    """
    upload = parse_name(arrival.name)
    if upload is None:
        return None
    found = platform.objects.stat(arrival.name)
    if found is None or found.generation != arrival.generation:
        # Deleted, or overwritten: then the newer generation has an event of its own.
        return None
    job_id = upload.job_id or bare_job_id(arrival.bucket, arrival.name, arrival.generation)
    if upload.job_id is None:
        _create_bare(platform, upload.uid, job_id, found)
    try:
        job = load_job(platform, job_id)
    except NotFound:
        log.warning("upload for no known job", object=arrival.name)
        return None
    return queue_upload(platform, job, found) if job.uid == upload.uid else None


def queue_upload(platform: Platform, job: Job, found: ObjectInfo) -> Job:
    """Queue the job, or end it when ``found`` is not what it asked for. Idempotent; returns the job as it is now."""
    if job.state.terminal:
        if job.state is not JobState.COMPLETED:
            # Cancelled or expired while the last bytes came.
            platform.objects.delete(found.name)
        return job
    if job.state is JobState.AWAITING_UPLOAD:
        try:
            _check(platform, job, found)
        except SourceRefused as error:
            failed = fail_job(platform, job.id, error)
            platform.objects.delete(found.name)
            return failed
        deadline = platform.now() + timedelta(hours=platform.settings.job_max_hours)
        try:
            job = move_job(platform, job.id, JobState.QUEUED, source=_source(found), deadline=deadline)
        except Conflict:
            # Another delivery of this event, or a cancellation, was faster.
            return load_job(platform, job.id)
    # Also for a job that is queued already: whoever queued it may have died before this line.
    enqueue_advance(platform, job.id)
    return job


def _check(platform: Platform, job: Job, found: ObjectInfo) -> None:
    """Once more what the signature fixed: a bare upload had none."""
    check_size(found.size, platform.settings.max_source_bytes)
    if found.size != job.source.size:
        raise SourceRefused(
            f"The upload has {found.size} bytes and {job.source.size} were declared: upload it again.",
            code="upload_size",
        )


def _create_bare(platform: Platform, uid: str, job_id: str, found: ObjectInfo) -> None:
    """A job for an upload that nobody announced; when it is over a quota, one that says so."""
    now = platform.now()
    job = Job(
        id=job_id,
        uid=uid,
        state=JobState.AWAITING_UPLOAD,
        recipe=default_recipe(),
        source=ObjectSource(name=found.name, generation=0, size=found.size, digest=""),
        created=now,
        updated=now,
        deadline=now + timedelta(hours=platform.settings.upload_wait_hours),
    )

    def create(transaction: Transaction) -> None:
        if transaction.get(job_path(job_id)) is None:
            write_new(transaction, job, reserved(transaction, limits_of(platform.settings), job, now))

    def refuse(transaction: Transaction) -> None:
        if transaction.get(job_path(job_id)) is None:
            write_new(transaction, refused)

    try:
        check_daily_ceiling(platform)
        platform.documents.transaction(create)
    except QuotaExceeded as error:
        refused = job.model_copy(update={"state": JobState.FAILED, "error": record_of(error), "finished": now})
        platform.documents.transaction(refuse)


def _source(found: ObjectInfo) -> ObjectSource:
    """A digest of the content alone lets the same file uploaded again find its artifacts; a CRC can't bear that."""
    content = found.checksum.startswith("sha256:")
    digest = found.checksum if content else f"{found.checksum}:{found.size}:{found.name}#{found.generation}"
    return ObjectSource(name=found.name, generation=found.generation, size=found.size, digest=digest)
