"""A job whose source is an object of the store: what the user has uploaded, for another job or for none."""

from __future__ import annotations

from typing import Any

from dailies.domain.errors import NotFound
from dailies.domain.job.job import ObjectSource
from dailies.domain.job.uploads import check_size, check_uid, parse_name
from dailies.engine.fetch.fetch import content_source
from dailies.engine.platform import Platform
from dailies.services.create_upload import wanted_recipe
from dailies.services.queued_job import Created, queue_stored


def create_from_object(
    platform: Platform,
    uid: str,
    *,
    name: str,
    recipe: Any = None,
    webhook: str | None = None,
    new_id: str | None = None,
) -> Created:
    """A queued job for a copy of the user's own upload, ``uploads/{uid}/…``: it outlives the upload's own job.

    ``new_id`` and ``webhook`` as in :func:`queue_stored`. Raises NotFound ``object_not_found``, also for what is
    somebody else's, InvalidRecipe, SourceRefused (size), QuotaExceeded, Forbidden.
    """
    check_uid(uid)
    wanted = wanted_recipe(recipe)
    upload = parse_name(name)
    found = platform.objects.stat(name) if upload is not None and upload.uid == uid else None
    if found is None:
        raise NotFound(
            "There is no such object of yours: name one below uploads/ and your user id.", code="object_not_found"
        )
    check_size(found.size, platform.settings.max_source_bytes)

    def copy(destination: str) -> ObjectSource:
        return content_source(platform.objects.copy(name, destination), "")

    return queue_stored(platform, uid, wanted, copy, file_name=name.rpartition("/")[2], webhook=webhook, new_id=new_id)
