"""VideoConverterService: makes jobs, tells of them, ends them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from dailies.domain.errors import InvalidRequest
from dailies.ports.signed_urls import SignedRequest
from dailies.rpc import encoding
from dailies.rpc.call import Asked
from dailies.rpc.once import once
from dailies.rpc.progress import told
from dailies.rpc.wire import dailies_pb2 as wire
from dailies.services.convert_to_audio import OUTPUT
from dailies.services.create_from_job import create_from_job
from dailies.services.create_from_object import create_from_object
from dailies.services.create_from_url import create_from_url
from dailies.services.create_upload import create_upload
from dailies.services.job_status import job_status
from dailies.services.jobs import cancel_job, owned_job


def convert_video(asked: Asked) -> Iterator[wire.ConvertVideoResponse]:
    message: wire.ConvertVideoRequest = asked.message
    recipe = _recipe(message)
    tickets: list[SignedRequest] = []

    def make(new_id: str | None) -> str:
        return _made(asked, message, recipe, new_id, tickets)

    job_id = once(asked.platform, asked.uid, message.idempotency_key, message, make)
    if message.WhichOneof("source") == "upload" and not tickets:
        # Told once more: the job is there, and its address may be old.
        make(job_id)
    upload = encoding.signed(tickets[0]) if tickets else None
    yield wire.ConvertVideoResponse(job_id=job_id, upload=upload)
    for found in told(asked, owned_job(asked.platform, asked.uid, job_id), 0):
        if isinstance(found, wire.Progress):
            yield wire.ConvertVideoResponse(job_id=job_id, progress=found)
    if not asked.listens():
        return
    status = job_status(asked.platform, asked.uid, job_id)
    if status.job.state.terminal:
        yield wire.ConvertVideoResponse(job_id=job_id, conversion=encoding.conversion(asked.platform, status))


def get_conversion_status(asked: Asked) -> wire.GetConversionStatusResponse:
    found = job_status(asked.platform, asked.uid, asked.message.job_id)
    return wire.GetConversionStatusResponse(conversion=encoding.conversion(asked.platform, found))


def cancel_conversion(asked: Asked) -> wire.CancelConversionResponse:
    job = owned_job(asked.platform, asked.uid, asked.message.job_id)
    return wire.CancelConversionResponse(state=encoding.state(cancel_job(asked.platform, job.id).state))


def _made(
    asked: Asked, message: wire.ConvertVideoRequest, recipe: Any, new_id: str | None, tickets: list[SignedRequest]
) -> str:
    platform, uid = asked.platform, asked.uid
    common: dict[str, Any] = {"recipe": recipe, "webhook": message.webhook_url or None, "new_id": new_id}
    source = message.WhichOneof("source")
    if source == "url":
        return create_from_url(platform, uid, url=message.url, **common).job_id
    if source == "object":
        return create_from_object(platform, uid, name=message.object, **common).job_id
    if source == "output_of":
        other = message.output_of
        return create_from_job(platform, uid, job_id=other.job_id, output=other.output, **common).job_id
    if source == "upload":
        file = message.upload
        ticket = create_upload(
            platform,
            uid,
            size_bytes=file.size_bytes,
            content_type=file.content_type,
            file_name=file.file_name or None,
            **common,
        )
        tickets.append(ticket.upload)
        return ticket.job_id
    raise InvalidRequest("source: name a url, an object, another job's output, or an upload.", field="source")


def _recipe(message: wire.ConvertVideoRequest) -> Any:
    if message.WhichOneof("wish") == "recipe_json":
        try:
            return json.loads(message.recipe_json)
        except (ValueError, RecursionError) as error:
            raise InvalidRequest("recipe_json: this is no JSON.", field="recipe_json") from error
    if message.WhichOneof("wish") is None:
        return None
    wish = message.audio
    audio: dict[str, Any] = {"kind": "audio", "format": wish.format or "mp3"}
    if wish.quality:
        audio["quality"] = wish.quality
    if not wish.HasField("normalize") or wish.normalize:
        audio["normalize"] = {}
    for name in ("start", "end"):
        if wish.HasField(name):
            audio[name] = getattr(wish, name).ToNanoseconds() / 1e9
    return {"outputs": {OUTPUT: audio}}
