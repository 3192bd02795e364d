"""What is Firestore's own about its adapter: serialisable transactions without locks, and its faults."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import firestore

from dailies.adapters.gcp.documents.documents import CloudDocuments
from dailies.adapters.gcp.documents.watches import Watches
from dailies.domain.errors import Conflict, NotFound, PermanentError, PlatformNotReady, TransientError
from dailies.ports.documents import Snapshot, Transaction, Where


def number(snapshot: Snapshot | None) -> int:
    assert snapshot is not None
    return int(snapshot.data["n"])


class Interference:
    """Somebody else's write between an attempt's reads and its commit, on the first attempts only."""

    def __init__(self, times: int, write: Callable[[int], object]) -> None:
        self.attempts = 0
        self._times = times
        self._write = write

    def __call__(self) -> None:
        self.attempts += 1
        if self.attempts <= self._times:
            self._write(self.attempts)


def test_what_was_only_read_must_still_be_so_at_the_end(documents: CloudDocuments) -> None:
    """No write skew: a change of a document that the transaction only read makes it look again."""
    documents.set("things/read", {"n": 1})
    meanwhile = Interference(2, lambda n: documents._client.document("things/read").set({"n": 10 * n}))

    def work(transaction: Transaction) -> None:
        n = number(transaction.get("things/read"))
        meanwhile()
        transaction.set("things/written", {"n": n})

    documents.transaction(work)
    assert number(documents.get("things/written")) == 20
    assert meanwhile.attempts == 3


def test_what_was_absent_must_still_be_absent_at_the_end(documents: CloudDocuments) -> None:
    """A document that appears after it was found absent is seen by the next attempt."""
    meanwhile = Interference(1, lambda n: documents._client.document("things/read").set({"n": n}))

    def work(transaction: Transaction) -> bool:
        there = transaction.get("things/read") is not None
        meanwhile()
        transaction.set("things/written", {"there": there})
        return there

    assert documents.transaction(work)
    written = documents.get("things/written")
    assert written is not None
    assert written.data == {"there": True}


def test_verifying_a_read_does_not_change_the_document(documents: CloudDocuments) -> None:
    """Who only read leaves no trace: neither a new version nor a document that was not there."""
    before = documents.set("things/read", {"n": 1})

    def work(transaction: Transaction) -> None:
        transaction.get("things/read")
        transaction.get("things/absent")
        transaction.set("things/written", {})

    documents.transaction(work)
    assert documents.get("things/read") == before
    assert documents.get("things/absent") is None


def test_creating_what_was_just_read_is_a_conflict_and_no_endless_loop(documents: CloudDocuments) -> None:
    """A demand that no repetition can meet is told at once."""
    documents.set("things/a", {"n": 1})

    def create(transaction: Transaction) -> None:
        transaction.get("things/a")
        transaction.create("things/a", {})

    def update(transaction: Transaction) -> None:
        transaction.get("things/absent")
        transaction.update("things/absent", {"n": 1})

    with pytest.raises(Conflict):
        documents.transaction(create)
    with pytest.raises(NotFound):
        documents.transaction(update)


def test_endless_contention_becomes_a_transient_error(firestore_client: firestore.Client) -> None:
    """After its patience a transaction that never gets through is the queue's to retry."""
    documents = CloudDocuments(firestore_client, pause=lambda _: None, patience_seconds=0)
    meanwhile = Interference(1000, lambda n: firestore_client.document("things/a").set({"n": n}))

    def work(transaction: Transaction) -> None:
        transaction.get("things/a")
        meanwhile()
        transaction.set("things/a", {"n": -1})

    with pytest.raises(TransientError) as raised:
        documents.transaction(work)
    assert raised.value.error_code == "store_busy"
    documents.close()


def test_the_stores_own_writes_are_refused_inside_a_transaction(documents: CloudDocuments) -> None:
    """They would not be part of it."""
    with pytest.raises(RuntimeError, match="inside a transaction"):
        documents.transaction(lambda _: documents.set("things/a", {}))
    documents.set("things/a", {"n": 1})


