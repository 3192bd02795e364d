"""A job whose source is a URL: fetched when its turn has come, and from then on as if it had been uploaded."""

from __future__ import annotations

from typing import Any

from dailies.domain.job.job import UrlSource
from dailies.domain.job.uploads import check_uid
from dailies.domain.web.url import parse_url
from dailies.engine.platform import Platform
from dailies.engine.store.jobs import new_job_id
from dailies.engine.store.progress import operation_path
from dailies.engine.store.quota import check_daily_ceiling
from dailies.services.create_upload import wanted_recipe
from dailies.services.queued_job import Created, known_job, queue_job
from dailies.services.webhooks.endpoints import check_webhook


def create_from_url(
    platform: Platform, uid: str, *, url: str, recipe: Any = None, webhook: str | None = None, new_id: str | None = None
) -> Created:
    """A queued job for the file at ``url``, its quota reserved. ``recipe`` is a JSON value; None is the default one.

    Its bytes count once they are known. Not idempotent: a repeated call is another job, which fetches again; but with
    ``new_id``, an id set aside for the job. ``webhook`` is told of it, as :func:`check_webhook` lets it. Raises
    InvalidRecipe, UrlRefused, QuotaExceeded, Forbidden.
    """
    check_uid(uid)
    asked = parse_url(url, platform.settings.fetch_ports)
    wanted = wanted_recipe(recipe)
    if (known := known_job(platform, uid, new_id)) is not None:
        return Created(known.id, operation_path(uid, known.id))
    check_webhook(platform, uid, webhook)
    check_daily_ceiling(platform)
    job_id = new_id or new_job_id(platform.now())
    return queue_job(platform, uid, job_id, UrlSource(url=str(asked)), wanted, asked.file_name, webhook=webhook)
