"""Signs messages as Standard Webhooks 1.0.0 has it, so that a receiver knows who sent them and when. Pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable

SECRET_PREFIX = "whsec_"  # noqa: S105 - what each begins with
SECRET_BYTES = 32
#: How far a message's time may be from the receiver's: who has kept one can't send it again later.
TOLERANCE_SECONDS = 300
_VERSION = "v1"


def shown_secret(secret: bytes) -> str:
    """As a user is told it."""
    return SECRET_PREFIX + base64.b64encode(secret).decode()


def read_secret(shown: str) -> bytes:
    """Raises ValueError for what is none."""
    try:
        secret = base64.b64decode(shown.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("this is no signing secret") from error
    if not shown.startswith(SECRET_PREFIX) or not 24 <= len(secret) <= 64:
        raise ValueError("this is no signing secret")
    return secret


def sign(secrets: Iterable[bytes], message_id: str, timestamp: int, body: bytes) -> str:
    """The header ``webhook-signature``: one signature for each secret; ``timestamp`` in seconds since 1970."""
    signed = b".".join([message_id.encode(), str(timestamp).encode(), body])
    return " ".join(
        f"{_VERSION},{base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()}"
        for secret in secrets
    )
