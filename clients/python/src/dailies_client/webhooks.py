"""Reads a webhook that the server has signed as Standard Webhooks says."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

from dailies_client.errors import InvalidSignature

#: Of Standard Webhooks: how far the clocks may be apart, and how old a message that is sent again.
TOLERANCE_SECONDS = 300.0


def unwrap(body: bytes, headers: Mapping[str, str], *secrets: str, now: float | None = None) -> dict[str, Any]:
    """The message of a webhook, whose ``webhook-id`` stays the same when it is sent again. Raises InvalidSignature.

    ``body`` are the bytes as they came: parsed and written anew they are others. Several ``secrets`` (``whsec_…``) are
    taken while one takes the place of another. ``now`` is in Unix seconds.
    """
    told = {name.lower(): value for name, value in headers.items()}
    try:
        identity, when, signatures = (told[f"webhook-{name}"] for name in ("id", "timestamp", "signature"))
        age = (time.time() if now is None else now) - int(when)
    except (KeyError, ValueError) as error:
        raise InvalidSignature("The message has not the headers of a webhook.") from error
    if abs(age) > TOLERANCE_SECONDS:
        raise InvalidSignature("The message is too old, or this machine's clock is wrong.")
    signed = f"{identity}.{when}.".encode() + body
    given = [one.partition(",")[2] for one in signatures.split(" ") if one.startswith("v1,")]
    expected = [base64.b64encode(hmac.digest(_key(secret), signed, hashlib.sha256)).decode() for secret in secrets]
    if not any(hmac.compare_digest(one.encode(), right.encode()) for one in given for right in expected):
        raise InvalidSignature("The message was not signed with this secret, or was changed.")
    try:
        found = json.loads(body)
    except ValueError as error:
        raise InvalidSignature("The message is no JSON.") from error
    if not isinstance(found, dict):
        raise InvalidSignature("The message is no object.")
    return found


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error as error:
        raise InvalidSignature("The secret is none of a webhook: whsec_ and base64.") from error
