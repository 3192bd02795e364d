"""The thread behind the listeners when the store fails under it."""

from __future__ import annotations

import queue
import sqlite3
from collections.abc import Sequence

import pytest

from dailies.adapters.local.documents import document_rows, watches
from dailies.adapters.local.documents.documents import LocalDocuments
from dailies.domain.errors import TransientError
from dailies.ports.documents import Snapshot, Version

PATIENCE_SECONDS = 20.0


def test_listeners_outlive_a_store_that_was_away(
    documents: LocalDocuments, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A failure to read is logged and tried again: the change is heard when the store is back."""
    failures = iter([True, True])

    def fail_twice(connection: sqlite3.Connection, paths: Sequence[str]) -> dict[str, Version]:
        if next(failures, False):
            raise TransientError("the store is away")
        return document_rows.versions_at(connection, paths)

    monkeypatch.setattr(watches, "_AFTER_FAILURE_SECONDS", 0.001)
    monkeypatch.setattr(watches, "versions_at", fail_twice)
    heard: queue.Queue[Snapshot | None] = queue.Queue()
    documents.watch("things/a", heard.put)
    assert heard.get(timeout=PATIENCE_SECONDS) is None
    written = documents.set("things/a", {"n": 1})
    assert heard.get(timeout=PATIENCE_SECONDS) == written
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]


def test_what_the_first_call_raises_is_the_callers(documents: LocalDocuments) -> None:
    """A listener that fails at once was never started."""

    def fail(snapshot: Snapshot | None) -> None:
        raise LookupError("at once")

    with pytest.raises(LookupError, match="at once"):
        documents.watch("things/a", fail)
    documents.set("things/a", {"n": 1})
