"""Reading and writing the documents table on a connection that the caller holds."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from dailies.adapters.document_rules import merge
from dailies.adapters.local.documents.document_values import decode, encode
from dailies.domain.errors import Conflict, NotFound
from dailies.ports.documents import Snapshot, Version

#: SQLite's own limit was 999 for long.
_MOST_VARIABLES = 500


def version_at(connection: sqlite3.Connection, path: str) -> Version | None:
    row = connection.execute("SELECT version FROM documents WHERE path = ?", (path,)).fetchone()
    return None if row is None else str(row[0])


def versions_at(connection: sqlite3.Connection, paths: Sequence[str]) -> dict[str, Version]:
    """The versions of those of the documents that exist."""
    found: dict[str, Version] = {}
    for begin in range(0, len(paths), _MOST_VARIABLES):
        some = paths[begin : begin + _MOST_VARIABLES]
        marks = ",".join("?" * len(some))
        rows = connection.execute(f"SELECT path, version FROM documents WHERE path IN ({marks})", some)  # noqa: S608 - marks
        found.update((path, str(version)) for path, version in rows)
    return found


def fetch(connection: sqlite3.Connection, path: str) -> Snapshot | None:
    row = connection.execute("SELECT version, data FROM documents WHERE path = ?", (path,)).fetchone()
    return None if row is None else Snapshot(path, decode(row[1]), str(row[0]))


def children(connection: sqlite3.Connection, collection: str) -> list[Snapshot]:
    rows = connection.execute(
        "SELECT path, data, version FROM documents WHERE collection = ? ORDER BY path", (collection,)
    )
    return [Snapshot(path, decode(data), str(version)) for path, data, version in rows]


def create(connection: sqlite3.Connection, path: str, text: str) -> Snapshot:
    if version_at(connection, path) is not None:
        raise Conflict(f"There is a document {path} already.", code="document_exists", path=path)
    return replace(connection, path, text)


def replace(connection: sqlite3.Connection, path: str, text: str, if_version: Version | None = None) -> Snapshot:
    if if_version is not None:
        require_version(connection, path, if_version)
    cursor = connection.execute(
        "INSERT OR REPLACE INTO documents (path, collection, data) VALUES (?, ?, ?)",
        (path, path.rpartition("/")[0], text),
    )
    return Snapshot(path, decode(text), str(cursor.lastrowid))


def update(
    connection: sqlite3.Connection, path: str, fields: Mapping[str, Any], if_version: Version | None = None
) -> Snapshot:
    present = fetch(connection, path)
    if present is None:
        raise NotFound(f"There is no document {path}.", path=path)
    if if_version is not None and present.version != if_version:
        raise _changed(path)
    merge(present.data, fields)
    return replace(connection, path, encode(present.data, path))


def remove(connection: sqlite3.Connection, path: str, if_version: Version | None = None) -> None:
    if if_version is not None:
        require_version(connection, path, if_version)
    connection.execute("DELETE FROM documents WHERE path = ?", (path,))


def require_version(connection: sqlite3.Connection, path: str, version: Version) -> None:
    if version_at(connection, path) != version:
        raise _changed(path)


def _changed(path: str) -> Conflict:
    return Conflict(f"The document {path} was changed by somebody else.", code="document_changed", path=path)
