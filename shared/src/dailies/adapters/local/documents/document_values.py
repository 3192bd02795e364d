"""Documents as SQLite keeps them: JSON text with tagged datetimes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dailies.adapters.document_rules import checked, too_large
from dailies.ports.documents import MAX_DOCUMENT_BYTES

# {"$datetime": "2026-11-21T02:00:00+00:00"}; a document's own keys that begin with "$" get a second one.
_MARK = "$"
_DATETIME = "$datetime"


def encode(data: Mapping[str, Any], path: str) -> str:
    """The stored text. Raises ValueError or TypeError for what a document can't hold, PermanentError for too much."""
    text = json.dumps(
        _tagged(checked(data, path)),
        ensure_ascii=False,
        check_circular=False,
        separators=(",", ":"),
    )
    size = len(text.encode())
    if size > MAX_DOCUMENT_BYTES:
        raise too_large(path, size)
    return text


def decode(text: str) -> dict[str, Any]:
    """A fresh copy of the document that ``encode`` made the text of."""
    data: dict[str, Any] = json.loads(text, object_hook=_untagged)
    return data


def _tagged(value: Any) -> Any:
    if isinstance(value, datetime):
        return {_DATETIME: value.isoformat()}
    if isinstance(value, dict):
        return {(_MARK + key if key.startswith(_MARK) else key): _tagged(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_tagged(item) for item in value]
    return value


def _untagged(stored: dict[str, Any]) -> Any:
    if _DATETIME in stored:
        return datetime.fromisoformat(stored[_DATETIME])
    return {key[1:] if key.startswith(_MARK) else key: value for key, value in stored.items()}
