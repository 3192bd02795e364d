"""Telling listeners about changed documents, from one thread per store that runs while there are any."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from dailies.adapters.local.documents.database import Database
from dailies.adapters.local.documents.document_rows import fetch, versions_at
from dailies.domain.errors import DailiesError
from dailies.ports.documents import Snapshot, Version

OnChange = Callable[[Snapshot | None], None]

_LONGEST_WAIT_SECONDS = 60.0
_AFTER_FAILURE_SECONDS = 1.0

log = logging.getLogger(__name__)


class DocumentWatch:
    """One listener. It compares versions, so it needs no record of what changed."""

    def __init__(self, watches: Watches, database: Database, path: str, on_change: OnChange) -> None:
        self._watches = watches
        self._database = database
        self.path = path
        self._on_change = on_change
        self._seen: Version | None = None
        self._closed = False
        # Re-entrant: on_change may close its own watch.
        self._delivering = threading.RLock()

    def begin(self) -> None:
        """Deliver the present state, whatever it is; what the listener raises is its starter's to see."""
        with self._delivering:
            self._on_change(self._read())

    def catch_up(self, version: Version | None) -> None:
        """Deliver the state if ``version``, the present one, is another than the last one delivered."""
        with self._delivering:
            if self._closed or version == self._seen:
                return
            snapshot = self._read()
            try:
                self._on_change(snapshot)
            except Exception:
                log.exception("a listener of %s failed", self.path)

    def close(self) -> None:
        self._watches.remove(self)
        with self._delivering:
            self._closed = True

    def _read(self) -> Snapshot | None:
        with self._database.read() as connection:
            snapshot = fetch(connection, self.path)
        self._seen = None if snapshot is None else snapshot.version
        return snapshot


class Watches:
    """The listeners of one store and their thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._open: list[DocumentWatch] = []
        self._thread: threading.Thread | None = None
        self._closing = threading.Event()

    def add(self, path: str, on_change: OnChange) -> DocumentWatch:
        watch = DocumentWatch(self, self._database, path, on_change)
        watch.begin()
        with self._lock:
            self._open.append(watch)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="dailies-watches", daemon=True)
                self._thread.start()
        # What changed since ``begin`` read may have been passed by the thread already: have it look again.
        self._database.commits.signal()
        return watch

    def remove(self, watch: DocumentWatch) -> None:
        with self._lock:
            if watch in self._open:
                self._open.remove(watch)
        self._database.commits.signal()

    def close(self) -> None:
        """End every watch and the thread; a call that is under way is waited for."""
        self._closing.set()
        with self._lock:
            closing, thread = list(self._open), self._thread
        for watch in closing:
            watch.close()
        self._database.commits.signal()
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                if self._follow():
                    return
            except DailiesError as error:
                log.warning("the store can't be watched at present: %s", error)
                self._closing.wait(_AFTER_FAILURE_SECONDS)

    def _follow(self) -> bool:
        """Deliver changes until nobody listens any more; True then."""
        with self._database.follow() as follower:
            while True:
                with self._lock:
                    if not self._open:
                        self._thread = None
                        return True
                    watches = list(self._open)
                # One look for all: a server has hundreds of listeners, and there are thousands of commits.
                with self._database.read() as connection:
                    versions = versions_at(connection, [watch.path for watch in watches])
                for watch in watches:
                    watch.catch_up(versions.get(watch.path))
                follower.wait(_LONGEST_WAIT_SECONDS)
