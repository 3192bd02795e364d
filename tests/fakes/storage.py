"""Cloud Storage as far as our adapter uses it, with the rules that the emulators ignore.

Preconditions (412), generations that rise over deletions too, reads by generation, CRC32C of what is written (400 when
the client's differs), ranges, resumable sessions, compose of at most 32, pages of a list in the order of UTF-8 bytes.
Signed requests: signed_requests.py.
"""

from __future__ import annotations

import base64
import json
import re
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.parser import BytesParser
from typing import Any
from urllib.parse import unquote

import google_crc32c

from tests.fakes.http_server import FakeService, Request, Response, as_json, refusal
from tests.fakes.signed_requests import SignedRequests

_OBJECT = re.compile(r"(?P<media>/download)?/storage/v1/b/(?P<bucket>[^/]+)/o/(?P<name>[^/]+)(?P<verb>/.*)?")
_LIST = re.compile(r"/storage/v1/b/[^/]+/o/?")
_PAGE = 7
_COMPOSE_MOST = 32


@dataclass(frozen=True)
class Stored:
    name: str
    data: bytes
    generation: int
    properties: Mapping[str, Any]
    updated: datetime

    @property
    def crc32c(self) -> str:
        return base64.b64encode(google_crc32c.Checksum(self.data).digest()).decode()

    def resource(self) -> dict[str, Any]:
        moment = self.updated.isoformat().replace("+00:00", "Z")
        return {
            **self.properties,
            "kind": "storage#object",
            "name": self.name,
            "bucket": "bucket",
            "generation": str(self.generation),
            "metageneration": "1",
            "size": str(len(self.data)),
            "crc32c": self.crc32c,
            "timeCreated": moment,
            "updated": moment,
        }


