"""How errors of the system become sentences that a user can act on."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path

import pytest

from dailies.adapters.local import faults
from dailies.domain.errors import DailiesError, Misconfigured, NotFound, StorageFull, TransientError


def _sqlite_error(code: int) -> sqlite3.Error:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (errno.ENOSPC, StorageFull),
        (errno.EDQUOT, StorageFull),
        (errno.EFBIG, StorageFull),
        (errno.EROFS, Misconfigured),
        (errno.EACCES, Misconfigured),
        (errno.EIO, TransientError),
    ],
)
def test_a_failed_write_names_the_path(tmp_path: Path, code: int, expected: type[DailiesError]) -> None:
    """The class follows from the cause, and the message has the path."""
    with pytest.raises(expected, match="out"), faults.writing(tmp_path / "out.mp3"):
        raise OSError(code, os.strerror(code))


@pytest.mark.parametrize(
    ("code", "expected"),
    [(errno.ENOENT, NotFound), (errno.EACCES, Misconfigured), (errno.EIO, TransientError)],
)
def test_a_failed_read_names_the_path(tmp_path: Path, code: int, expected: type[DailiesError]) -> None:
    """The class follows from the cause, and the message has the path."""
    with pytest.raises(expected, match="talk"), faults.reading(tmp_path / "talk.mp4"):
        raise OSError(code, os.strerror(code))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (sqlite3.SQLITE_BUSY_RECOVERY, TransientError),
        (sqlite3.SQLITE_FULL, StorageFull),
        (sqlite3.SQLITE_READONLY_DBMOVED, Misconfigured),
        (sqlite3.SQLITE_CORRUPT_INDEX, Misconfigured),
        (sqlite3.SQLITE_IOERR_READ, TransientError),
        (sqlite3.SQLITE_CONSTRAINT, None),
    ],
)
def test_extended_codes_count_as_their_kind(tmp_path: Path, code: int, expected: type[DailiesError] | None) -> None:
    """SQLite's finer codes are told by their kind; what only a bug can cause is left as it is."""
    found = faults.database_error(_sqlite_error(code), tmp_path / "dailies.sqlite3")
    assert (None if found is None else type(found)) is expected


def test_an_io_error_on_a_full_volume_is_storage_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite calls a full volume an I/O error where it grows its shared memory."""
    monkeypatch.setattr(faults, "_ALMOST_NOTHING_BYTES", 1 << 62)
    found = faults.database_error(_sqlite_error(sqlite3.SQLITE_IOERR_SHMSIZE), tmp_path / "dailies.sqlite3")
    assert isinstance(found, StorageFull)


def test_an_error_without_a_code_is_a_bug(tmp_path: Path) -> None:
    """What Python's own module raises is not SQLite's, and not disguised."""
    assert faults.database_error(sqlite3.ProgrammingError("wrong use"), tmp_path) is None
