"""What every DocumentStore finds, and in what order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dailies.ports.documents import DocumentStore, Operator, Where

NOON = datetime(2026, 11, 21, 12, 0, 0, 123456, tzinfo=UTC)


def _ids(documents: DocumentStore, *where: Where, **options: Any) -> list[str]:
    return [found.path.rpartition("/")[2] for found in documents.query("jobs", where=where, **options)]


def test_a_query_sees_its_own_collection_only(documents: DocumentStore) -> None:
    """Documents of other collections, also of those below or of similar names, are not found."""
    for path in ("jobs/a", "jobs/b", "jobs/a/parts/c", "jobs2/d", "users/u1/jobs/e"):
        documents.create(path, {})
    assert sorted(_ids(documents)) == ["a", "b"]
    assert [found.path for found in documents.query("users/u1/jobs")] == ["users/u1/jobs/e"]
    assert documents.query("nothing") == []
    with pytest.raises(ValueError, match="jobs/a"):
        documents.query("jobs/a")


@pytest.mark.parametrize(
    ("op", "value", "expected"),
    [
        ("==", 2, ["c"]),
        ("==", None, ["e"]),
        ("<", 2, ["b"]),
        ("<=", 2, ["b", "c"]),
        (">", 1, ["c"]),
        (">=", 1, ["b", "c"]),
        ("in", [1, "1", 7], ["b", "d"]),
        (">", "0", ["d"]),
        ("<", NOON + timedelta(microseconds=1), ["g"]),
        (">", NOON, []),
        ("==", True, ["h"]),
        (">=", None, []),
    ],
)
def test_a_condition_compares_values_of_one_type(
    documents: DocumentStore, op: Operator, value: object, expected: list[str]
) -> None:
    """Absent fields and values of another type never match; numbers are one type, booleans are none of them."""
    values = {"b": 1, "c": 2.0, "d": "1", "e": None, "g": NOON, "h": True}
    documents.create("jobs/a", {"other": 1})
    for name, held in values.items():
        documents.create(f"jobs/{name}", {"map": {"x": held}})
    assert sorted(_ids(documents, Where("map.x", op, value))) == expected


def test_every_condition_must_hold(documents: DocumentStore) -> None:
    """Conditions are joined by "and"."""
    for name, state, n in (("a", "queued", 1), ("b", "queued", 5), ("c", "done", 5)):
        documents.create(f"jobs/{name}", {"state": state, "n": n})
    assert _ids(documents, Where("state", "==", "queued"), Where("n", ">", 2)) == ["b"]


def test_a_query_sorts_and_limits(documents: DocumentStore) -> None:
    """Documents come by the field, equal ones by path, both reversed when descending; those without it don't."""
    for name, day in (("a", 3), ("b", 1), ("c", 3), ("d", 2)):
        documents.create(f"jobs/{name}", {"created": NOON + timedelta(days=day)})
    documents.create("jobs/e", {})
    assert _ids(documents, order_by="created") == ["b", "d", "a", "c"]
    assert _ids(documents, order_by="created", descending=True) == ["c", "a", "d", "b"]
    assert _ids(documents, order_by="created", descending=True, limit=2) == ["c", "a"]
    assert len(_ids(documents, limit=3)) == 3


def test_mixed_types_sort_by_type(documents: DocumentStore) -> None:
    """null, boolean, number, datetime, string, list, map: in this order, and each by its own values."""
    values = [None, False, True, -1, 0.5, 2, NOON, NOON + timedelta(1), "A", "a", "é", [1], [1, 2], {"x": 1}, {"x": 2}]
    for n, value in enumerate(reversed(values)):
        documents.create(f"jobs/{n:02}", {"v": value})
    assert [found.data["v"] for found in documents.query("jobs", order_by="v")] == values
    assert [found.data["v"] for found in documents.query("jobs", where=[Where("v", "==", {"x": 1})])] == [{"x": 1}]


@pytest.mark.parametrize("where", [Where("n", "in", 1), Where("n", "==", datetime(2026, 1, 1))])  # noqa: DTZ001 -- refused
def test_an_unusable_condition_is_refused(documents: DocumentStore, where: Where) -> None:
    """A list that is none, and values that no document holds, are ValueErrors."""
    with pytest.raises(ValueError, match=r"\S"):
        documents.query("jobs", where=[where])
    with pytest.raises(ValueError, match="limit"):
        documents.query("jobs", limit=0)
