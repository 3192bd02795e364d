"""Progress, as server-sent events and as a list: what listening to operations, and a query of them, is in the cloud."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from queue import Empty, SimpleQueue
from typing import Any

from flask import Blueprint, Response, request

from dailies.domain.errors import InvalidRequest
from dailies.domain.job.job import JobState
from dailies.domain.job.uploads import check_uid
from dailies.engine.platform import Platform
from dailies.engine.store.progress import operation_path
from dailies.ports.documents import Snapshot
from dailies.services.history import operations_of
from dailies.services.jobs import owned_job
from dailies.up.identity import uid_of

# A comment that often shows a closed connection, and keeps a proxy from closing an idle one.
_HEARTBEAT_SECONDS = 15.0
_JOB_ID = re.compile(r"[A-Za-z0-9]{1,64}")


def routes(platform: Platform) -> Blueprint:
    blueprint = Blueprint("operations", __name__)

    @blueprint.get("/operations")
    def listed() -> Response:
        listed = operations_of(platform, caller(), _time(request.args.get("since")))
        text = json.dumps({"operations": listed}, default=_timestamp)
        return Response(text, mimetype="application/json", headers={"Cache-Control": "no-store"})

    @blueprint.get("/operations/<job_id>/events")
    def events(job_id: str) -> Response:
        job = owned_job(platform, caller(), job_id)
        stream = _events(platform, operation_path(job.uid, job_id))
        return Response(stream, mimetype="text/event-stream", headers={"Cache-Control": "no-store"})

    return blueprint


def caller() -> str:
    """Raises Unauthenticated, and Forbidden for an id that no user's documents can have."""
    # EventSource can't send headers: its token comes in the query.
    bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
    uid = uid_of(bearer or request.args.get("token", ""))
    check_uid(uid)
    return uid


def is_job_id(value: object) -> bool:
    return isinstance(value, str) and _JOB_ID.fullmatch(value) is not None


def _time(text: str | None) -> datetime | None:
    """Raises InvalidRequest for what is no time with its zone."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise InvalidRequest("since is a time with its zone, as lastUpdate is.", field="since")
    return found


def _events(platform: Platform, path: str) -> Iterator[str]:
    """The document at once and after each change, until the job has ended or the client is gone."""
    changes: SimpleQueue[Snapshot | None] = SimpleQueue()
    watch = platform.documents.watch(path, changes.put)
    try:
        while True:
            try:
                snapshot = changes.get(timeout=_HEARTBEAT_SECONDS)
            except Empty:
                yield ": still here\n\n"
                continue
            if snapshot is None:
                return
            yield f"data: {json.dumps(snapshot.data, default=_timestamp)}\n\n"
            if JobState(snapshot.data["status"]).terminal:
                return
    finally:
        watch.close()


def _timestamp(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is no value of a document")
