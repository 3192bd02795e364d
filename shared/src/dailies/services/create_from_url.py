"""A job whose source is a URL: fetched when its turn has come, and from then on as if it had been uploaded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from dailies.domain.job.job import Job, JobState, UrlSource
from dailies.domain.job.uploads import check_uid, shown_name
from dailies.domain.recipe.recipe import parse_recipe
from dailies.domain.web.url import parse_url
from dailies.engine.advance_queue import enqueue_advance
from dailies.engine.platform import Platform
from dailies.engine.store.jobs import new_job_id, write_new
from dailies.engine.store.progress import operation_path
from dailies.engine.store.quota import check_daily_ceiling, limits_of, reserved
from dailies.operations import KINDS
from dailies.ports.documents import Transaction
from dailies.services.create_upload import default_recipe


@dataclass(frozen=True, slots=True)
class Created:
    """The job, and which document tells how it goes on."""

    job_id: str
    operation_path: str


def create_from_url(platform: Platform, uid: str, *, url: str, recipe: Any = None) -> Created:
    """A queued job for the file at ``url``, its quota reserved. ``recipe`` is a JSON value; None is the default one.

    Its bytes count once they are known. Not idempotent: a repeated call is another job, which fetches again. Raises
    InvalidRecipe, UrlRefused, QuotaExceeded, Forbidden.
    """
    check_uid(uid)
    asked = parse_url(url, platform.settings.fetch_ports)
    wanted = default_recipe() if recipe is None else parse_recipe(recipe, KINDS)
    check_daily_ceiling(platform)
    now = platform.now()
    job = Job(
        id=new_job_id(now),
        uid=uid,
        state=JobState.QUEUED,
        recipe=wanted,
        source=UrlSource(url=str(asked)),
        file_name=shown_name(asked.file_name),
        created=now,
        updated=now,
        deadline=now + timedelta(hours=platform.settings.job_max_hours),
    )

    def create(transaction: Transaction) -> None:
        write_new(transaction, job, reserved(transaction, limits_of(platform.settings), job, now))

    platform.documents.transaction(create)
    enqueue_advance(platform, job.id)
    return Created(job.id, operation_path(uid, job.id))
