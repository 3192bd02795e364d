"""Cloud Storage's XML API as far as signed URLs reach it: upload in one PUT or by a session, download, CORS.

The signature is verified first. A body of another size than the signed range is a 400, a precondition that does not
hold a 412; a session answers 308 with Range until it is complete and 499 when it is deleted.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote

from tests.fakes import v4_signatures
from tests.fakes.http_server import Request, Response

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    from tests.fakes.storage import FakeStorage

_CONTENT_RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)")


@dataclass
class Session:
    """``origin``: of the request that started it; pages of another can't use it."""

    name: str
    headers: Mapping[str, str]
    origin: str | None
    data: bytearray = field(default_factory=bytearray)


@dataclass(frozen=True)
class Cors:
    """The bucket's: what pages of ``origin`` may send, and which headers they may read."""

    origin: str
    methods: tuple[str, ...]
    headers: tuple[str, ...]


class SignedRequests:
    """``key`` is the public one of the account that signs; until a test sets it nothing signed is accepted."""

    def __init__(self, storage: FakeStorage) -> None:
        self._storage = storage
        self._sessions: dict[str, Session] = {}
        self.key: RSAPublicKey | None = None
        self.cors: Cors | None = None

    @property
    def open_sessions(self) -> int:
        return len(self._sessions)

    def is_for(self, request: Request) -> bool:
        return "X-Goog-Signature" in request.query or "upload_id" in request.query

    def answer(self, request: Request) -> Response:
        answer = Response() if request.method == "OPTIONS" else self._answer(request)
        return self._with_cors(request, answer)

    def _answer(self, request: Request) -> Response:
        try:
            if "upload_id" in request.query:
                return self._session(request)
            if self.key is None:
                return _error(403, "AccessDenied")
            v4_signatures.verify(self.key, request.method, request.path, request.query, request.headers)
        except v4_signatures.Refused as error:
            return _error(error.status, error.code)
        name = unquote(request.path.split("/", 2)[2])
        if request.method == "GET":
            return self._read(request, name)
        if request.method == "POST" and request.headers.get("x-goog-resumable") == "start":
            token = secrets.token_hex(8)
            self._sessions[token] = Session(name, request.headers, request.headers.get("origin"))
            return Response(201, headers={"Location": f"{self._storage.url}{request.path}?upload_id={token}"})
        if request.method == "PUT":
            return self._write(name, request.headers, request.body)
        return _error(405, "MethodNotAllowed")

    def _with_cors(self, request: Request, answer: Response) -> Response:
        """What the bucket's CORS configuration adds for a browser; a preflight sees nothing else."""
        cors, origin = self.cors, request.headers.get("origin")
        session = self._sessions.get(request.query.get("upload_id", ""))
        if cors is None or origin != cors.origin or (session is not None and session.origin != origin):
            return answer
        answer.headers |= {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Expose-Headers": ", ".join(cors.headers),
        }
        if request.method == "OPTIONS":
            answer.headers |= {
                "Access-Control-Allow-Methods": ",".join(cors.methods),
                "Access-Control-Allow-Headers": ", ".join(cors.headers),
            }
        return answer

    def _session(self, request: Request) -> Response:
        token = request.query["upload_id"]
        session = self._sessions.get(token)
        if session is None:
            return _error(404, "NoSuchUpload")
        if request.method == "DELETE":
            del self._sessions[token]
            return Response(499)
        found = _CONTENT_RANGE.fullmatch(request.headers.get("content-range", f"bytes 0-{len(request.body) - 1}/*"))
        if found is None:
            return _error(400, "InvalidArgument")
        whole = None if "content-range" not in request.headers else found[3]
        if found[1] is not None:
            if int(found[1]) > len(session.data):
                return _error(400, "InvalidArgument")
            session.data += request.body[len(session.data) - int(found[1]) :]
        if whole is not None and (whole == "*" or len(session.data) < int(whole)):
            return Response(308, headers={"Range": f"bytes=0-{len(session.data) - 1}"} if session.data else {})
        del self._sessions[token]
        return self._write(session.name, session.headers, bytes(session.data))

    def _write(self, name: str, headers: Mapping[str, str], data: bytes) -> Response:
        least, _, most = headers["x-goog-content-length-range"].partition(",")
        if not int(least) <= len(data) <= int(most):
            return _error(400, "EntityTooSmall" if len(data) < int(least) else "EntityTooLarge")
        present = self._storage.objects.get(name)
        wanted = headers.get("x-goog-if-generation-match")
        if wanted is not None and int(wanted) != (present.generation if present else 0):
            return _error(412, "PreconditionFailed")
        written = json.loads(self._storage.write(name, data, {"contentType": headers["content-type"]}).body)
        told = {"x-goog-generation": written["generation"], "x-goog-hash": f"crc32c={written['crc32c']}"}
        return Response(200, headers=told)

    def _read(self, request: Request, name: str) -> Response:
        stored = self._storage.objects.get(name)
        if stored is None:
            return _error(404, "NoSuchKey")
        headers = {
            "Content-Type": request.query.get("response-content-type", "application/octet-stream"),
            "x-goog-generation": str(stored.generation),
        }
        if "response-content-disposition" in request.query:
            headers["Content-Disposition"] = request.query["response-content-disposition"]
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", request.headers.get("range", ""))
        if asked is None:
            return Response(200, stored.data, headers)
        start, end = int(asked[1]), min(int(asked[2]), len(stored.data) - 1)
        headers["Content-Range"] = f"bytes {start}-{end}/{len(stored.data)}"
        return Response(206, stored.data[start : end + 1], headers)


def _error(status: int, code: str) -> Response:
    body = f"<?xml version='1.0' encoding='UTF-8'?><Error><Code>{code}</Code></Error>"
    return Response(status, body.encode(), {"Content-Type": "application/xml"})
