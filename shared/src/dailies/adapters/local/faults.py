"""The only place where errors of SQLite and the operating system become ours."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dailies.domain.errors import DailiesError, Misconfigured, NotFound, StorageFull, TransientError

# EFBIG is a full volume to its user too: a quota by rlimit, or a file system that ends at 4 GB.
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_REFUSED = {
    errno.EROFS,
    errno.EACCES,
    errno.EPERM,
    errno.ENOTDIR,
    errno.EISDIR,
    errno.ENAMETOOLONG,
    errno.ENOENT,
    errno.EEXIST,
}
_ALMOST_NOTHING_BYTES = 1 << 20


def storage_full(path: Path) -> StorageFull:
    """The error for a full volume, which it names by its mount point."""
    volume = path.absolute()
    while not volume.is_mount():
        volume = volume.parent
    return StorageFull(
        f"No space is left on the volume {volume} (for {path}): free some and run the command again.",
        volume=str(volume),
        path=str(path),
    )


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Translate what goes wrong when ``path`` is written to or made."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise storage_full(path) from error
        if error.errno in _REFUSED:
            raise Misconfigured(
                f"{path} can't be written to ({error.strerror}): check its folder and permissions.",
                code="not_writable",
                path=str(path),
            ) from error
        raise TransientError(f"{path} could not be written ({error.strerror}).", path=str(path)) from error


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Translate what goes wrong when the file ``path`` is read."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFound(f"There is no file {path}.", code="file_not_found", path=str(path)) from error
    except (PermissionError, IsADirectoryError) as error:
        raise Misconfigured(
            f"{path} can't be read ({error.strerror}): check that it is a file and its permissions.",
            code="not_readable",
            path=str(path),
        ) from error
    except OSError as error:
        raise TransientError(f"{path} could not be read ({error.strerror}).", path=str(path)) from error


def busy() -> TransientError:
    return TransientError(
        "The store is busy: another Dailies process holds it; try again in a moment.", code="store_busy"
    )


def database_error(error: sqlite3.Error, path: Path) -> DailiesError | None:
    """What a SQLite error means to the user; None for one that only a bug of ours can cause."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return None
    match code & 0xFF:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return busy()
        case sqlite3.SQLITE_FULL:
            return storage_full(path)
        case sqlite3.SQLITE_IOERR:
            return _input_output_error(error, path)
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_AUTH:
            return Misconfigured(
                f"The store's database {path} can't be opened for writing ({error}): check the permissions of"
                " its folder, or set DAILIES_HOME to another one.",
                code="store_not_writable",
                path=str(path),
            )
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return Misconfigured(
                f"The store's database {path} is damaged ({error}): delete the folder {path.parent}"
                " (DAILIES_HOME) to start afresh.",
                code="store_damaged",
                path=str(path),
            )
    return None


def _input_output_error(error: sqlite3.Error, path: Path) -> DailiesError:
    # SQLite reports a full volume as an I/O error where it grows its shared memory or syncs.
    try:
        free = shutil.disk_usage(path.parent).free
    except OSError:
        free = _ALMOST_NOTHING_BYTES
    if free < _ALMOST_NOTHING_BYTES:
        return storage_full(path)
    return TransientError(f"The store's database {path} could not be read or written ({error}).", path=str(path))
