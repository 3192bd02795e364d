"""A POST that may be repeated: the same Idempotency-Key and body give the same answer for 24 hours."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace

from flask import Response

from dailies.domain.errors import InvalidRequest
from dailies.domain.model import digest_of
from dailies.engine.store.idempotency import Kept, begin, finish, release
from dailies.planning.file_hash import file_sha256
from dailies.rest.route import Asked, Reply, Route

_KEY = re.compile(r'"([\x20\x21\x23-\x7e]{1,255})"|([\x21\x23-\x7e]{1,255})')
_HEADERS = ("Location",)


def once(route: Route, asked: Asked, encode: Callable[[Reply], Response]) -> Response:
    """What the route's view says, said once: a repeated call is told the same. Raises InvalidRequest for an odd key."""
    text = asked.request.headers.get("Idempotency-Key")
    if route.method != "POST" or text is None:
        return encode(route.view(asked))
    begun = begin(asked.platform, asked.uid, _key(text), _fingerprint(asked))
    if isinstance(begun, Kept):
        return Response(
            begun.text, begun.status, {**begun.headers, "Idempotent-Replay": "true"}, mimetype="application/json"
        )
    try:
        reply = route.view(replace(asked, new_id=begun.new_id))
    except Exception:
        release(asked.platform, begun)
        raise
    made = encode(reply)
    kept = made if route.shown_once is None or reply.body is None else encode(_without(reply, route.shown_once))
    headers = {name: made.headers[name] for name in _HEADERS if name in made.headers}
    finish(asked.platform, begun, Kept(made.status_code, kept.get_data(as_text=True), headers))
    return made


def _without(reply: Reply, field: str) -> Reply:
    """What is kept knows no secret."""
    return reply if reply.body is None else replace(reply, body=reply.body.model_copy(update={field: None}))


def _key(text: str) -> str:
    """Bare, or as a string of RFC 8941."""
    found = _KEY.fullmatch(text)
    if found is None:
        raise InvalidRequest("Idempotency-Key: 1 to 255 printable characters of ASCII.", field="Idempotency-Key")
    return found[1] or found[2]


def _fingerprint(asked: Asked) -> str:
    # In ASCII: a text may have half a pair of surrogates, which its reader refuses, and no UTF-8 can spell.
    body = None if asked.body is None else json.dumps(asked.body.model_dump(mode="json"), sort_keys=True)
    file = None if asked.file is None else [file_sha256(asked.file.path), asked.file.file_name]
    return digest_of([asked.request.method, asked.request.path, body, file])
