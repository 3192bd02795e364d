"""Which documents meet a query's conditions, and in what order: Firestore's rules on decoded data."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from dailies.adapters.document_rules import in_utc
from dailies.ports.documents import Snapshot, Where

# A rank for the type, then the value: keys of different types never get to compare values.
SortKey = tuple[Any, ...]
_NULL = 0
_ABSENT = object()
_COMPARE: dict[str, Callable[[SortKey, SortKey], bool]] = {
    "==": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def condition(where: Where) -> Callable[[Mapping[str, Any]], bool]:
    """A predicate on a document's data. Raises ValueError for an unusable condition."""
    if where.op == "in":
        if not isinstance(where.value, (list, tuple)):
            raise ValueError(f"{where.field}: 'in' takes a list")
        wanted = [sort_key(value) for value in where.value]
        return lambda data: _key_at(data, where.field) in wanted
    if where.op not in _COMPARE:
        raise ValueError(f"{where.op!r} is not an operator of a query")
    compare, bound = _COMPARE[where.op], sort_key(where.value)

    def holds(data: Mapping[str, Any]) -> bool:
        key = _key_at(data, where.field)
        if key is None or key[0] != bound[0] or (key[0] == _NULL and where.op != "=="):
            return False
        return compare(key, bound)

    return holds


def in_order(found: Sequence[Snapshot], order_by: str, *, descending: bool) -> list[Snapshot]:
    """``found`` by that field, then by path; without the documents that lack it."""
    keyed = [(key, snapshot) for snapshot in found if (key := _key_at(snapshot.data, order_by)) is not None]
    keyed.sort(key=lambda pair: (pair[0], pair[1].path), reverse=descending)
    return [snapshot for _, snapshot in keyed]


def sort_key(value: Any) -> SortKey:
    """A key whose order and equality are those of the stored values."""
    match value:
        case None:
            return (_NULL,)
        case bool():
            return (1, value)
        case int() | float():
            return (2, value)
        case datetime():
            return (3, in_utc(value, "query"))
        case str():
            return (4, str(value))
        case list() | tuple():
            return (5, [sort_key(item) for item in value])
        case Mapping():
            return (6, sorted((name, sort_key(item)) for name, item in value.items()))
    raise TypeError(f"a document can't hold a {type(value).__name__}")


def _key_at(data: Mapping[str, Any], field: str) -> SortKey | None:
    value: Any = data
    for name in field.split("."):
        value = value.get(name, _ABSENT) if isinstance(value, Mapping) else _ABSENT
        if value is _ABSENT:
            return None
    return sort_key(value)
