"""A job that goes on with what another job of the same user has made."""

from __future__ import annotations

from typing import Any

from dailies.domain.errors import NotFound
from dailies.domain.job.job import ObjectSource
from dailies.domain.job.uploads import check_uid
from dailies.engine.fetch.fetch import content_source
from dailies.engine.platform import Platform
from dailies.planning.operation import MAIN_FILE
from dailies.services.create_upload import wanted_recipe
from dailies.services.queued_job import Created, queue_stored
from dailies.services.result import made_by


def create_from_job(
    platform: Platform, uid: str, *, job_id: str, output: str, recipe: Any = None, new_id: str | None = None
) -> Created:
    """A queued job whose source is the main file of another job's output, as if it had been uploaded.

    The store copies it without moving its bytes here, so that it outlives the other job's retention. Not idempotent,
    but with ``new_id``, as in :func:`queue_stored`. Raises NotFound for what is not this user's, not made or no longer
    there, PermanentError ``job_not_completed``, InvalidRecipe, QuotaExceeded, Forbidden.
    """
    check_uid(uid)
    made = made_by(platform, uid, job_id)
    if output not in made:
        raise NotFound(f"The job {job_id} has no output {output[:64]!r}: see its result.", code="output_not_found")
    file = made[output].files[MAIN_FILE]
    wanted = wanted_recipe(recipe)

    def copy(destination: str) -> ObjectSource:
        return content_source(platform.objects.copy(file.object, destination), file.sha256)

    return queue_stored(platform, uid, wanted, copy, file_name=output, new_id=new_id)