class FakeStorage(FakeService):
    def __init__(self) -> None:
        super().__init__(self._route)
        self._state = threading.RLock()
        self._generation = 1_700_000_000_000_000
        self._sessions: dict[str, tuple[Request, bytearray]] = {}
        self.objects: dict[str, Stored] = {}
        self.signed = SignedRequests(self)
        self.on_finalized: Callable[[Stored], object] = lambda _: None

    def _route(self, request: Request) -> Response:
        with self._state:
            if request.method == "OPTIONS" or self.signed.is_for(request):
                return self.signed.answer(request)
            if request.path.startswith("/upload/"):
                return self._upload(request)
            if request.path.startswith("/session/"):
                return self._session(request)
            if _LIST.fullmatch(request.path):
                return self._list(request)
            found = _OBJECT.fullmatch(request.path)
            return refusal(404, f"no route {request.path}") if found is None else self._object(request, found)

    def _object(self, request: Request, found: re.Match[str]) -> Response:
        name, verb = unquote(found["name"]), found["verb"] or ""
        if verb.startswith("/rewriteTo/"):
            return self._rewrite(request, name, unquote(verb.rpartition("/")[2]))
        if verb == "/compose":
            return self._compose(request, name)
        if request.method == "DELETE":
            return self._delete(request, name)
        media = bool(found["media"]) or request.query.get("alt") == "media"
        return self._media(request, name) if media else self._metadata(request, name)

    def _present(self, request: Request, name: str) -> Stored | None:
        stored = self.objects.get(name)
        asked = request.query.get("generation")
        # Without versioning a replaced generation is gone.
        return None if stored is None or (asked and int(asked) != stored.generation) else stored

    def _unmet(self, request: Request, name: str) -> bool:
        wanted = request.query.get("ifGenerationMatch")
        stored = self.objects.get(name)
        return wanted is not None and int(wanted) != (stored.generation if stored else 0)

    def _store(self, request: Request, name: str, data: bytes, properties: Mapping[str, Any]) -> Response:
        if self._unmet(request, name):
            return refusal(412, "At least one of the pre-conditions you specified did not hold.")
        return self.write(name, data, properties)

    def write(self, name: str, data: bytes, properties: Mapping[str, Any]) -> Response:
        """A new generation of the object."""
        self._generation += 1
        kept = {key: properties[key] for key in ("contentType", "metadata", "contentEncoding") if properties.get(key)}
        stored = Stored(name, data, self._generation, kept, datetime.now(UTC))
        asked = properties.get("crc32c")
        if asked is not None and asked != stored.crc32c:
            return refusal(400, f"Provided CRC32C {asked!r} doesn't match calculated CRC32C {stored.crc32c!r}.")
        self.objects[name] = stored
        self.on_finalized(stored)
        return as_json(stored.resource())

    def _upload(self, request: Request) -> Response:
        if request.query["uploadType"] == "multipart":
            head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
            first = BytesParser().parsebytes(head + request.body).get_payload(0)
            assert isinstance(first, Message)
            properties = json.loads(str(first.get_payload()))
            # Not from the parsed message: that has had its line ends tidied.
            mark = b"--" + request.headers["content-type"].partition("boundary=")[2].strip("\"'").encode()
            data = request.body.split(mark, 3)[2].partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")
            return self._store(request, properties.get("name") or request.query["name"], data, properties)
        token = uuid.uuid4().hex
        self._sessions[token] = (request, bytearray())
        return Response(200, headers={"Location": f"{self.url}/session/{token}"})

    def _session(self, request: Request) -> Response:
        token = request.path.rpartition("/")[2]
        opened, data = self._sessions[token]
        found = re.fullmatch(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)", request.headers["content-range"])
        assert found is not None
        if found[1] is not None:
            if int(found[1]) != len(data):
                return refusal(400, "a chunk begins where the last one ended")
            data += request.body
        if found[3] == "*" or len(data) < int(found[3]):
            return Response(308, headers={"Range": f"bytes=0-{len(data) - 1}"} if data else {})
        properties = json.loads(opened.body)
        asked = re.search(r"crc32c=([^,]+)", request.headers.get("x-goog-hash", ""))
        if asked is not None:
            properties["crc32c"] = asked[1]
        return self._store(opened, properties.get("name") or opened.query["name"], bytes(data), properties)

    def _metadata(self, request: Request, name: str) -> Response:
        stored = self._present(request, name)
        return refusal(404) if stored is None else as_json(stored.resource())

    def _media(self, request: Request, name: str) -> Response:
        stored = self._present(request, name)
        if stored is None:
            return refusal(404)
        headers = {
            "X-Goog-Hash": f"crc32c={stored.crc32c}",
            "X-Goog-Generation": str(stored.generation),
            "X-Goog-Stored-Content-Length": str(len(stored.data)),
        }
        found = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("range", ""))
        if found is None:
            return Response(200, stored.data, headers)
        start, end = int(found[1]), min(int(found[2] or len(stored.data)), len(stored.data) - 1)
        if start >= len(stored.data):
            return refusal(416)
        headers["Content-Range"] = f"bytes {start}-{end}/{len(stored.data)}"
        return Response(206, stored.data[start : end + 1], headers)

    def _delete(self, request: Request, name: str) -> Response:
        if name not in self.objects:
            return refusal(404)
        if self._unmet(request, name):
            return refusal(412)
        del self.objects[name]
        return Response(204)

    def _rewrite(self, request: Request, source: str, destination: str) -> Response:
        stored = self._present(request, source)
        if stored is None:
            return refusal(404)
        # What the body names is what the copy gets, null for nothing; the source's properties stand for the rest.
        named = json.loads(request.body) if request.body else {}
        merged = {**stored.properties, **named}
        properties = {name: value for name, value in merged.items() if value is not None}
        answer = self._store(request, destination, stored.data, properties)
        if answer.status != 200:
            return answer
        size = str(len(stored.data))
        resource = json.loads(answer.body)
        return as_json({"done": True, "totalBytesRewritten": size, "objectSize": size, "resource": resource})

    def _compose(self, request: Request, name: str) -> Response:
        asked = json.loads(request.body)
        sources = [self.objects.get(each["name"]) for each in asked["sourceObjects"]]
        if not 0 < len(sources) <= _COMPOSE_MOST:
            return refusal(400, "The number of source components provided exceeds the maximum of 32.")
        if any(each is None for each in sources):
            return refusal(404)
        data = b"".join(each.data for each in sources if each is not None)
        return self._store(request, name, data, asked.get("destination", {}))

    def _list(self, request: Request) -> Response:
        prefix, token = request.query.get("prefix", ""), request.query.get("pageToken", "")
        names = sorted((each for each in self.objects if each.startswith(prefix)), key=str.encode)
        rest = [each for each in names if each.encode() > token.encode()]
        page = {"kind": "storage#objects", "items": [self.objects[each].resource() for each in rest[:_PAGE]]}
        if len(rest) > _PAGE:
            page["nextPageToken"] = rest[_PAGE - 1]
        return as_json(page)
