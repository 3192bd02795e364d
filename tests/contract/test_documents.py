"""What every DocumentStore does with single documents."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from dailies.domain.errors import Conflict, NotFound, PermanentError
from dailies.ports.documents import DocumentStore

NOON = datetime(2026, 11, 21, 12, 0, 0, 123456, tzinfo=UTC)

_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.datetimes(timezones=st.just(UTC))
)
# Firestore keeps names like __name__ for itself.
_KEYS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8).filter(
    lambda name: not (name.startswith("__") and name.endswith("__"))
) | st.just("$datetime")
_DATA = st.dictionaries(
    _KEYS,
    st.recursive(_LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3)),
    max_size=5,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(data=_DATA)
def test_values_come_back_as_they_were(documents: DocumentStore, data: dict[str, Any]) -> None:
    """Any map of JSON values and datetimes is read back equal, whatever its keys are."""
    documents.set("things/a", data)
    found = documents.get("things/a")
    assert found is not None
    assert found.data == data


def test_a_datetime_is_the_same_instant_in_utc(documents: DocumentStore) -> None:
    """A datetime of another zone comes back as that instant, in UTC and to the microsecond."""
    local = NOON.astimezone(timezone(timedelta(hours=5, minutes=45)))
    documents.set("things/a", {"at": local, "list": [local]})
    found = documents.get("things/a")
    assert found is not None
    assert found.data == {"at": NOON, "list": [NOON]}
    assert found.data["at"].utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "value",
    [datetime(2026, 1, 1), float("nan"), float("inf"), 2**63, "\ud800"],  # noqa: DTZ001 -- refused
    ids=["naive", "nan", "infinity", "65-bit", "surrogate"],
)
def test_what_is_no_document_value_is_refused(documents: DocumentStore, value: object) -> None:
    """A value that not every store can hold is a ValueError and writes nothing."""
    with pytest.raises(ValueError, match=r"\S"):
        documents.set("things/a", {"value": value})
    assert documents.get("things/a") is None


@pytest.mark.parametrize("value", [1j, b"bytes", {1: "key"}], ids=["complex", "bytes", "key"])
def test_a_type_that_json_does_not_have_is_refused(documents: DocumentStore, value: object) -> None:
    """Values of other types, and keys that are no strings, are TypeErrors."""
    with pytest.raises(TypeError, match="value"):
        documents.set("things/a", {"value": value})


@pytest.mark.parametrize(
    "path", ["things", "things/a/parts", "", "things/", "/a", "things//a/b", "things/..", "a/__b__"]
)
def test_a_path_of_no_document_is_refused(documents: DocumentStore, path: str) -> None:
    """A path with an odd number of segments, or an unusable one, is a ValueError."""
    with pytest.raises(ValueError, match=r"\S"):
        documents.get(path)
    with pytest.raises(ValueError, match=r"\S"):
        documents.set(path, {})


def test_a_document_over_one_mebibyte_is_refused(documents: DocumentStore) -> None:
    """More than 1 MiB is a PermanentError with its own code, and the old document stays."""
    documents.set("things/a", {"text": "short"})
    with pytest.raises(PermanentError) as refused:
        documents.set("things/a", {"text": "x" * (1 << 20)})
    assert refused.value.error_code == "document_too_large"
    with pytest.raises(PermanentError):
        documents.update("things/a", {"more": "x" * (1 << 20)})
    found = documents.get("things/a")
    assert found is not None
    assert found.data == {"text": "short"}


def test_an_absent_document_is_none(documents: DocumentStore) -> None:
    """Reading what is not there is no error."""
    assert documents.get("things/a") is None


def test_what_one_client_writes_the_other_reads(documents: DocumentStore, other_documents: DocumentStore) -> None:
    """A write that returned is seen by every process."""
    written = documents.create("things/a", {"n": 1})
    assert other_documents.get("things/a") == written


def test_create_refuses_an_existing_document(documents: DocumentStore) -> None:
    """Of two creations the second is a Conflict and changes nothing."""
    documents.create("things/a", {"n": 1})
    with pytest.raises(Conflict):
        documents.create("things/a", {"n": 2})
    found = documents.get("things/a")
    assert found is not None
    assert found.data == {"n": 1}


def test_a_snapshot_is_the_readers_own(documents: DocumentStore) -> None:
    """Changing what was given or returned does not change the document."""
    given: dict[str, Any] = {"list": [1]}
    written = documents.set("things/a", given)
    given["list"].append(2)
    written.data["list"].append(3)
    found = documents.get("things/a")
    assert found is not None
    assert found.data == {"list": [1]}


def test_the_version_changes_with_each_write(documents: DocumentStore) -> None:
    """No two writes of a document have the same version, also when it was deleted in between."""
    versions = [documents.create("things/a", {"n": 1}).version, documents.set("things/a", {"n": 2}).version]
    versions.append(documents.update("things/a", {"n": 3}).version)
    documents.delete("things/a")
    versions.append(documents.create("things/a", {"n": 1}).version)
    assert len(set(versions)) == 4
    found = documents.get("things/a")
    assert found is not None
    assert found.version == versions[-1]


def test_a_precondition_that_holds_lets_the_write_pass(documents: DocumentStore) -> None:
    """A write with the present version happens."""
    first = documents.create("things/a", {"n": 1})
    second = documents.set("things/a", {"n": 2}, if_version=first.version)
    third = documents.update("things/a", {"n": 3}, if_version=second.version)
    documents.delete("things/a", if_version=third.version)
    assert documents.get("things/a") is None


def test_a_precondition_that_fails_stops_the_write(documents: DocumentStore) -> None:
    """A write with an old version is a Conflict and changes nothing."""
    old = documents.create("things/a", {"n": 1}).version
    present = documents.set("things/a", {"n": 2})
    with pytest.raises(Conflict):
        documents.set("things/a", {"n": 3}, if_version=old)
    with pytest.raises(Conflict):
        documents.update("things/a", {"n": 3}, if_version=old)
    with pytest.raises(Conflict):
        documents.delete("things/a", if_version=old)
    assert documents.get("things/a") == present


def test_a_precondition_on_an_absent_document_fails(documents: DocumentStore) -> None:
    """There is no version to match where there is no document."""
    old = documents.create("things/a", {"n": 1}).version
    documents.delete("things/a")
    with pytest.raises(Conflict):
        documents.set("things/a", {"n": 2}, if_version=old)
    with pytest.raises(Conflict):
        documents.delete("things/a", if_version=old)
    with pytest.raises(NotFound):
        documents.update("things/a", {"n": 2}, if_version=old)


def test_update_merges_dotted_paths(documents: DocumentStore) -> None:
    """Only the named leaves change; maps are made on the way; a map as value replaces the map there."""
    documents.create("jobs/a", {"state": "queued", "steps": {"web": {"progress": 5}}, "tags": {"x": 1}})
    updated = documents.update(
        "jobs/a", {"steps.podcast.progress": 40, "steps.web.status": "done", "state.why": "odd", "tags": {"y": NOON}}
    )
    assert updated.data == {
        "state": {"why": "odd"},
        "steps": {"web": {"progress": 5, "status": "done"}, "podcast": {"progress": 40}},
        "tags": {"y": NOON},
    }
    assert documents.get("jobs/a") == updated


def test_update_needs_a_document(documents: DocumentStore) -> None:
    """An update never creates: NotFound."""
    with pytest.raises(NotFound):
        documents.update("things/a", {"n": 1})
    assert documents.get("things/a") is None


@pytest.mark.parametrize("fields", [{"": 1}, {"a..b": 1}, {".a": 1}, {"a": {}, "a.b": 1}])
def test_update_refuses_unusable_field_paths(documents: DocumentStore, fields: dict[str, Any]) -> None:
    """Empty names, and a path inside another of the same update, are ValueErrors."""
    documents.create("things/a", {"a": 1})
    with pytest.raises(ValueError, match=r"\S"):
        documents.update("things/a", fields)


def test_delete_is_idempotent(documents: DocumentStore) -> None:
    """Deleting what is gone is no error, and documents below the deleted one stay."""
    documents.create("users/u1", {})
    documents.create("users/u1/operations/j1", {"n": 1})
    documents.delete("users/u1")
    documents.delete("users/u1")
    assert documents.get("users/u1") is None
    assert documents.get("users/u1/operations/j1") is not None


def test_a_document_nested_too_deep_is_refused(documents: DocumentStore) -> None:
    """Twenty levels are the most, as in Firestore."""
    value: dict[str, Any] = {}
    for _ in range(19):
        value = {"in": value}
    documents.set("things/a", value)
    with pytest.raises(ValueError, match="deeper"):
        documents.set("things/a", {"in": value})
