"""Who calls at a door, what they may do, and how often."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dailies.domain.errors import Forbidden, Unauthenticated
from dailies.domain.job.api_key import KEY_PREFIX, SCOPES, Scope
from dailies.domain.job.rate import Rate
from dailies.domain.job.uploads import check_uid
from dailies.engine.platform import Platform
from dailies.services.api_keys import key_shown
from dailies.settings import Settings

_WINDOW_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose jobs are meant, and what may be done with them; ``key_id`` where a program asks with a key."""

    uid: str
    scopes: frozenset[str] = frozenset(SCOPES)
    key_id: str | None = None

    def require(self, scope: Scope | None) -> None:
        """Raise Forbidden for a key that lacks it."""
        if scope not in self.scopes:
            raise Forbidden(f"This key may not do that: it lacks the scope {scope}.", code="scope_missing")


def caller_of(
    platform: Platform, authorization: str, api_key: str | None, uid_of_token: Callable[[str], str]
) -> Caller:
    """By ``Authorization: Bearer`` with an ID token or an API key, or by a key of its own header.

    Raises Unauthenticated, as ``uid_of_token`` does, and Forbidden for a uid that can have no jobs.
    """
    scheme, _, token = authorization.partition(" ")
    shown = api_key or (token.strip() if token.startswith(KEY_PREFIX) else None)
    if shown is not None:
        key = key_shown(platform, shown)
        return Caller(key.uid, frozenset(key.scopes), key.id)
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("Sign in first: send Authorization: Bearer, and an ID token or an API key.")
    uid = uid_of_token(token.strip())
    check_uid(uid)
    return Caller(uid)


def limits_of(settings: Settings, caller: Caller) -> Mapping[str, Rate]:
    """A key has its own limit, below that of its user's keys and sign-ins together."""
    user = {f"user-{caller.uid}": Rate(settings.api_user_requests_per_minute, _WINDOW_SECONDS)}
    if caller.key_id is None:
        return user
    return {**user, f"key-{caller.key_id}": Rate(settings.api_key_requests_per_minute, _WINDOW_SECONDS)}
