"""Another job of a source that is there already: a second try, or other outputs, without a second upload."""

from __future__ import annotations

from typing import Any

from dailies.domain.errors import DailiesError
from dailies.domain.job.job import Job
from dailies.domain.job.uploads import source_name
from dailies.engine.platform import Platform
from dailies.engine.store.jobs import load_job, new_job_id
from dailies.engine.store.quota import check_daily_ceiling
from dailies.services.create_upload import wanted_recipe
from dailies.services.jobs import owned_job
from dailies.services.queued_job import known_job, queue_job
from dailies.services.stored_source import stored_source


def run_again(platform: Platform, uid: str, job_id: str, recipe: Any = None, *, new_id: str | None = None) -> Job:
    """A queued job of the same source; ``recipe`` is a JSON value, None the recipe of then.

    Not idempotent, but with ``new_id``, an id set aside for it. What exists of its steps is not made again. Raises
    NotFound (no such job of this user; ``source_gone``), InvalidRecipe, QuotaExceeded.
    """
    before = owned_job(platform, uid, job_id)
    if (known := known_job(platform, uid, new_id)) is not None:
        return known
    source = stored_source(platform, before)
    wanted = before.recipe if recipe is None else wanted_recipe(recipe)
    check_daily_ceiling(platform)
    made_id = new_id or new_job_id(platform.now())
    # A copy: a job that is cancelled takes its source along.
    copied = platform.objects.copy(source.name, source_name(uid, made_id))
    # The digest stays: it may name the first object, and another would be another source to every step.
    copy = source.model_copy(update={"name": copied.name, "generation": copied.generation})
    try:
        queue_job(platform, uid, made_id, copy, wanted, before.file_name)
    except DailiesError:
        platform.objects.delete(copied.name)
        raise
    return load_job(platform, made_id)
