"""Listening to documents: Firestore's stream, and a look now and then in case the stream has died unheard."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Any

from google.cloud import firestore
from google.cloud.firestore_v1.base_document import DocumentSnapshot

from dailies.adapters.gcp.documents.document_values import snapshot_of
from dailies.adapters.gcp.errors import translated
from dailies.domain.errors import DailiesError
from dailies.ports.documents import Snapshot, Version

OnChange = Callable[[Snapshot | None], None]
Read = Callable[[str], Snapshot | None]

_DOUBT_SECONDS = 5.0

log = logging.getLogger(__name__)


class DocumentWatch:
    """One listener."""

    def __init__(self, watches: Watches, path: str, on_change: OnChange) -> None:
        self._watches = watches
        self._path = path
        self._on_change = on_change
        self._seen: Version | None = None
        self._closed = False
        self._deliverer: int | None = None
        self._end: Callable[[], None] = _nothing
        # Re-entrant: on_change may close its own watch.
        self._delivering = threading.RLock()

    def begin(self, client: firestore.Client, read: Read) -> None:
        """Deliver the present state, whatever it is; what the listener raises is its starter's to see."""
        with self._delivering:
            present = read(self._path)
            self._seen = None if present is None else present.version
            self._on_change(present)
            if not self._closed:
                with translated(f"The document {self._path}"):
                    self._end = client.document(self._path).on_snapshot(self._hear).unsubscribe

    def look(self, read: Read) -> None:
        """Deliver the present state if the stream has not."""
        # Read under the lock: else the stream might deliver a later state in between, and this one go back.
        with self._delivering:
            if not self._closed:
                self._deliver(read(self._path))

    def close(self) -> None:
        self._watches.remove(self)
        with self._delivering:
            if self._closed:
                return
            self._closed = True
        # The stream can't be ended by its own thread, which is here when on_change closes its watch.
        ending = self._watches.end(self._end)
        if self._deliverer != threading.get_ident():
            ending.join()

    def _hear(self, documents: Sequence[DocumentSnapshot[Any]], _changes: object, _read_time: object) -> None:
        with self._delivering:
            if not self._closed:
                self._deliver(snapshot_of(documents[0]) if documents else None)

    def _deliver(self, snapshot: Snapshot | None) -> None:
        version = None if snapshot is None else snapshot.version
        if version == self._seen:
            return
        self._seen, self._deliverer = version, threading.get_ident()
        try:
            self._on_change(snapshot)
        except Exception:
            log.exception("a listener of %s failed", self._path)
        finally:
            self._deliverer = None


class Watches:
    """The listeners of one store, and the thread that doubts their streams while there are any."""

    def __init__(self, client: firestore.Client, read: Read, *, doubt_seconds: float = _DOUBT_SECONDS) -> None:
        self._client = client
        self._read = read
        self._doubt_seconds = doubt_seconds
        self._lock = threading.Lock()
        self._open: list[DocumentWatch] = []
        self._endings: list[threading.Thread] = []
        self._thread: threading.Thread | None = None
        self._closing = threading.Event()

    def add(self, path: str, on_change: OnChange) -> DocumentWatch:
        watch = DocumentWatch(self, path, on_change)
        with self._lock:
            self._open.append(watch)
        try:
            watch.begin(self._client, self._read)
        except BaseException:
            watch.close()
            raise
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._doubt, name="dailies-watches", daemon=True)
                self._thread.start()
        return watch

    def remove(self, watch: DocumentWatch) -> None:
        with self._lock:
            if watch in self._open:
                self._open.remove(watch)

    def end(self, stream: Callable[[], None]) -> threading.Thread:
        """End a stream, in a thread of its own."""
        ending = threading.Thread(target=stream, name="dailies-watch-end", daemon=True)
        with self._lock:
            self._endings = [*filter(threading.Thread.is_alive, self._endings), ending]
            ending.start()
        return ending

    def close(self) -> None:
        """End every watch; a call that is under way is waited for."""
        self._closing.set()
        with self._lock:
            closing = list(self._open)
        for watch in closing:
            watch.close()
        with self._lock:
            endings = list(self._endings)
        for ending in endings:
            # The connection must outlive the streams.
            ending.join()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _doubt(self) -> None:
        while not self._closing.wait(self._doubt_seconds):
            with self._lock:
                watches = list(self._open)
            for watch in watches:
                try:
                    watch.look(self._read)
                except DailiesError as error:
                    log.warning("the store can't be watched at present: %s", error)


def _nothing() -> None:
    return None
