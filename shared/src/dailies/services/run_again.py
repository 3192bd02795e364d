"""Another job of a source that is there already: a second try, or other outputs, without a second upload."""

from __future__ import annotations

from typing import Any

from dailies.domain.job.job import Job, ObjectSource
from dailies.engine.platform import Platform
from dailies.engine.store.jobs import load_job
from dailies.services.create_upload import wanted_recipe
from dailies.services.jobs import owned_job
from dailies.services.queued_job import queue_stored
from dailies.services.stored_source import stored_source


def run_again(
    platform: Platform,
    uid: str,
    job_id: str,
    recipe: Any = None,
    *,
    webhook: str | None = None,
    new_id: str | None = None,
) -> Job:
    """A queued job of the same source; ``recipe`` is a JSON value, None the recipe of then.

    Not idempotent, but with ``new_id``; that and ``webhook`` as in :func:`queue_stored`. What exists of its steps is
    not made again. Raises NotFound (no such job of this user; ``source_gone``), InvalidRecipe, QuotaExceeded.
    """
    before = owned_job(platform, uid, job_id)
    wanted = before.recipe if recipe is None else wanted_recipe(recipe)

    def copy(destination: str) -> ObjectSource:
        # A copy: a job that is cancelled takes its source along.
        source = stored_source(platform, before)
        copied = platform.objects.copy(source.name, destination)
        # The digest stays: it may name the first object, and another would be another source to every step.
        return source.model_copy(update={"name": copied.name, "generation": copied.generation})

    made = queue_stored(platform, uid, wanted, copy, file_name=before.file_name, webhook=webhook, new_id=new_id)
    return load_job(platform, made.job_id)
