"""What jobs have in common that begin in the queue, and wait for no upload."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from dailies.domain.errors import DailiesError
from dailies.domain.job.job import Job, JobState, ObjectSource, Source
from dailies.domain.job.uploads import shown_name, source_name
from dailies.domain.recipe.recipe import Recipe
from dailies.engine.advance_queue import enqueue_advance
from dailies.engine.platform import Platform
from dailies.engine.store.jobs import job_path, new_job_id, write_new
from dailies.engine.store.progress import operation_path
from dailies.engine.store.quota import check_daily_ceiling, limits_of, reserved
from dailies.ports.documents import Transaction
from dailies.services.webhooks.endpoints import check_webhook


@dataclass(frozen=True, slots=True)
class Created:
    """The job, and which document tells how it goes on."""

    job_id: str
    operation_path: str


def queue_job(
    platform: Platform,
    uid: str,
    job_id: str,
    source: Source,
    recipe: Recipe,
    file_name: str | None,
    *,
    webhook: str | None = None,
) -> Created:
    """A queued job of a user, its quota reserved.

    ``webhook`` is told of it, and was checked. Raises QuotaExceeded, Conflict for an id that is taken.
    """
    now = platform.now()
    job = Job(
        id=job_id,
        uid=uid,
        state=JobState.QUEUED,
        recipe=recipe,
        source=source,
        webhook=webhook,
        file_name=shown_name(file_name),
        created=now,
        updated=now,
        deadline=now + timedelta(hours=platform.settings.job_max_hours),
    )

    def create(transaction: Transaction) -> None:
        write_new(transaction, job, reserved(transaction, limits_of(platform.settings), job, now))

    platform.documents.transaction(create)
    enqueue_advance(platform, job.id)
    return Created(job.id, operation_path(uid, job.id))


def queue_stored(
    platform: Platform,
    uid: str,
    recipe: Recipe,
    store: Callable[[str], ObjectSource],
    *,
    file_name: str | None = None,
    webhook: str | None = None,
    new_id: str | None = None,
) -> Created:
    """A queued job for what ``store`` makes an object of the name that it is given, as if it had been uploaded.

    With ``new_id``, an id set aside for the job, idempotent: a caller that died may have made it. ``webhook`` is told
    of the job. Raises QuotaExceeded, and as :func:`check_webhook`.
    """
    known = known_job(platform, uid, new_id)
    if known is not None:
        return Created(known.id, operation_path(uid, known.id))
    check_webhook(platform, uid, webhook)
    check_daily_ceiling(platform)
    job_id = new_id or new_job_id(platform.now())
    stored = store(source_name(uid, job_id))
    try:
        return queue_job(platform, uid, job_id, stored, recipe, file_name, webhook=webhook)
    except DailiesError:
        # A job that is there all the same, as where its task could not be enqueued, needs its source.
        if platform.documents.get(job_path(job_id)) is None:
            platform.objects.delete(stored.name)
        raise


def known_job(platform: Platform, uid: str, job_id: str | None) -> Job | None:
    """The user's job of an id that was set aside for it: whoever did so may have died after it was made.

    Its task is enqueued once more, as nobody knows whether it was.
    """
    snapshot = None if job_id is None else platform.documents.get(job_path(job_id))
    if snapshot is None or snapshot.data["uid"] != uid:
        return None
    job = Job.model_validate(snapshot.data)
    if job.state is JobState.QUEUED:
        enqueue_advance(platform, job.id)
    return job
