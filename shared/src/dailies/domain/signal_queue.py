"""A queue that a signal's handler may fill while its own thread waits for it."""

from __future__ import annotations

import time
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

T = TypeVar("T")

#: How long a signal may stay unseen that comes in the instant between the interpreter's last look and its wait, or to
#: another thread: neither ends a wait of the main thread, which alone runs handlers.
LONGEST_BLIND_SECONDS = 0.5


class SignalQueue(Generic[T]):
    """``put`` from any thread or a signal handler; ``get`` in any thread.

    A signal may come to a thread that is just beginning to wait: with a threading.Event it holds the lock that ``set``
    takes, and the two wait for each other for ever. SimpleQueue's ``put`` is reentrant, by its documentation.
    """

    def __init__(self) -> None:
        self._items: SimpleQueue[T] = SimpleQueue()

    def put(self, item: T) -> None:
        self._items.put(item)

    def get(self, timeout: float | None = None) -> T:
        """The next item. Raises queue.Empty after ``timeout`` seconds."""
        end = float("inf") if timeout is None else time.monotonic() + timeout
        while True:
            left = max(0.0, end - time.monotonic())
            try:
                return self._items.get(timeout=min(left, LONGEST_BLIND_SECONDS))
            except Empty:
                if left <= LONGEST_BLIND_SECONDS:
                    raise
