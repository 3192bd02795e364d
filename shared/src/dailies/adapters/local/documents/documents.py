"""The document store on SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from dailies.adapters.document_rules import check_collection_path, check_document_path, check_fields
from dailies.adapters.local.documents import document_rows as rows
from dailies.adapters.local.documents.database import Database
from dailies.adapters.local.documents.document_query import condition, in_order
from dailies.adapters.local.documents.document_values import decode, encode
from dailies.adapters.local.documents.watches import Watches
from dailies.ports.documents import Snapshot, Transaction, Version, Watch, Where

T = TypeVar("T")


class LocalDocuments:
    """A DocumentStore. It owns ``database``: closing the store closes what else was built on it too."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._watches = Watches(database)

    def get(self, path: str) -> Snapshot | None:
        check_document_path(path)
        with self._database.read() as connection:
            return rows.fetch(connection, path)

    def create(self, path: str, data: Mapping[str, Any]) -> Snapshot:
        check_document_path(path)
        text = encode(data, path)
        with self._database.write() as connection:
            return rows.create(connection, path, text)

    def set(self, path: str, data: Mapping[str, Any], *, if_version: Version | None = None) -> Snapshot:
        check_document_path(path)
        text = encode(data, path)
        with self._database.write() as connection:
            return rows.replace(connection, path, text, if_version)

    def update(self, path: str, fields: Mapping[str, Any], *, if_version: Version | None = None) -> Snapshot:
        check_document_path(path)
        check_fields(fields)
        with self._database.write() as connection:
            return rows.update(connection, path, fields, if_version)

    def delete(self, path: str, *, if_version: Version | None = None) -> None:
        check_document_path(path)
        with self._database.write() as connection:
            rows.remove(connection, path, if_version)

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
        conditions = [condition(each) for each in where]
        with self._database.read() as connection:
            found = rows.children(connection, collection)
        # Filtered here and not in SQL: one machine's collections are small, and JSON in SQL has other rules
        # of equality and order than Firestore.
        found = [snapshot for snapshot in found if all(holds(snapshot.data) for holds in conditions)]
        if order_by is not None:
            found = in_order(found, order_by, descending=descending)
        return found[:limit]

    def transaction(self, work: Callable[[Transaction], T]) -> T:
        with self._database.write() as connection:
            attempt = _Attempt(connection)
            result = work(attempt)
            attempt.apply()
            return result

    def watch(self, path: str, on_change: Callable[[Snapshot | None], None]) -> Watch:
        check_document_path(path)
        return self._watches.add(path, on_change)

    def close(self) -> None:
        self._watches.close()
        self._database.close()


class _Attempt:
    """Writes wait for ``apply``, as they do in Firestore, so that their conflicts show at the same place."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._writes: list[Callable[[], object]] = []
        self._over = False

    def get(self, path: str) -> Snapshot | None:
        self._check_open()
        if self._writes:
            raise RuntimeError(f"a transaction reads before it writes; {path} was read after a write")
        check_document_path(path)
        return rows.fetch(self._connection, path)

    def create(self, path: str, data: Mapping[str, Any]) -> None:
        text = encode(data, path)
        self._add(path, lambda: rows.create(self._connection, path, text))

    def set(self, path: str, data: Mapping[str, Any]) -> None:
        text = encode(data, path)
        self._add(path, lambda: rows.replace(self._connection, path, text))

    def update(self, path: str, fields: Mapping[str, Any]) -> None:
        check_fields(fields)
        # Through the stored form: it checks the values now, and what the caller changes later does not count.
        fixed = decode(encode(fields, path))
        self._add(path, lambda: rows.update(self._connection, path, fixed))

    def delete(self, path: str) -> None:
        self._add(path, lambda: rows.remove(self._connection, path))

    def apply(self) -> None:
        self._over = True
        for write in self._writes:
            write()

    def _add(self, path: str, write: Callable[[], object]) -> None:
        self._check_open()
        check_document_path(path)
        self._writes.append(write)

    def _check_open(self) -> None:
        if self._over:
            raise RuntimeError("the transaction is over")
