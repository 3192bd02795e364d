"""What every document store takes as paths, fields and values (the rules of ports/documents.py), in one place."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from dailies.domain.errors import PermanentError
from dailies.ports.documents import MAX_DOCUMENT_BYTES

_MAX_DEPTH = 20
_MAX_SEGMENT_BYTES = 1500
_INT64 = 1 << 63
_RESERVED = re.compile(r"\.|\.\.|__.*__|", re.DOTALL)


def check_document_path(path: str) -> None:
    """Raise ValueError unless ``path`` names a document."""
    if len(_segments(path)) % 2:
        raise ValueError(f"{path!r} names a collection, not a document")


def check_collection_path(path: str) -> None:
    """Raise ValueError unless ``path`` names a collection."""
    if len(_segments(path)) % 2 == 0:
        raise ValueError(f"{path!r} names a document, not a collection")


def _segments(path: str) -> list[str]:
    segments = path.split("/")
    for segment in segments:
        if _RESERVED.fullmatch(segment) or len(segment.encode()) > _MAX_SEGMENT_BYTES:
            raise ValueError(f"{path!r} is not a document store path")
    return segments


def checked(data: Mapping[str, Any], where: str) -> dict[str, Any]:
    """A copy of plain dicts, lists and UTC datetimes. Raises ValueError or TypeError for what no document holds."""
    copy: dict[str, Any] = _checked(data, where, 0)
    return copy


def checked_value(value: Any, where: str) -> Any:
    """As :func:`checked`, of one value."""
    return _checked(value, where, 1)


def too_large(path: str, size: int | None = None) -> PermanentError:
    """The refusal of a document over the limit; ``size`` in bytes, where it is known."""
    told = "more" if size is None else f"{size} bytes"
    return PermanentError(
        f"The document {path} would be {told}; {MAX_DOCUMENT_BYTES} is the most.",
        code="document_too_large",
        path=path,
        size=size,
    )


def _checked(value: Any, where: str, depth: int) -> Any:
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        if not -_INT64 <= value < _INT64:
            raise ValueError(f"{where}: {value} is beyond 64 bits")
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{where}: {value} is not a JSON number")
        return value
    if isinstance(value, datetime):
        return in_utc(value, where)
    if depth >= _MAX_DEPTH:
        raise ValueError(f"{where}: nested deeper than {_MAX_DEPTH}")
    if isinstance(value, Mapping):
        return {_name(key, where): _checked(item, f"{where}.{key}", depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_checked(item, f"{where}[{index}]", depth + 1) for index, item in enumerate(value)]
    raise TypeError(f"{where}: a document can't hold a {type(value).__name__}")


def in_utc(value: datetime, where: str) -> datetime:
    """The same instant in UTC. Raises ValueError for a naive datetime."""
    if value.utcoffset() is None:
        raise ValueError(f"{where}: {value.isoformat()} has no time zone")
    return value.astimezone(UTC)


def _name(key: object, where: str) -> str:
    if not isinstance(key, str):
        raise TypeError(f"{where}: the key {key!r} is not a string")
    return key


def check_fields(fields: Mapping[str, Any]) -> None:
    """Raise ValueError unless the dotted paths are usable and none lies inside another."""
    paths = [tuple(field.split(".")) for field in fields]
    for path in paths:
        if "" in path:
            raise ValueError(f"{'.'.join(path)!r} is not a field path")
        if any(other != path and other[: len(path)] == path for other in paths):
            raise ValueError(f"{'.'.join(path)!r} is set together with a field inside it")


def merge(data: dict[str, Any], fields: Mapping[str, Any]) -> None:
    """Set the dotted paths in ``data``, making maps on the way."""
    for field, value in fields.items():
        *way, leaf = field.split(".")
        target = data
        for name in way:
            inner = target.get(name)
            if not isinstance(inner, dict):
                inner = target[name] = {}
            target = inner
        target[leaf] = value
