"""The routes whose answers are no JSON: a job's events as they happen, and its files."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from datetime import datetime
from typing import Any

from flask import Response, send_file

from dailies.domain.errors import InvalidRequest
from dailies.domain.job.events import Event
from dailies.rest import calls
from dailies.rest.route import Asked, Reply
from dailies.services.download import fetchable_output
from dailies.services.follow_job import Progress, follow_job, has_more
from dailies.services.jobs import owned_job

EVENT_STREAM = "text/event-stream"
# After which a client that was cut off asks again.
_RETRY_MILLISECONDS = 1000


def job_events(asked: Asked) -> Reply:
    query: calls.Events = asked.query
    job = owned_job(asked.platform, asked.uid, asked.path["job_id"])
    after = _last_event_id(asked, query.after)
    if not has_more(asked.platform, job, after):
        # What tells a browser to ask no more.
        return Reply(response=Response(status=204))
    found = follow_job(asked.platform, job, after, asked.platform.settings.api_stream_seconds)
    return Reply(response=Response(_written(found), mimetype=EVENT_STREAM, headers={"X-Accel-Buffering": "no"}))


def download_output(asked: Asked) -> Reply:
    query: calls.WhichOutput = asked.query
    found = fetchable_output(asked.platform, asked.uid, asked.path["job_id"], query.output, query.file)
    if found.path is None:
        return Reply(response=Response(status=302, headers={"Location": found.download.request.url}))
    sent = send_file(
        found.path,
        mimetype=found.download.media_type,
        as_attachment=True,
        download_name=found.download.file_name,
        conditional=True,
        etag=found.download.object.rpartition("/")[2],
    )
    return Reply(response=sent)


def _last_event_id(asked: Asked, otherwise: int) -> int:
    text = asked.request.headers.get("Last-Event-ID")
    if text is None:
        return otherwise
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise InvalidRequest("Last-Event-ID: it is the id of an event of this job, a number.", field="Last-Event-ID")
    return int(text)


def _written(found: Iterator[Event | Progress | None]) -> Generator[str, None, None]:
    yield f"retry: {_RETRY_MILLISECONDS}\n\n"
    try:
        for each in found:
            if each is None:
                yield ": still here\n\n"
            elif isinstance(each, Progress):
                # Without an id: where a reader goes on is behind an event.
                yield f"event: progress\ndata: {json.dumps(each.operation, default=_timestamp)}\n\n"
            else:
                data = each.model_dump_json(by_alias=True)
                yield f"id: {each.sequence}\nevent: {each.event_type}\ndata: {data}\n\n"
    finally:
        close = getattr(found, "close", None)
        if close is not None:
            close()


def _timestamp(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is no value of a document")
