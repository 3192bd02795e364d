"""Documents as Firestore keeps them: its own types, save for a list in a list, which it doesn't have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from google.api_core import exceptions
from google.api_core.datetime_helpers import DatetimeWithNanoseconds
from google.cloud.firestore_v1.base_document import DocumentSnapshot
from google.protobuf.timestamp_pb2 import Timestamp

from dailies.adapters.document_rules import checked, checked_value, too_large
from dailies.ports.documents import Snapshot, Version

# An inner list is the map {"$list": [...]}; a map that would be mistaken for one gets another "$".
_LIST = "$list"
_MARKED = re.compile(r"\$+list")


def stored(data: Mapping[str, Any], path: str) -> dict[str, Any]:
    """The form that Firestore takes. Raises ValueError or TypeError for what a document can't hold."""
    found: dict[str, Any] = _stored(checked(data, path))
    return found


def stored_value(value: Any, where: str) -> Any:
    """As :func:`stored`, of one value."""
    return _stored(checked_value(value, where))


def _stored(value: Any, *, in_list: bool = False) -> Any:
    if isinstance(value, str):
        # A lone surrogate is no UTF-8: here it is a ValueError, inside protobuf it may be anything.
        value.encode()
    elif isinstance(value, list):
        inner = [_stored(item, in_list=True) for item in value]
        return {_LIST: inner} if in_list else inner
    elif isinstance(value, dict):
        if len(value) == 1 and _MARKED.fullmatch(next(iter(value))):
            value = {f"${key}": item for key, item in value.items()}
        for key in value:
            key.encode()
        return {key: _stored(item) for key, item in value.items()}
    return value


def restored(value: Any) -> Any:
    """The value that was stored; also of a whole document."""
    if isinstance(value, datetime):
        return datetime.fromtimestamp(0, UTC) + (value - datetime.fromtimestamp(0, UTC))
    if isinstance(value, list):
        return [restored(item) for item in value]
    if isinstance(value, dict):
        if len(value) == 1:
            key, item = next(iter(value.items()))
            if key == _LIST:
                return restored(item)
            if _MARKED.fullmatch(key):
                return {key[1:]: restored(item)}
        return {key: restored(item) for key, item in value.items()}
    return value


def snapshot_of(found: DocumentSnapshot[Any]) -> Snapshot | None:
    """The port's snapshot; None for a document that does not exist."""
    if not found.exists:
        return None
    return Snapshot(found.reference.path, restored(found.to_dict() or {}), version_of(found.update_time))


def version_of(moment: DatetimeWithNanoseconds) -> Version:
    """The time of the last change, which Firestore keeps apart for each."""
    return str(moment.rfc3339())


def timestamp_of(version: Version) -> Timestamp:
    """What a precondition takes."""
    return DatetimeWithNanoseconds.from_rfc3339(version).timestamp_pb()


@contextmanager
def refusing_large(what: str) -> Iterator[None]:
    """Name the one refusal of Firestore's that the port has a code for."""
    try:
        yield
    except exceptions.InvalidArgument as error:
        # "The value of property … is longer than …", "… exceeds the maximum entity size": there is no code for it.
        if "longer than" in str(error) or ("maximum" in str(error) and "size" in str(error)):
            raise too_large(what) from error
        raise
