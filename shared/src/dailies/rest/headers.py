"""What every answer carries beside its body: who may read it, how it is handled, and what it is called in logs."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from flask import Request, Response

from dailies.rest.limits import Told

# W3C Trace Context, level 1: version 00; a later one may say more behind.
_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_ALLOWED = (
    "Authorization, Content-Type, Idempotency-Key, Last-Event-ID, Range, X-API-Key, X-Firebase-AppCheck, X-Request-Id, "
    "traceparent, tracestate"
)
_EXPOSED = (
    "Accept-Ranges, Content-Disposition, Content-Range, ETag, Idempotent-Replay, Location, RateLimit, "
    "RateLimit-Policy, Retry-After, X-Request-Id, traceparent"
)
_SECURITY = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    # Browsers heed it on https only.
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@dataclass(frozen=True, slots=True)
class Trace:
    """``request_id`` is the caller's own where it sent a fit one; ``traceparent`` is ours below the caller's."""

    request_id: str
    traceparent: str

    @property
    def trace_id(self) -> str:
        return self.traceparent.split("-")[1]


def trace_of(request: Request) -> Trace:
    """The names of a request: taken over where they can be, else new ones."""
    found = _TRACEPARENT.fullmatch(request.headers.get("traceparent", ""))
    known = found is not None and found[1] != "ff" and set(found[2]) != {"0"} and set(found[3]) != {"0"}
    trace_id = found[2] if found is not None and known else secrets.token_hex(16)
    flags = found[4] if found is not None and known else "00"
    asked = request.headers.get("X-Request-Id", "")
    request_id = asked if _REQUEST_ID.fullmatch(asked) else trace_id
    return Trace(request_id, f"00-{trace_id}-{secrets.token_hex(8)}-{flags}")


def complete(answer: Response, trace: Trace, limit: Told | None) -> Response:
    """The answer with what all have, and with the limit where the caller has one. Its own headers stay."""
    headers = answer.headers
    headers.update({} if limit is None else limit.headers())
    for name, value in _SECURITY.items():
        headers.setdefault(name, value)
    headers.setdefault("Cache-Control", "no-store")
    headers["X-Request-Id"] = trace.request_id
    headers["traceparent"] = trace.traceparent
    # Nobody is known by a cookie here: a page of any origin may show what it was trusted with.
    headers["Access-Control-Allow-Origin"] = "*"
    headers["Access-Control-Expose-Headers"] = _EXPOSED
    return answer


def preflight(methods: str) -> Response:
    """What a browser asks before a page's request."""
    return Response(
        status=204,
        headers={
            "Access-Control-Allow-Methods": methods,
            "Access-Control-Allow-Headers": _ALLOWED,
            "Access-Control-Max-Age": "7200",
        },
    )
