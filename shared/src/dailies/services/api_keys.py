"""Keys for programs of a user's: made, listed, renewed, revoked, and taken at the door."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dailies.domain.errors import InvalidRequest, QuotaExceeded, TransientError, Unauthenticated
from dailies.domain.job.api_key import SCOPES, ApiKey, OldSecret, Scope, digest_of_secret, parse_key, shown_key
from dailies.domain.job.uploads import check_uid
from dailies.engine.platform import Platform
from dailies.engine.store.api_keys import MAX_KEYS, add_key, change_key, find_key, keys_of
from dailies.logs import Logger

MAX_OVERLAP = timedelta(days=30)
_SECRET_BYTES = 32
_ID_BYTES = 8
_USED_EVERY = timedelta(hours=1)
_MAX_NAME = 100

log = Logger(__name__)


@dataclass(frozen=True, slots=True)
class NewKey:
    """``shown`` is all of the key: nobody can tell it again."""

    key: ApiKey
    shown: str


def create_key(
    platform: Platform,
    uid: str,
    *,
    name: str,
    scopes: Sequence[Scope] = SCOPES[:2],
    valid: timedelta | None = None,
    new_id: str | None = None,
) -> NewKey:
    """A key of the user's, for ever unless ``valid`` says otherwise.

    With ``new_id``, an id set aside for it, another call gives the same key a secret that nobody has seen yet. Raises
    InvalidRequest for no name, no scope or no time, QuotaExceeded ``too_many_keys``, Forbidden.
    """
    check_uid(uid)
    called = "".join(filter(str.isprintable, name))[:_MAX_NAME].strip()
    if not called:
        raise InvalidRequest("name: say what the key is for.", field="name")
    if not scopes or not set(scopes) <= set(SCOPES):
        raise InvalidRequest(f"scopes: there are {', '.join(SCOPES)}.", field="scopes")
    if valid is not None and valid <= timedelta(0):
        raise InvalidRequest("expires: the key would have ended already.", field="expires")
    if new_id is not None and find_key(platform, new_id) is not None:
        return rotate_key(platform, uid, new_id, timedelta(0))
    if len(keys_of(platform, uid)) >= MAX_KEYS:
        raise QuotaExceeded(f"There are {MAX_KEYS} keys, which is the most: revoke some.", code="too_many_keys")
    now, secret = platform.now(), secrets.token_urlsafe(_SECRET_BYTES)
    key = ApiKey(
        id=new_id or secrets.token_hex(_ID_BYTES),
        uid=uid,
        name=called,
        scopes=tuple(scope for scope in SCOPES if scope in scopes),
        sha256=digest_of_secret(secret),
        created=now,
        expires=None if valid is None else now + valid,
    )
    add_key(platform, key)
    return NewKey(key, shown_key(key.id, secret))


def list_keys(platform: Platform, uid: str) -> list[ApiKey]:
    """The user's keys, revoked and ended ones for a while, too."""
    return keys_of(platform, uid)


def rotate_key(platform: Platform, uid: str, key_id: str, overlap: timedelta = timedelta(days=1)) -> NewKey:
    """A new secret of the same key; the one before is taken for ``overlap`` more.

    Raises NotFound, InvalidRequest for a revoked key and for more than 30 days.
    """
    if not timedelta(0) <= overlap <= MAX_OVERLAP:
        raise InvalidRequest(f"overlap: {MAX_OVERLAP.days} days at most.", field="overlap")
    now, secret = platform.now(), secrets.token_urlsafe(_SECRET_BYTES)

    def change(key: ApiKey) -> ApiKey:
        if key.revoked is not None:
            raise InvalidRequest("The key is revoked: make another.", field="key_id")
        before = OldSecret(sha256=key.sha256, until=now + overlap)
        old = (*(each for each in key.old if now < each.until), before)
        return key.model_copy(update={"sha256": digest_of_secret(secret), "old": old})

    return NewKey(change_key(platform, uid, key_id, change), shown_key(key_id, secret))


def revoke_key(platform: Platform, uid: str, key_id: str) -> ApiKey:
    """End the key at once, its older secrets, too. Idempotent. Raises NotFound."""
    now = platform.now()
    return change_key(
        platform, uid, key_id, lambda key: key if key.revoked else key.model_copy(update={"revoked": now, "old": ()})
    )


def key_shown(platform: Platform, shown: str) -> ApiKey:
    """The key that a program shows. That it is used is written once an hour. Raises Unauthenticated."""
    parts = parse_key(shown)
    key = None if parts is None else find_key(platform, parts[0])
    now = platform.now()
    if parts is None or key is None or not key.takes(parts[1], now):
        raise Unauthenticated("The key is wrong, revoked or has ended: make another.", code="key_refused")
    if _used(key, now) is not key:
        try:
            change_key(platform, key.uid, key.id, lambda known: _used(known, now))
        except TransientError as error:
            # It opens the door all the same.
            log.warning("last use not written", key=key.id, code=error.error_code)
    return key


def _used(key: ApiKey, now: datetime) -> ApiKey:
    """Of many at once only the first writes."""
    fresh = key.last_used is not None and now - key.last_used < _USED_EVERY
    return key if fresh else key.model_copy(update={"last_used": now})
