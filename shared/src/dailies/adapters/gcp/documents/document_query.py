"""The port's queries in Firestore's terms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from google.cloud import firestore
from google.cloud.firestore_v1.base_document import DocumentSnapshot
from google.cloud.firestore_v1.base_query import FieldFilter, Or
from google.cloud.firestore_v1.field_path import FieldPath

from dailies.adapters.gcp.documents.document_values import stored_value
from dailies.ports.documents import Where

_OPERATORS = ("==", "<", "<=", ">", ">=", "in")


def run(
    collection: firestore.CollectionReference,
    where: Sequence[Where],
    order_by: str | None,
    limit: int | None,
    *,
    descending: bool,
) -> Iterable[DocumentSnapshot[Any]]:
    """What meets every condition. Raises ValueError for an unusable condition, and Google's errors."""
    query: Any = collection
    for each in where:
        found = _condition(each)
        if found is None:
            return ()
        query = query.where(filter=found)
    if order_by is not None:
        direction = firestore.Query.DESCENDING if descending else firestore.Query.ASCENDING
        query = query.order_by(_field(order_by), direction=direction)
    if limit is not None:
        query = query.limit(limit)
    found_all: list[DocumentSnapshot[Any]] = query.get()
    return found_all


def _condition(where: Where) -> FieldFilter | Or | None:
    """None for a condition that nothing can meet, and that Firestore refuses."""
    field = _field(where.field)
    if where.op not in _OPERATORS:
        raise ValueError(f"{where.op!r} is not an operator of a query")
    if where.op == "in":
        if not isinstance(where.value, (list, tuple)):
            raise ValueError(f"{where.field}: 'in' takes a list")
        wanted = [stored_value(value, where.field) for value in where.value]
        # Firestore's IN takes no null.
        alternatives: list[Any] = [FieldFilter(field, "==", None)] if None in wanted else []
        values = [value for value in wanted if value is not None]
        if values:
            alternatives.append(FieldFilter(field, "in", values))
        if not alternatives:
            return None
        return alternatives[0] if len(alternatives) == 1 else Or(alternatives)
    if where.value is None and where.op != "==":
        return None
    return FieldFilter(field, where.op, stored_value(where.value, where.field))


def _field(dotted: str) -> str:
    path: str = FieldPath(*dotted.split(".")).to_api_repr()
    return path
