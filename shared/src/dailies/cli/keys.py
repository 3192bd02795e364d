"""What ``dailies keys …`` does, on this machine's store or on the deployment that the settings name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

from dailies.cli.console import Console
from dailies.cli.opened import opened
from dailies.domain.job.api_key import SCOPES, ApiKey, Scope
from dailies.services.api_keys import NewKey, create_key, list_keys, revoke_key, rotate_key


def create(console: Console, uid: str, name: str, scopes: Sequence[str] | None, days: float | None) -> None:
    valid = None if days is None else timedelta(days=days)
    # What is no scope, the service refuses.
    wanted = cast("Sequence[Scope]", scopes or SCOPES[:2])
    with opened() as platform:
        _emit_new(console, create_key(platform, uid, name=name, scopes=wanted, valid=valid))


def show(console: Console, uid: str) -> None:
    with opened() as platform:
        keys = list_keys(platform, uid)
    console.emit(
        [_document(key) for key in keys], "\n".join(map(_line, keys)) or "No keys: `dailies keys create NAME`."
    )


def rotate(console: Console, uid: str, key_id: str, overlap_hours: float) -> None:
    with opened() as platform:
        _emit_new(console, rotate_key(platform, uid, key_id, timedelta(hours=overlap_hours)))


def revoke(console: Console, uid: str, key_id: str) -> None:
    with opened() as platform:
        key = revoke_key(platform, uid, key_id)
    console.emit(_document(key), f"Revoked {key.id} ({key.name}).")


def _emit_new(console: Console, made: NewKey) -> None:
    text = f"{made.shown}\n{made.key.id} ({made.key.name}): keep it now, it is shown this once."
    console.emit({**_document(made.key), "key": made.shown}, text)


def _document(key: ApiKey) -> dict[str, Any]:
    return {
        "key_id": key.id,
        "name": key.name,
        "scopes": list(key.scopes),
        "created": key.created.isoformat(),
        "expires": key.expires and key.expires.isoformat(),
        "last_used": key.last_used and key.last_used.isoformat(),
        "revoked": key.revoked and key.revoked.isoformat(),
    }


def _line(key: ApiKey) -> str:
    ended = f"revoked {key.revoked:%Y-%m-%d}" if key.revoked else f"until {key.expires:%Y-%m-%d}" if key.expires else ""
    used = f"used {key.last_used:%Y-%m-%d %H:00}" if key.last_used else "never used"
    return "  ".join(part for part in (key.id, key.name, " ".join(key.scopes), used, ended) if part)
