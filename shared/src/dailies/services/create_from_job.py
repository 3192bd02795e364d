"""A job that goes on with what another job of the same user has made."""

from __future__ import annotations

from typing import Any

from dailies.domain.job.job import ObjectSource
from dailies.domain.job.uploads import check_uid
from dailies.engine.fetch.fetch import content_source
from dailies.engine.platform import Platform
from dailies.services.create_upload import wanted_recipe
from dailies.services.queued_job import Created, queue_stored
from dailies.services.result import main_file_of


def create_from_job(
    platform: Platform,
    uid: str,
    *,
    job_id: str,
    output: str,
    recipe: Any = None,
    webhook: str | None = None,
    new_id: str | None = None,
) -> Created:
    """A queued job whose source is the main file of another job's output, as if it had been uploaded.

    The store copies it without moving its bytes here, so that it outlives the other job's retention. Not idempotent,
    but with ``new_id``, and ``webhook``, as in :func:`queue_stored`. Raises NotFound for what is not this user's, not
    made or no longer there, PermanentError ``job_not_completed``, InvalidRecipe, QuotaExceeded, Forbidden.
    """
    check_uid(uid)
    file = main_file_of(platform, uid, job_id, output)
    wanted = wanted_recipe(recipe)

    def copy(destination: str) -> ObjectSource:
        return content_source(platform.objects.copy(file.object, destination), file.sha256)

    return queue_stored(platform, uid, wanted, copy, file_name=output, webhook=webhook, new_id=new_id)
