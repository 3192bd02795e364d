"""Another job of a source that is there already: a second try, or other outputs, without a second upload."""

from __future__ import annotations

from typing import Any

from dailies.domain.errors import DailiesError
from dailies.domain.job.job import Job, JobState
from dailies.domain.job.uploads import source_name
from dailies.engine.platform import Platform
from dailies.engine.store.jobs import load_job
from dailies.services.create_upload import create_upload
from dailies.services.jobs import cancel_job, owned_job
from dailies.services.stored_source import stored_source
from dailies.services.upload_arrived import Arrival, upload_arrived

# Sources are objects of any bucket; a copy of ours is in the platform's own, which needs no name here.
_OWN_BUCKET = ""


def run_again(platform: Platform, uid: str, job_id: str, recipe: Any = None, *, new_id: str | None = None) -> Job:
    """A queued job of the same source; ``recipe`` is a JSON value, None the recipe of then.

    Not idempotent, but with ``new_id``, an id set aside for it. What exists of its steps is not made again. Raises
    NotFound (no such job of this user; ``source_gone``), InvalidRecipe, QuotaExceeded.
    """
    before = owned_job(platform, uid, job_id)
    source = stored_source(platform, before)
    ticket = create_upload(
        platform,
        uid,
        recipe=before.recipe.model_dump(mode="json", exclude_none=True) if recipe is None else recipe,
        size_bytes=source.size,
        content_type="",
        file_name=before.file_name,
        new_id=new_id,
    )
    made = load_job(platform, ticket.job_id)
    if made.state is not JobState.AWAITING_UPLOAD:
        return made
    try:
        # A copy: a job that is cancelled takes its source along.
        copied = platform.objects.copy(source.name, source_name(uid, ticket.job_id))
    except DailiesError:
        cancel_job(platform, ticket.job_id)
        raise
    # The store's own event of the copy comes to the same, where there is one.
    upload_arrived(platform, Arrival(_OWN_BUCKET, copied.name, copied.generation))
    return load_job(platform, ticket.job_id)
