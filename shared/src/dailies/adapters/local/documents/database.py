"""One SQLite file for documents, object rows and tasks, shared by threads and processes."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dailies.adapters.local.documents.changes import Commits, Follower
from dailies.adapters.local.documents.schema import FORMATS
from dailies.adapters.local.faults import busy, database_error, writing
from dailies.domain.errors import Misconfigured

_OLDEST_SQLITE = (3, 35)  # UPDATE … RETURNING
_WAL_RETRY_SECONDS = 0.005
_WAL_KEPT_BYTES = 16 << 20


class Database:
    """Lends connections. Opening makes the file and its folder (for this user only) where there are none.

    Raises Misconfigured when the file is damaged, not ours to write, or of a newer Dailies; StorageFull; and
    TransientError when other processes hold it for longer than ``busy_seconds``. So do the methods.
    """

    def __init__(self, path: Path, *, busy_seconds: float = 15.0) -> None:
        if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
            raise Misconfigured(
                f"Python's SQLite is {sqlite3.sqlite_version}; Dailies needs 3.35 or newer: use a newer one."
            )
        self.path = path
        self.commits = Commits()
        self._busy_seconds = busy_seconds
        self._idle: list[sqlite3.Connection] = []
        self._lending = threading.Lock()
        self._closed = False
        # SQLite's own waiting is a sleep of up to 100 ms; threads of one process queue here instead.
        self._writer = threading.Lock()
        self._thread = threading.local()
        with writing(path):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with self.read() as connection:
                self._prepare(connection)
        except BaseException:
            self.close()
            raise

    @property
    def closed(self) -> bool:
        return self._closed

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A connection to read with; each statement sees one moment."""
        with self._translating():
            connection = self._take()
            try:
                yield connection
            finally:
                self._give_back(connection)

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A connection inside a transaction that is committed at the end and rolled back on any exception.

        One writer at a time, over all processes. Not to be nested: RuntimeError.
        """
        if getattr(self._thread, "writing", False):
            raise RuntimeError("a transaction is open in this thread: write through it")
        if not self._writer.acquire(timeout=self._busy_seconds):
            raise busy()
        self._thread.writing = True
        try:
            with self.read() as connection, _transaction(connection):
                yield connection
        finally:
            self._thread.writing = False
            self._writer.release()
        self.commits.signal()

    @contextmanager
    def follow(self) -> Iterator[Follower]:
        """A follower of the commits from now on."""
        with self.read() as connection:
            yield Follower(self.commits, connection)

    def close(self) -> None:
        """Close every connection, those on loan when they come back, and wake the followers. Idempotent."""
        with self._lending:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()
        self.commits.signal()

    @contextmanager
    def _translating(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            known = database_error(error, self.path)
            if known is None:
                raise
            raise known from error

    def _take(self) -> sqlite3.Connection:
        with self._lending:
            if self._closed:
                raise RuntimeError("the store is closed")
            if self._idle:
                return self._idle.pop()
        return self._connect()

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._lending:
            # A rollback that failed leaves the transaction open: such a connection is of no more use.
            if not self._closed and not connection.in_transaction:
                self._idle.append(connection)
                return
        connection.close()

    def _connect(self) -> sqlite3.Connection:
        # A connection is used by one thread at a time, but not always by the one that opened it.
        connection = sqlite3.connect(
            self.path, timeout=self._busy_seconds, isolation_level=None, check_same_thread=False
        )
        try:
            # With WAL this loses the last commits at a power cut, never the consistency; kill -9 loses
            # nothing.
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute(f"PRAGMA journal_size_limit={_WAL_KEPT_BYTES}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        if self._check_version(connection) == len(FORMATS):
            return
        _enter_wal(connection, time.monotonic() + self._busy_seconds)
        with _transaction(connection):
            # Another process may have been faster.
            for statements in FORMATS[self._check_version(connection) :]:
                for statement in statements:
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version={len(FORMATS)}")

    def _check_version(self, connection: sqlite3.Connection) -> int:
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > len(FORMATS):
            raise Misconfigured(
                f"The store's database {self.path} is a newer Dailies' (format {version}; this program knows"
                f" {len(FORMATS)}): get the newer program, or set DAILIES_HOME to another folder.",
                code="store_too_new",
                path=str(self.path),
            )
        return version


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    # IMMEDIATE takes the write lock first: a transaction that began by reading could not wait for it.
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # SQLite has rolled back by itself after some errors.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _enter_wal(connection: sqlite3.Connection, deadline: float) -> None:
    """The switch is kept in the file. SQLite does not wait for other processes here as it does elsewhere."""
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(_WAL_RETRY_SECONDS)
        else:
            return
