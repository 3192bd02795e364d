"""API keys in the document store: ``api_keys/{id}``, which no user's rules lead to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dailies.domain.errors import NotFound
from dailies.domain.job.api_key import ApiKey
from dailies.domain.job.retention import record_goes
from dailies.engine.platform import Platform
from dailies.ports.documents import Transaction, Where

MAX_KEYS = 100


def add_key(platform: Platform, key: ApiKey) -> None:
    """Raises Conflict for an id that is taken."""
    platform.documents.create(_path(key.id), _document(key))


def find_key(platform: Platform, key_id: str) -> ApiKey | None:
    snapshot = platform.documents.get(_path(key_id))
    return None if snapshot is None else ApiKey.model_validate(snapshot.data)


def keys_of(platform: Platform, uid: str) -> list[ApiKey]:
    """The user's keys, in the order in which they were made."""
    found = platform.documents.query("api_keys", where=[Where("uid", "==", uid)], limit=MAX_KEYS)
    return sorted((ApiKey.model_validate(each.data) for each in found), key=lambda key: (key.created, key.id))


def change_key(platform: Platform, uid: str, key_id: str, change: Callable[[ApiKey], ApiKey]) -> ApiKey:
    """Write what ``change`` makes of the user's key, unless it is the same. Raises NotFound, also for another's."""

    def write(transaction: Transaction) -> ApiKey:
        snapshot = transaction.get(_path(key_id))
        if snapshot is None or snapshot.data["uid"] != uid:
            raise NotFound(f"There is no key {key_id[:64]}: check its id.", code="key_not_found")
        known = ApiKey.model_validate(snapshot.data)
        changed = change(known)
        if changed is known:
            return known
        transaction.set(_path(key_id), _document(changed))
        return changed

    return platform.documents.transaction(write)


def _path(key_id: str) -> str:
    """Raises NotFound for what is no key's id: it comes from outside."""
    if not (key_id.isascii() and key_id.isalnum() and len(key_id) <= 64):
        raise NotFound(f"There is no key {key_id[:64]!r}: check its id.", code="key_not_found")
    return f"api_keys/{key_id}"


def _document(key: ApiKey) -> dict[str, Any]:
    document = {**key.model_dump(mode="json"), "created": key.created}
    ended = key.revoked or key.expires
    return document if ended is None else {**document, "remove_after": record_goes(ended)}
