"""API keys: what is shown once, and what is kept of it. Pure."""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import datetime
from typing import Literal

from pydantic import ConfigDict, Field

from dailies.domain.model import Model

Scope = Literal["jobs:read", "jobs:write", "keys", "notifications", "webhooks"]
SCOPES: tuple[Scope, ...] = ("jobs:read", "jobs:write", "keys", "notifications", "webhooks")
KEY_PREFIX = "dly_"
# The secret has 256 random bits: no slower digest would add to that.
_SHOWN = re.compile(KEY_PREFIX + r"([0-9a-f]{16,24})_([A-Za-z0-9_-]{43})")


class OldSecret(Model):
    """A secret that was replaced, for as long as it is still taken."""

    sha256: str = Field(repr=False)
    until: datetime


class ApiKey(Model):
    """``keys/{id}`` of a user's programs: never the secret itself."""

    # Records of newer versions have more fields.
    model_config = ConfigDict(extra="ignore")

    id: str
    uid: str
    name: str
    scopes: tuple[Scope, ...]
    sha256: str = Field(repr=False)
    old: tuple[OldSecret, ...] = ()
    created: datetime
    expires: datetime | None = None
    last_used: datetime | None = Field(None, description="written once an hour at most")
    revoked: datetime | None = None

    def takes(self, secret: str, now: datetime) -> bool:
        """Whether the secret opens it now."""
        if self.revoked is not None or (self.expires is not None and self.expires <= now):
            return False
        known = [self.sha256, *(old.sha256 for old in self.old if now < old.until)]
        shown = digest_of_secret(secret)
        return any(hmac.compare_digest(shown, each) for each in known)


def shown_key(key_id: str, secret: str) -> str:
    """What a program sends."""
    return f"{KEY_PREFIX}{key_id}_{secret}"


def parse_key(shown: str) -> tuple[str, str] | None:
    """Id and secret; None for what is no key of ours."""
    found = _SHOWN.fullmatch(shown)
    return None if found is None else (found[1], found[2])


def digest_of_secret(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
