"""One audio file of one source, asked for in a few words: the recipe that they mean."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dailies.domain.errors import InvalidRequest
from dailies.engine.platform import Platform
from dailies.services.create_from_file import create_from_file
from dailies.services.create_from_object import create_from_object
from dailies.services.create_from_url import create_from_url
from dailies.services.queued_job import Created

OUTPUT = "audio"


def convert_to_audio(
    platform: Platform,
    uid: str,
    *,
    audio: dict[str, Any],
    path: Path | None = None,
    file_name: str | None = None,
    url: str | None = None,
    name: str | None = None,
    webhook: str | None = None,
    new_id: str | None = None,
) -> Created:
    """A queued job that makes the one output ``audio``, of the file at ``path``, the URL or the stored object.

    ``audio`` has the fields of the kind of that name. ``webhook`` is told of it. Idempotent with ``new_id``. Raises
    InvalidRequest unless it is one source, and as the job's making does.
    """
    if sum(source is not None for source in (path, url, name)) != 1:
        raise InvalidRequest(
            "source: send video_file, or name source_url or source_object; one of them.", field="source"
        )
    recipe = {"outputs": {OUTPUT: {"kind": "audio", **audio}}}
    if path is not None:
        return create_from_file(
            platform, uid, path=path, file_name=file_name, recipe=recipe, webhook=webhook, new_id=new_id
        )
    if url is not None:
        return create_from_url(platform, uid, url=url, recipe=recipe, webhook=webhook, new_id=new_id)
    return create_from_object(platform, uid, name=str(name), recipe=recipe, webhook=webhook, new_id=new_id)
