"""What every DocumentStore promises of transactions."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from dailies.domain.errors import Conflict, NotFound
from dailies.ports.documents import DocumentStore, Snapshot, Transaction


def _data(snapshot: Snapshot | None) -> dict[str, object]:
    assert snapshot is not None
    return snapshot.data


def test_a_transaction_returns_what_its_work_does(documents: DocumentStore) -> None:
    """Reads see the present, writes happen together, and the work's value is passed on."""
    documents.create("things/a", {"n": 1})
    documents.create("things/gone", {})

    def work(transaction: Transaction) -> str:
        n = _data(transaction.get("things/a"))["n"]
        assert transaction.get("things/b") is None
        transaction.update("things/a", {"n": 2})
        transaction.create("things/b", {"was": n})
        transaction.set("things/c", {"x": 1})
        transaction.delete("things/gone")
        return "done"

    assert documents.transaction(work) == "done"
    assert _data(documents.get("things/a")) == {"n": 2}
    assert _data(documents.get("things/b")) == {"was": 1}
    assert _data(documents.get("things/c")) == {"x": 1}
    assert documents.get("things/gone") is None


def test_an_exception_rolls_everything_back(documents: DocumentStore) -> None:
    """What the work raises is passed on and nothing of it is written."""

    def work(transaction: Transaction) -> None:
        transaction.set("things/a", {"n": 1})
        raise LookupError("no")

    with pytest.raises(LookupError, match="no"):
        documents.transaction(work)
    assert documents.get("things/a") is None


def test_a_write_that_conflicts_takes_the_others_along(documents: DocumentStore) -> None:
    """A creation of what exists is a Conflict and an update of what doesn't NotFound, with no write left."""
    documents.create("things/there", {})

    def create(transaction: Transaction) -> None:
        transaction.set("things/a", {})
        transaction.create("things/there", {})

    def update(transaction: Transaction) -> None:
        transaction.set("things/a", {})
        transaction.update("things/absent", {"n": 1})

    with pytest.raises(Conflict):
        documents.transaction(create)
    with pytest.raises(NotFound):
        documents.transaction(update)
    assert documents.get("things/a") is None


def test_writes_to_one_document_happen_in_order(documents: DocumentStore) -> None:
    """A later write of a transaction builds on an earlier one."""

    def work(transaction: Transaction) -> None:
        transaction.set("things/a", {"n": 1})
        transaction.update("things/a", {"m": 2})

    documents.transaction(work)
    assert _data(documents.get("things/a")) == {"n": 1, "m": 2}


def test_a_read_after_a_write_is_refused(documents: DocumentStore) -> None:
    """Reads come first, as Firestore demands: RuntimeError, and nothing is written."""

    def work(transaction: Transaction) -> None:
        transaction.set("things/a", {})
        transaction.get("things/b")

    with pytest.raises(RuntimeError, match="read"):
        documents.transaction(work)
    assert documents.get("things/a") is None


def test_bad_values_and_paths_are_refused_in_a_transaction_too(documents: DocumentStore) -> None:
    """The rules of paths and values are the same."""
    with pytest.raises(ValueError, match="things"):
        documents.transaction(lambda transaction: transaction.set("things", {}))
    with pytest.raises(ValueError, match="nan"):
        documents.transaction(lambda transaction: transaction.update("things/a", {"n": float("nan")}))


def test_contenders_take_turns(documents: DocumentStore, other_documents: DocumentStore) -> None:
    """Twenty threads of two clients that count one counter up lose no count."""
    documents.create("counters/a", {"n": 0})
    together = threading.Barrier(20)

    def count(store: DocumentStore) -> None:
        def work(transaction: Transaction) -> None:
            n = _data(transaction.get("counters/a"))["n"]
            assert isinstance(n, int)
            transaction.update("counters/a", {"n": n + 1})

        together.wait(30)
        for _ in range(5):
            store.transaction(work)

    with ThreadPoolExecutor(20) as pool:
        stores = [documents, other_documents] * 10
        list(pool.map(count, stores))
    assert _data(documents.get("counters/a")) == {"n": 100}


def test_one_of_many_creators_wins(documents: DocumentStore, other_documents: DocumentStore) -> None:
    """Of twenty that create one document in transactions exactly one succeeds."""
    together = threading.Barrier(20)

    def create(number: int) -> int:
        store = (documents, other_documents)[number % 2]

        def work(transaction: Transaction) -> None:
            if transaction.get("claims/a") is not None:
                raise Conflict("taken")
            transaction.create("claims/a", {"by": number})

        together.wait(30)
        try:
            store.transaction(work)
        except Conflict:
            return 0
        return 1

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(create, range(20))) == 1
