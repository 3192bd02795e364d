"""What every DocumentStore promises of listeners."""

from __future__ import annotations

import queue
import threading
from typing import Any

import pytest

from dailies.ports.documents import DocumentStore, Snapshot, Transaction, Watch

PATIENCE_SECONDS = 20.0


class Listener:
    """Keeps the states that it is told of."""

    def __init__(self) -> None:
        self.heard: queue.Queue[dict[str, Any] | None] = queue.Queue()

    def __call__(self, snapshot: Snapshot | None) -> None:
        self.heard.put(None if snapshot is None else snapshot.data)

    def next(self) -> dict[str, Any] | None:
        return self.heard.get(timeout=PATIENCE_SECONDS)

    def until(self, data: dict[str, Any] | None) -> None:
        while self.next() != data:
            continue


def test_a_listener_hears_the_present_state_at_once(documents: DocumentStore) -> None:
    """The first call comes before watch returns; an absent document is None."""
    documents.create("things/a", {"n": 1})
    there, absent = Listener(), Listener()
    documents.watch("things/a", there)
    documents.watch("things/b", absent)
    assert there.heard.get_nowait() == {"n": 1}
    assert absent.heard.get_nowait() is None


def test_a_listener_hears_every_kind_of_change(documents: DocumentStore) -> None:
    """Creation, update, a transaction, deletion and re-creation are all heard, in order."""
    listener = Listener()
    documents.watch("things/a", listener)
    assert listener.next() is None
    documents.create("things/a", {"n": 1})
    assert listener.next() == {"n": 1}
    documents.update("things/a", {"n": 2})
    assert listener.next() == {"n": 2}

    def work(transaction: Transaction) -> None:
        transaction.set("things/a", {"n": 3})

    documents.transaction(work)
    assert listener.next() == {"n": 3}
    documents.delete("things/a")
    assert listener.next() is None
    documents.set("things/a", {"n": 3})
    assert listener.next() == {"n": 3}


def test_a_listener_hears_other_clients(documents: DocumentStore, other_documents: DocumentStore) -> None:
    """A change by another process is heard like one's own."""
    listener = Listener()
    documents.watch("things/a", listener)
    other_documents.create("things/a", {"by": "other"})
    assert listener.next() is None
    assert listener.next() == {"by": "other"}


def test_the_latest_state_is_never_missed(documents: DocumentStore, other_documents: DocumentStore) -> None:
    """After a burst of writes from two clients the last one is heard, and states never go back."""
    listener = Listener()
    documents.create("things/a", {"n": -1})
    documents.watch("things/a", listener)
    for n in range(100):
        (documents, other_documents)[n % 2].set("things/a", {"n": n})
    heard: list[dict[str, Any] | None] = []
    while not heard or heard[-1] != {"n": 99}:
        heard.append(listener.next())
    numbers = [state["n"] for state in heard if state is not None]
    assert numbers == sorted(set(numbers))


def test_other_documents_are_not_heard(documents: DocumentStore) -> None:
    """A listener is called for its own document only."""
    listener, neighbour = Listener(), Listener()
    documents.watch("things/a", listener)
    documents.watch("things/b", neighbour)
    documents.set("things/b", {"n": 1})
    neighbour.until({"n": 1})
    assert listener.next() is None
    assert listener.heard.empty()


def test_a_closed_watch_is_silent(documents: DocumentStore) -> None:
    """No call follows close, which may be repeated; other watches go on."""
    closed, open_ = Listener(), Listener()
    watch = documents.watch("things/a", closed)
    documents.watch("things/a", open_)
    watch.close()
    watch.close()
    documents.set("things/a", {"n": 1})
    open_.until({"n": 1})
    assert closed.next() is None
    assert closed.heard.empty()


def test_a_listener_may_close_its_own_watch(documents: DocumentStore) -> None:
    """close inside on_change does not block, and is the end."""
    closed = threading.Event()
    watches: list[Watch] = []

    def on_change(snapshot: Snapshot | None) -> None:
        if snapshot is not None:
            watches[0].close()
            closed.set()

    watches.append(documents.watch("things/a", on_change))
    documents.set("things/a", {"n": 1})
    assert closed.wait(PATIENCE_SECONDS)


def test_a_listener_may_use_the_store(documents: DocumentStore) -> None:
    """on_change may read and write, here to pass a change on."""
    passed_on = Listener()
    documents.watch("things/copy", passed_on)

    def on_change(snapshot: Snapshot | None) -> None:
        if snapshot is not None:
            documents.set("things/copy", snapshot.data)

    documents.watch("things/a", on_change)
    documents.set("things/a", {"n": 1})
    passed_on.until({"n": 1})


def test_a_listener_that_fails_is_called_again(documents: DocumentStore, caplog: pytest.LogCaptureFixture) -> None:
    """What a listener raises is logged, and neither it nor another one misses the next change."""
    broken, sound = Listener(), Listener()

    def on_change(snapshot: Snapshot | None) -> None:
        broken(snapshot)
        if snapshot is not None and snapshot.data["n"] == 1:
            raise LookupError("the listener's own fault")

    documents.watch("things/a", on_change)
    documents.watch("things/a", sound)
    documents.set("things/a", {"n": 1})
    broken.until({"n": 1})
    sound.until({"n": 1})
    documents.set("things/a", {"n": 2})
    broken.until({"n": 2})
    sound.until({"n": 2})
    assert "the listener's own fault" in caplog.text


def test_close_ends_all_watches(documents: DocumentStore, other_documents: DocumentStore) -> None:
    """After the store was closed, which may be repeated, nothing is heard."""
    listener, witness = Listener(), Listener()
    documents.watch("things/a", listener)
    documents.close()
    documents.close()
    other_documents.watch("things/a", witness)
    other_documents.set("things/a", {"n": 1})
    witness.until({"n": 1})
    assert listener.next() is None
    assert listener.heard.empty()
