"""A job that waits for its source, and the signed request that uploads it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from dailies.domain.errors import DailiesError
from dailies.domain.job.job import Job, JobState, ObjectSource
from dailies.domain.job.uploads import check_size, check_uid, media_type_of, shown_name, source_name
from dailies.domain.recipe.recipe import Recipe, parse_recipe
from dailies.engine.platform import Platform
from dailies.engine.store.jobs import new_job_id, write_new
from dailies.engine.store.progress import operation_path
from dailies.engine.store.quota import check_daily_ceiling, limits_of, reserved
from dailies.operations import KINDS
from dailies.ports.documents import Transaction
from dailies.ports.signed_urls import MAX_UPLOAD_TIME, SESSION_TIME, SignedRequest
from dailies.services.queued_job import known_job
from dailies.services.webhooks.endpoints import check_webhook

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.:\[\]-]{1,255}")
# One request is quicker than a session, and a larger body that breaks off is too much to send again.
_SIMPLE_BELOW_BYTES = 10_000_000


@cache
def default_recipe() -> Recipe:
    """What is made of an upload that came without a recipe."""
    audio = {"kind": "audio", "format": "mp3", "quality": "high", "normalize": {}, "optional": True}
    return Recipe.model_validate({"outputs": {"audio": audio}})


def wanted_recipe(recipe: Any) -> Recipe:
    """What a call asks for: ``recipe`` is a JSON value, None the default one. Raises InvalidRecipe."""
    return default_recipe() if recipe is None else parse_recipe(recipe, KINDS)


@dataclass(frozen=True, slots=True)
class Ticket:
    """What the client needs: where to send the bytes, and which document tells how it goes on.

    ``upload`` starts a resumable session (POST), or is one that the server has started (PUT); ``simple_upload``, for
    files below 10 MB, takes the bytes at once. Either will do, and the first to end wins. ``operation_path`` is a
    document of the Firestore database ``database``, which a deployment may have beside the app's own.
    """

    job_id: str
    upload: SignedRequest
    simple_upload: SignedRequest | None
    operation_path: str
    database: str


def create_upload(
    platform: Platform,
    uid: str,
    *,
    recipe: Any,
    size_bytes: int,
    content_type: str,
    file_name: str | None = None,
    origin: str | None = None,
    webhook: str | None = None,
    new_id: str | None = None,
) -> Ticket:
    """A job in ``awaiting_upload``, its quota reserved. ``recipe`` is a JSON value; None is the default one. ``origin``
    is of the page that calls, and will send the bytes. ``webhook`` is told of the job, as :func:`check_webhook` lets
    it.

    Not idempotent, but with ``new_id``, an id set aside for it. One whose upload doesn't begin expires after twenty
    minutes (:mod:`upload_begun`), and one whose upload doesn't end after a day. Raises InvalidRecipe, SourceRefused
    (type, size), QuotaExceeded, Forbidden.
    """
    check_uid(uid)
    wanted = wanted_recipe(recipe)
    media_type = media_type_of(content_type)
    check_size(size_bytes, platform.settings.max_source_bytes)
    check_webhook(platform, uid, webhook)
    check_daily_ceiling(platform)
    now = platform.now()
    job_id = new_id or new_job_id(now)
    name = source_name(uid, job_id)
    settings = platform.settings
    known = known_job(platform, uid, new_id)
    # Before anything is written: a platform that can't sign leaves no job behind.
    wish: dict[str, Any] = {"content_type": media_type, "size_bytes": size_bytes, "valid": MAX_UPLOAD_TIME}
    upload = platform.urls.upload(name, **wish)
    simple = platform.urls.simple_upload(name, **wish) if size_bytes < _SIMPLE_BELOW_BYTES else None
    session = platform.sessions.open(upload, _page(origin)) if known is None else known.upload_session
    wait = timedelta(hours=settings.upload_wait_hours)
    if session is not None or platform.urls.tells_of_beginnings:
        wait = min(wait, timedelta(minutes=settings.upload_start_minutes))
    job = Job(
        id=job_id,
        uid=uid,
        state=JobState.AWAITING_UPLOAD,
        recipe=wanted,
        source=ObjectSource(name=name, generation=0, size=size_bytes, digest=""),
        webhook=webhook,
        file_name=shown_name(file_name),
        created=now,
        updated=now,
        deadline=now + wait,
        upload_session=session,
    )

    def create(transaction: Transaction) -> None:
        write_new(transaction, job, reserved(transaction, limits_of(settings), job, now, waiting=True))

    try:
        if known is None:
            platform.documents.transaction(create)
    except DailiesError:
        platform.sessions.end(name, session)
        raise
    if session is not None:
        upload = SignedRequest("PUT", session, now + SESSION_TIME)
    return Ticket(job_id, upload, simple, operation_path(uid, job_id), settings.database)


def _page(origin: str | None) -> str | None:
    return origin if origin is not None and _ORIGIN.fullmatch(origin) else None
