"""A job whose source came with the call itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dailies.domain.job.job import ObjectSource
from dailies.domain.job.uploads import check_size, check_uid
from dailies.domain.source.sniff import HEAD_BYTES
from dailies.engine.fetch.fetch import content_source, take_file
from dailies.engine.platform import Platform
from dailies.planning.file_hash import file_sha256
from dailies.services.create_upload import wanted_recipe
from dailies.services.queued_job import Created, queue_stored


def create_from_file(
    platform: Platform,
    uid: str,
    *,
    path: Path,
    file_name: str | None,
    recipe: Any = None,
    webhook: str | None = None,
    new_id: str | None = None,
) -> Created:
    """A queued job for the file's bytes, which are in the store when this returns; on this machine it is moved there.

    ``new_id`` and ``webhook`` as in :func:`queue_stored`. Raises InvalidRecipe, SourceRefused (size, no media),
    QuotaExceeded, Forbidden.
    """
    check_uid(uid)
    wanted = wanted_recipe(recipe)
    size = path.stat().st_size
    check_size(size, platform.settings.max_source_bytes)
    with path.open("rb") as file:
        refused = platform.recognise(file.read(HEAD_BYTES), size)
    if refused is not None:
        raise refused

    def store(name: str) -> ObjectSource:
        sha256 = file_sha256(path)
        return content_source(take_file(platform.objects, name, path, sha256), sha256)

    return queue_stored(platform, uid, wanted, store, file_name=file_name, webhook=webhook, new_id=new_id)
