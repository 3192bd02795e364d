"""Accepts connections on loopback, each served by a thread of its own, until the block ends."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

_PATIENCE_SECONDS = 10


@contextmanager
def accepting(serve: Callable[[socket.socket], None], noticed: Callable[[], None] = lambda: None) -> Iterator[int]:
    """Gives the port. ``noticed`` is called for each connection before it is served: the calls are one thread's."""
    listener = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            noticed()
            threads.append(threading.Thread(target=serve, args=(connection,), daemon=True))
            threads[-1].start()

    accepts = threading.Thread(target=accept, daemon=True)
    accepts.start()
    try:
        yield listener.getsockname()[1]
    finally:
        with suppress(OSError):
            # Wakes the thread that accepts.
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepts.join()
        for thread in threads:
            thread.join(_PATIENCE_SECONDS)
