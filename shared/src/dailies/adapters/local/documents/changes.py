"""Hearing of commits to the database, by this process at once and by others within POLL_SECONDS."""

from __future__ import annotations

import sqlite3
import threading
import time

# Nobody sees a twentieth of a second; to be woken fifty times in one took two per cent of a processor from encoders.
POLL_SECONDS = 0.05


class Commits:
    """Counts this process's commits, and wakes those who wait for one."""

    def __init__(self) -> None:
        self.happened = threading.Condition()
        self.count = 0

    def signal(self) -> None:
        with self.happened:
            self.count += 1
            self.happened.notify_all()


class Follower:
    """A position in the stream of commits, held by one thread on a connection that it does not write with."""

    def __init__(self, commits: Commits, connection: sqlite3.Connection) -> None:
        self._commits = commits
        self._connection = connection
        self._count = commits.count
        self._data_version = self._read_data_version()

    def wait(self, timeout_seconds: float) -> bool:
        """Block until something was committed since the last call (or the start); False if nothing was."""
        deadline = time.monotonic() + timeout_seconds
        while True:
            # Both are read, so that a commit of our own is not reported a second time by the poll.
            count, data_version = self._commits.count, self._read_data_version()
            if (count, data_version) != (self._count, self._data_version):
                self._count, self._data_version = count, data_version
                return True
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return False
            with self._commits.happened:
                self._commits.happened.wait_for(
                    lambda: self._commits.count != self._count, min(POLL_SECONDS, remaining)
                )

    def _read_data_version(self) -> int:
        # It changes when another connection, of whichever process, has committed.
        version: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
        return version
