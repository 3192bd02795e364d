"""A TCP proxy that breaks its connections when it is told to: what a client sees of a service that is away."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_PIECE = 1 << 16


class Proxy:
    """``address`` (``host:port``) leads to ``behind``."""

    def __init__(self, behind: str) -> None:
        host, _, port = behind.rpartition(":")
        self._behind = (host, int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self._away = False
        self.broken = 0
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"

    def go_away(self) -> None:
        """Break every connection; new ones are closed at once, until ``come_back``."""
        with self._lock:
            self._away = True
            connections, self._open = self._open, []
        for each in connections:
            self._break(each)

    def come_back(self) -> None:
        with self._lock:
            self._away = False

    def accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                if self._away:
                    self._break(near)
                    continue
                far = socket.create_connection(self._behind)
                self._open += [near, far]
            for source, target in ((near, far), (far, near)):
                threading.Thread(target=self._pass_on, args=(source, target), daemon=True).start()

    def close(self) -> None:
        with suppress(OSError):
            # Wakes the thread that accepts.
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.go_away()

    def _break(self, connection: socket.socket) -> None:
        self.broken += 1
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        connection.close()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(_PIECE):
                target.sendall(piece)
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)


@contextmanager
def proxied(behind: str) -> Iterator[Proxy]:
    proxy = Proxy(behind)
    thread = threading.Thread(target=proxy.accept)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.close()
        thread.join()
