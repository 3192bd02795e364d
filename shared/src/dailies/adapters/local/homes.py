"""The store's folder as a whole: for its user only, and with one server at a time."""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dailies.adapters.local.faults import writing
from dailies.domain.errors import Misconfigured

DATABASE = "dailies.sqlite3"
_OURS = ("objects", "scratch", "resumable", "owners", "cache", "signing.key", "server.lock")
_DATABASE_FILES = (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm")
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def make_private(home: Path) -> None:
    """Take from others what they may do with the store's files and folders; its database begins so.

    The folder itself may have been there before, and be anybody's: it is left as it is.
    """
    with writing(home):
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        # SQLite gives its further files the mode of the first.
        with suppress(FileExistsError, PermissionError):
            os.close(os.open(home / DATABASE, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    for name in (*_OURS, *_DATABASE_FILES):
        # What belongs to somebody else, or lies on a read-only disk, is met by who writes to it.
        with suppress(OSError):
            mode = (home / name).lstat().st_mode
            if mode & _OTHERS and not stat.S_ISLNK(mode):
                (home / name).chmod(stat.S_IMODE(mode) & ~_OTHERS)


@contextmanager
def only_server(home: Path) -> Iterator[Callable[[str], None]]:
    """Hold the store's one place for a server, as long as the block runs or this process lives.

    What is yielded takes the address, for who comes second. Raises Misconfigured ``already_up`` with the address of
    the one that has it.
    """
    path = home / "server.lock"
    with writing(path):
        lock = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+", encoding="utf-8")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Misconfigured(
                f"`dailies up` serves this store already, at {lock.read()}: use that one, end it, or set DAILIES_HOME"
                " to another folder.",
                code="already_up",
            ) from error
        lock.truncate(0)

        def serves(address: str) -> None:
            with writing(path):
                lock.write(address)
                lock.flush()

        yield serves
