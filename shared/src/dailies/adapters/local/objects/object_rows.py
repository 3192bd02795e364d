"""Reading and writing the objects table on a connection that the caller holds."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dailies.adapters.local.objects.blobs import Blob
from dailies.domain.errors import Conflict
from dailies.ports.objects import MAX_NAME_BYTES, ObjectInfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# No name is long enough to sort after its prefix followed by this.
_LAST = "\U0010ffff" * (MAX_NAME_BYTES // 4 + 1)
_SELECT = """SELECT generation, name, blob, size, checksum, content_type, metadata, updated_us, accessed_us, identity
    FROM objects WHERE """


@dataclass(frozen=True, slots=True)
class ObjectRow:
    generation: int
    name: str
    blob: str
    size: int
    checksum: str
    content_type: str | None
    metadata: Mapping[str, str]
    updated: datetime
    accessed: datetime
    identity: str | None
    """Of the file when its bytes were last known to be those of ``checksum``; None in stores of the first format."""

    def info(self) -> ObjectInfo:
        return ObjectInfo(
            self.name,
            self.size,
            self.generation,
            self.checksum,
            self.content_type,
            self.metadata,
            self.updated,
            self.accessed,
        )


def read_row(connection: sqlite3.Connection, name: str) -> ObjectRow | None:
    found = connection.execute(_SELECT + "name = ?", (name,)).fetchone()
    return None if found is None else _row(found)


def page(connection: sqlite3.Connection, prefix: str, after: str | None, limit: int) -> list[ObjectRow]:
    """The first rows with the prefix whose names come after ``after``, by name."""
    found = connection.execute(
        _SELECT + "name >= ? AND name <= ? AND name IS NOT ? ORDER BY name LIMIT ?",
        (after or prefix, prefix + _LAST, after, limit),
    )
    return [_row(columns) for columns in found]


def require_generation(name: str, row: ObjectRow | None, generation: int | None) -> None:
    """Raise Conflict unless the present row meets the precondition."""
    if generation is None:
        return
    present = 0 if row is None else row.generation
    if present != generation:
        what = "exists already" if generation == 0 else "was changed by somebody else"
        raise Conflict(f"The object {name} {what}.", code="generation_mismatch", name=name, generation=present)


def insert(
    connection: sqlite3.Connection,
    name: str,
    blob: Blob,
    content_type: str | None,
    metadata: Mapping[str, str],
    now: datetime,
) -> ObjectRow:
    moment = (now - _EPOCH) // _MICROSECOND
    cursor = connection.execute(
        "INSERT INTO objects (name, blob, size, checksum, content_type, metadata, updated_us, accessed_us, identity)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            name,
            blob.file,
            blob.size,
            blob.checksum,
            content_type,
            json.dumps(dict(metadata)),
            moment,
            moment,
            blob.identity,
        ),
    )
    found = connection.execute(_SELECT + "generation = ?", (cursor.lastrowid,)).fetchone()
    return _row(found)


def remove(connection: sqlite3.Connection, name: str) -> str | None:
    """Delete the row; returns its file's name."""
    found = connection.execute("DELETE FROM objects WHERE name = ? RETURNING blob", (name,)).fetchone()
    return None if found is None else str(found[0])


def remove_generation(connection: sqlite3.Connection, generation: int) -> str | None:
    """Delete the row if it is there still; returns its file's name."""
    found = connection.execute("DELETE FROM objects WHERE generation = ? RETURNING blob", (generation,)).fetchone()
    return None if found is None else str(found[0])


def set_identity(connection: sqlite3.Connection, generation: int, identity: str) -> None:
    connection.execute("UPDATE objects SET identity = ? WHERE generation = ?", (identity, generation))


def set_accessed(connection: sqlite3.Connection, name: str, now: datetime) -> None:
    connection.execute("UPDATE objects SET accessed_us = ? WHERE name = ?", ((now - _EPOCH) // _MICROSECOND, name))


def referenced(connection: sqlite3.Connection, file: str) -> bool:
    return connection.execute("SELECT 1 FROM objects WHERE blob = ?", (file,)).fetchone() is not None


def _row(columns: tuple[int, str, str, int, str, str | None, str, int, int, str | None]) -> ObjectRow:
    generation, name, blob, size, checksum, content_type, metadata, updated, accessed, identity = columns
    return ObjectRow(
        generation,
        name,
        blob,
        size,
        checksum,
        content_type,
        json.loads(metadata),
        _EPOCH + updated * _MICROSECOND,
        _EPOCH + accessed * _MICROSECOND,
        identity,
    )
