"""Work that is told when the process which serves it is asked to end."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from dailies.domain.stop import StopToken

_LOOK_SECONDS = 0.25


class _Work:
    """What is under way in this process."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.stops: set[StopToken] = set()
        self.watch: threading.Thread | None = None


_work = _Work()


@contextmanager
def stoppable() -> Iterator[StopToken]:
    """A token that is set when this process is asked to end while the context is open."""
    stop = StopToken()
    with _work.lock:
        _work.stops.add(stop)
        if _work.watch is None:
            _work.watch = threading.Thread(target=_watch, name="ending", daemon=True)
            _work.watch.start()
    try:
        yield stop
    finally:
        with _work.lock:
            _work.stops.discard(stop)


def end() -> None:
    """Have everything under way stop: `dailies up` says so."""
    with _work.lock:
        for stop in _work.stops:
            stop.set("interrupted")


def _watch() -> None:
    """Look until nothing is under way any more."""
    pause = threading.Event()
    while not pause.wait(_LOOK_SECONDS):
        if _asked_to_end():
            end()
        with _work.lock:
            if not _work.stops:
                _work.watch = None
                return


def _asked_to_end() -> bool:
    """Whether SIGTERM has come. gunicorn, which Cloud Functions serves with, keeps it to itself: its worker handles the
    signal, notes that it is not ``alive`` any more and waits for its requests, which nobody tells.
    """
    worker = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    return not getattr(worker, "alive", True)