class Flaky:
    """Firestore's commit, which fails some times first; ``after`` it fails when the write has been made."""

    def __init__(self, commit: Callable[..., Any], failures: list[Exception], *, after: bool = False) -> None:
        self._commit = commit
        self._failures = failures
        self._after = after
        self.calls = 0

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        self.calls += 1
        if not self._failures:
            return self._commit(*arguments, **options)
        if self._after:
            self._commit(*arguments, **options)
        raise self._failures.pop(0)


def flaky(
    monkeypatch: pytest.MonkeyPatch, client: firestore.Client, *failures: Exception, after: bool = False
) -> Flaky:
    api = client._firestore_api
    broken = Flaky(api.commit, list(failures), after=after)
    monkeypatch.setattr(api, "commit", broken)
    return broken


def count(documents: CloudDocuments) -> None:
    def work(transaction: Transaction) -> None:
        transaction.set("things/a", {"n": number(transaction.get("things/a")) + 1})

    documents.transaction(work)


def test_an_aborted_commit_is_repeated(documents: CloudDocuments, monkeypatch: pytest.MonkeyPatch) -> None:
    """ABORTED says that nothing was written: another attempt counts once."""
    documents.set("things/a", {"n": 0})
    commit = flaky(monkeypatch, documents._client, exceptions.Aborted("busy"), exceptions.Aborted("busy"))
    count(documents)
    assert commit.calls == 3
    assert number(documents.get("things/a")) == 1


def test_a_lost_answer_is_never_a_second_count(documents: CloudDocuments, monkeypatch: pytest.MonkeyPatch) -> None:
    """UNAVAILABLE after the write: TransientError, and the work is not run again behind the caller's back."""
    documents.set("things/a", {"n": 0})
    commit = flaky(monkeypatch, documents._client, exceptions.ServiceUnavailable("gone"), after=True)
    with pytest.raises(TransientError):
        count(documents)
    assert commit.calls == 1
    assert number(documents.get("things/a")) == 1


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (exceptions.ServiceUnavailable("away"), TransientError),
        (exceptions.DeadlineExceeded("slow"), TransientError),
        (exceptions.ResourceExhausted("too many"), TransientError),
        (exceptions.InternalServerError("oops"), TransientError),
        (exceptions.PermissionDenied("no role"), PlatformNotReady),
        (exceptions.InvalidArgument("what?"), PermanentError),
    ],
)
def test_firestores_errors_are_ours(
    documents: CloudDocuments, monkeypatch: pytest.MonkeyPatch, failure: Exception, expected: type[Exception]
) -> None:
    """Each kind has its class, with the vendor's error as its cause."""
    flaky(monkeypatch, documents._client, failure)
    with pytest.raises(expected) as raised:
        documents.create("things/a", {})
    assert type(raised.value) is expected
    assert raised.value.__cause__ is failure


def test_a_list_in_a_list_is_stored_though_firestore_has_none(documents: CloudDocuments) -> None:
    """And what looks like its stored form comes back as it was."""
    data = {"a": [[1, [2]], []], "b": {"$list": [1]}, "c": {"$$list": {"$list": [[3]]}}}
    documents.set("things/a", data)
    found = documents.get("things/a")
    assert found is not None
    assert found.data == data


def test_null_is_found_by_in(documents: CloudDocuments) -> None:
    """Firestore's IN takes no null; the port's does, alone and beside others; an empty list finds nothing."""
    for name, value in (("a", None), ("b", 1), ("c", 2)):
        documents.set(f"things/{name}", {"v": value})

    def found(*wanted: object) -> list[str]:
        return sorted(each.path[-1] for each in documents.query("things", where=[Where("v", "in", list(wanted))]))

    assert found(None) == ["a"]
    assert found(None, 2) == ["a", "c"]
    assert found() == []


def test_a_change_is_heard_though_the_stream_is_dead(documents: CloudDocuments) -> None:
    """Now and then a watch looks for itself, so a stream that died unheard costs time only."""
    heard: list[int] = []
    watches = Watches(documents._client, documents.get, doubt_seconds=0)
    documents.set("things/a", {"n": 1})
    watch = watches.add("things/a", lambda snapshot: heard.append(number(snapshot)))
    watch._end()
    documents.set("things/a", {"n": 2})
    assert_soon(lambda: heard == [1, 2])
    watches.close()


def assert_soon(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)
