"""What jobs have in common that begin in the queue, and wait for no upload."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from dailies.domain.job.job import Job, JobState, Source
from dailies.domain.job.uploads import shown_name
from dailies.domain.recipe.recipe import Recipe
from dailies.engine.advance_queue import enqueue_advance
from dailies.engine.platform import Platform
from dailies.engine.store.jobs import write_new
from dailies.engine.store.progress import operation_path
from dailies.engine.store.quota import limits_of, reserved
from dailies.ports.documents import Transaction


@dataclass(frozen=True, slots=True)
class Created:
    """The job, and which document tells how it goes on."""

    job_id: str
    operation_path: str


def queue_job(
    platform: Platform, uid: str, job_id: str, source: Source, recipe: Recipe, file_name: str | None
) -> Created:
    """A queued job of a user, its quota reserved. Raises QuotaExceeded, Conflict for an id that is taken."""
    now = platform.now()
    job = Job(
        id=job_id,
        uid=uid,
        state=JobState.QUEUED,
        recipe=recipe,
        source=source,
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
