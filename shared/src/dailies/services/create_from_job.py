"""A job that goes on with what another job of the same user has made."""

from __future__ import annotations

from typing import Any

from dailies.domain.errors import DailiesError, NotFound
from dailies.domain.job.uploads import check_uid, source_name
from dailies.engine.fetch.fetch import content_source
from dailies.engine.platform import Platform
from dailies.engine.store.jobs import new_job_id
from dailies.engine.store.quota import check_daily_ceiling
from dailies.planning.operation import MAIN_FILE
from dailies.services.create_upload import wanted_recipe
from dailies.services.queued_job import Created, queue_job
from dailies.services.result import made_by


def create_from_job(platform: Platform, uid: str, *, job_id: str, output: str, recipe: Any = None) -> Created:
    """A queued job whose source is the main file of another job's output, as if it had been uploaded.

    The store copies it without moving its bytes here, so that it outlives the other job's retention. Not idempotent.
    Raises NotFound for what is not this user's, not made or no longer there, PermanentError ``job_not_completed``,
    InvalidRecipe, QuotaExceeded, Forbidden.
    """
    check_uid(uid)
    made = made_by(platform, uid, job_id)
    if output not in made:
        raise NotFound(f"The job {job_id} has no output {output[:64]!r}: see its result.", code="output_not_found")
    file = made[output].files[MAIN_FILE]
    wanted = wanted_recipe(recipe)
    check_daily_ceiling(platform)
    new_id = new_job_id(platform.now())
    copied = platform.objects.copy(file.object, source_name(uid, new_id))
    try:
        return queue_job(platform, uid, new_id, content_source(copied, file.sha256), wanted, output)
    except DailiesError:
        platform.objects.delete(copied.name)
        raise
