"""A call that may be repeated: the same idempotency key and message give the same job for 24 hours."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

from google.protobuf.message import Message

from dailies.domain.errors import InvalidRequest
from dailies.domain.model import digest_of
from dailies.engine.platform import Platform
from dailies.engine.store.idempotency import Kept, begin, finish, release

_MAX_KEY = 255
_OK = 200


def once(platform: Platform, uid: str, key: str, message: Message, make: Callable[[str | None], str]) -> str:
    """The id of the job that ``make`` has made, of the id that it is given where it is given one.

    Raises InvalidRequest for an odd key, KeyReused, and Conflict ``idempotency_in_flight``.
    """
    if not key:
        return make(None)
    if len(key) > _MAX_KEY or not (key.isascii() and key.isprintable()):
        raise InvalidRequest(
            f"idempotency_key: 1 to {_MAX_KEY} printable characters of ASCII.", field="idempotency_key"
        )
    wire = message.SerializeToString(deterministic=True)
    begun = begin(platform, uid, key, digest_of([message.DESCRIPTOR.full_name, hashlib.sha256(wire).hexdigest()]))
    if isinstance(begun, Kept):
        return str(json.loads(begun.text)["job_id"])
    try:
        job_id = make(begun.new_id)
    except Exception:
        release(platform, begun)
        raise
    finish(platform, begun, Kept(_OK, json.dumps({"job_id": job_id}), {}))
    return job_id
