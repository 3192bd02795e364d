"""The bucket's HTTP side: signed downloads with Range, signed resumable uploads, and the event at their end."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from typing import Any

from flask import Blueprint, Request, Response, request, send_file

from dailies.adapters.local.objects.objects import LocalObjects
from dailies.adapters.local.objects.resumable import Piece, ResumableUploads, Session, parse_content_range
from dailies.adapters.local.objects.signed_urls import GENERATION_MATCH, LENGTH_RANGE, LocalSignedUrls
from dailies.adapters.local.tasks import LocalTasks
from dailies.domain.errors import Conflict, NotFound, SourceRefused
from dailies.ports.objects import ObjectInfo

BUCKET = "local"
EVENTS = "events"
_READ_BYTES = 1 << 18
_RESUME = 308


class Bucket:
    """``base`` is the server's origin; ``begun`` is told of each upload whose bytes begin to come."""

    def __init__(
        self,
        base: str,
        objects: LocalObjects,
        tasks: LocalTasks,
        urls: LocalSignedUrls,
        uploads: ResumableUploads,
        begun: Callable[[str], None],
    ) -> None:
        self._base = base
        self._begun = begun
        self.objects = objects
        self._tasks = tasks
        self._urls = urls
        self._uploads = uploads

    def routes(self) -> Blueprint:
        routes = Blueprint("bucket", __name__)
        routes.add_url_rule("/storage/<path:name>", "read", self.read, methods=["GET"])
        routes.add_url_rule("/storage/<path:name>", "start", self.start, methods=["POST"])
        routes.add_url_rule("/storage/<path:name>", "put_whole", self.put_whole, methods=["PUT"])
        routes.add_url_rule("/resumable/<token>", "put", self.put, methods=["PUT"])
        routes.add_url_rule("/resumable/<token>", "cancel", self.cancel, methods=["DELETE"])
        return routes

    def read(self, name: str) -> Response:
        signed = self._check("GET", name)
        info = self.objects.stat(name)
        if info is None:
            raise NotFound(f"There is no object {name}.", code="object_not_found")
        return send_file(
            self.objects.path_of(name),
            mimetype=signed["media-type"],
            download_name=signed["file-name"],
            as_attachment="attachment" in request.args,
            etag=f"{info.generation}",
            last_modified=info.updated,
            max_age=0,
        )

    def start(self, name: str) -> Response:
        self._check("POST", name)
        token = self._uploads.start(_session(name))
        return Response(status=201, headers={"Location": f"{self._base}/resumable/{token}"})

    def put_whole(self, name: str) -> Response:
        self._check("PUT", name)
        piece = Piece(0, _length())
        token = self._uploads.start(_session(name))
        self._begun(name)
        try:
            return self._take(token, piece)
        finally:
            # A body that broke off is not continued: nobody knows this session.
            self._uploads.cancel(token)

    def put(self, token: str) -> Response:
        piece = parse_content_range(request.headers.get("Content-Range"), _length())
        if piece.start is not None:
            self._begun(self._uploads.session(token).name)
        return self._take(token, piece)

    def _take(self, token: str, piece: Piece) -> Response:
        try:
            taken = self._uploads.put(token, piece, _pieces(request))
        except Conflict as error:
            # Cloud Storage's own status for a precondition that does not hold.
            return Response(json.dumps({"error": error.as_dict()}), status=412, mimetype="application/json")
        if isinstance(taken, int):
            return Response(status=_RESUME, headers={"Range": f"bytes=0-{taken - 1}"} if taken else {})
        resource = _resource(taken)
        self._tasks.enqueue(EVENTS, _finalized(taken, resource))
        return Response(json.dumps(resource), status=200, mimetype="application/json")

    def cancel(self, token: str) -> Response:
        self._uploads.cancel(token)
        # Cloud Storage's own answer to a cancelled session.
        return Response(status=499)

    def _check(self, method: str, name: str) -> dict[str, str]:
        parts = request.query_string.decode(errors="replace").split("&")
        query = "&".join(part for part in parts if part not in ("attachment", "attachment="))
        return self._urls.check(method, name, query, {key.lower(): value for key, value in request.headers.items()})


def _session(name: str) -> Session:
    """What the headers of a signed upload fix."""
    least, _, most = request.headers[LENGTH_RANGE].partition(",")
    return Session(
        name=name,
        content_type=request.headers["Content-Type"],
        least_bytes=int(least),
        most_bytes=int(most),
        if_generation_match=int(request.headers[GENERATION_MATCH]),
    )


def _length() -> int:
    """The body's; more than that is not read of it."""
    length = request.content_length
    if length is None:
        raise SourceRefused("Send a Content-Length: bodies of unknown length are refused.", code="length_required")
    request.max_content_length = length
    return length


def _pieces(request: Request) -> Iterator[bytes]:
    while piece := request.stream.read(_READ_BYTES):
        yield piece


def _resource(info: ObjectInfo) -> dict[str, Any]:
    """The object as Cloud Storage's JSON API shows it: 64-bit numbers are strings."""
    return {
        "kind": "storage#object",
        "id": f"{BUCKET}/{info.name}/{info.generation}",
        "bucket": BUCKET,
        "name": info.name,
        "generation": str(info.generation),
        "metageneration": "1",
        "size": str(info.size),
        "contentType": info.content_type,
        "storageClass": "STANDARD",
        "timeCreated": info.updated.isoformat(timespec="microseconds"),
    }


def _finalized(info: ObjectInfo, resource: dict[str, Any]) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": secrets.token_hex(16),
        "source": f"//storage.googleapis.com/projects/_/buckets/{BUCKET}",
        "type": "google.cloud.storage.object.v1.finalized",
        "subject": f"objects/{info.name}",
        # firebase-functions wants the fraction and the letter.
        "time": info.updated.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "data": resource,
    }
