"""The document store on Firestore."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from google.api_core import exceptions
from google.api_core.retry import Retry, if_exception_type
from google.cloud import firestore

from dailies.adapters.document_rules import check_collection_path, check_document_path, check_fields, merge
from dailies.adapters.gcp.documents.document_query import run
from dailies.adapters.gcp.documents.document_values import (
    refusing_large,
    restored,
    snapshot_of,
    stored,
    stored_value,
    timestamp_of,
    version_of,
)
from dailies.adapters.gcp.documents.transactions import Attempt, Outrun
from dailies.adapters.gcp.documents.watches import Watches
from dailies.adapters.gcp.errors import translated
from dailies.domain.errors import Conflict, NotFound, TransientError
from dailies.ports.documents import Snapshot, Transaction, Version, Watch, Where

T = TypeVar("T")

_PATIENCE_SECONDS = 60.0
_FIRST_PAUSE_SECONDS = 0.02
_LONGEST_PAUSE_SECONDS = 1.0


def _again(*errors: type[Exception]) -> Retry:
    return Retry(
        if_exception_type(*errors),
        initial=_FIRST_PAUSE_SECONDS,
        maximum=_LONGEST_PAUSE_SECONDS,
        timeout=_PATIENCE_SECONDS,
    )


# ABORTED is lost against another's lock, with nothing written; the library doesn't repeat it. After a lost answer
# a write with a condition must not be repeated: it would meet its own.
_ABORTED = _again(exceptions.Aborted)
_REPEATABLE = _again(exceptions.Aborted, exceptions.ResourceExhausted, exceptions.ServiceUnavailable)


class CloudDocuments:
    """A DocumentStore. It owns ``client`` and closes it.

    ``pause`` waits for some seconds between attempts that lost against others, ``patience_seconds`` is how long
    a transaction goes on trying before it is a TransientError.
    """

    def __init__(
        self,
        client: firestore.Client,
        *,
        patience_seconds: float = _PATIENCE_SECONDS,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._patience_seconds = patience_seconds
        self._pause = pause
        self._watches = Watches(client, self.get)
        self._inside = threading.local()
        self._closed = False

    def get(self, path: str) -> Snapshot | None:
        check_document_path(path)
        with translated(f"The document {path}"):
            return snapshot_of(self._client.document(path).get())

    def create(self, path: str, data: Mapping[str, Any]) -> Snapshot:
        check_document_path(path)
        fields = stored(data, path)
        with self._writing(path):
            result = self._client.document(path).create(fields, retry=_ABORTED)
        return Snapshot(path, restored(fields), version_of(result.update_time))

    def set(self, path: str, data: Mapping[str, Any], *, if_version: Version | None = None) -> Snapshot:
        check_document_path(path)
        fields = stored(data, path)
        if if_version is None:
            with self._writing(path):
                result = self._client.document(path).set(fields, retry=_REPEATABLE)
            return Snapshot(path, restored(fields), version_of(result.update_time))

        # Firestore's client has no precondition for this one write.
        def replace(transaction: Attempt) -> None:
            present = transaction.get(path)
            if present is None or present.version != if_version:
                raise _conflict(path)
            transaction.set(path, data)

        _, attempt = self._attempts(replace)
        return Snapshot(path, restored(fields), attempt.versions[path])

    def update(self, path: str, fields: Mapping[str, Any], *, if_version: Version | None = None) -> Snapshot:
        check_document_path(path)
        check_fields(fields)

        # In a transaction, because Firestore doesn't tell what the document became.
        def change(transaction: Attempt) -> Snapshot:
            present = transaction.get(path)
            if present is None:
                raise _absent(path)
            if if_version is not None and present.version != if_version:
                raise _conflict(path)
            transaction.update(path, fields)
            return present

        present, attempt = self._attempts(change)
        merge(present.data, {field: restored(stored_value(value, path)) for field, value in fields.items()})
        return Snapshot(path, present.data, attempt.versions.get(path, present.version))

    def delete(self, path: str, *, if_version: Version | None = None) -> None:
        check_document_path(path)
        with self._writing(path):
            if if_version is None:
                self._client.document(path).delete(retry=_REPEATABLE)
                return
            option = self._client.write_option(last_update_time=timestamp_of(if_version))
            try:
                self._client.document(path).delete(option, retry=_ABORTED)
            except exceptions.NotFound as error:
                raise _conflict(path) from error

    def query(
        self,
        collection: str,
        *,
        where: Sequence[Where] = (),
        order_by: str | None = None,
        descending: bool = False,
        limit: int | None = None,
    ) -> list[Snapshot]:
        check_collection_path(collection)
        if limit is not None and limit < 1:
            raise ValueError("limit is at least 1")
        with translated(f"The collection {collection}"):
            found = run(self._client.collection(collection), where, order_by, limit, descending=descending)
            return [snapshot for each in found if (snapshot := snapshot_of(each)) is not None]

    def transaction(self, work: Callable[[Transaction], T]) -> T:
        return self._attempts(work)[0]

    def watch(self, path: str, on_change: Callable[[Snapshot | None], None]) -> Watch:
        check_document_path(path)
        return self._watches.add(path, on_change)

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._watches.close()
            self._client.close()

    def _attempts(self, work: Callable[[Attempt], T]) -> tuple[T, Attempt]:
        """Repeat ``work`` until nobody else wrote what it read. Others go first at random, ever longer."""
        self._refuse_inside()
        give_up = time.monotonic() + self._patience_seconds
        pause = _FIRST_PAUSE_SECONDS
        while True:
            attempt = Attempt(self._client)
            try:
                self._inside.transaction = True
                result = work(attempt)
                attempt.commit()
                return result, attempt
            except Outrun as error:
                if time.monotonic() > give_up:
                    message = "Too many write the same document at once: try again in a moment."
                    raise TransientError(message, code="store_busy") from error
            finally:
                self._inside.transaction = False
            self._pause(random.uniform(0, pause))  # noqa: S311 -- spreads contenders, guards nothing
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    def _refuse_inside(self) -> None:
        if getattr(self._inside, "transaction", False):
            raise RuntimeError("inside a transaction only the transaction itself writes")

    @contextmanager
    def _writing(self, path: str) -> Iterator[None]:
        self._refuse_inside()
        with translated(f"The document {path}"), refusing_large(path):
            yield


def _conflict(path: str) -> Conflict:
    return Conflict(f"The document {path} is not the version that was asked for.")


def _absent(path: str) -> NotFound:
    return NotFound(f"The document {path} does not exist.")
