"""A proxy on loopback, of either sort, that does to requests what networks do."""

from __future__ import annotations

import contextlib
import re
import select
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_METHOD = re.compile(rb"(GET|POST|PUT|DELETE) (http|/)")
Fault = Callable[[bytes, socket.socket, socket.socket], bool]
"""Gets the head of a request, the client's and the server's connection; whether that was the connection's end."""


def refuse(status: str, *headers: str) -> Fault:
    """Answers in the server's place."""

    def fault(_head: bytes, client: socket.socket, _server: socket.socket) -> bool:
        lines = [f"HTTP/1.1 {status}", "Content-Length: 0", "Connection: close", *headers, "", ""]
        client.sendall("\r\n".join(lines).encode())
        return True

    return fault


def cut_after(size: int) -> Fault:
    """Passes so many bytes of the body on, then both sides lose their connection."""

    def fault(head: bytes, client: socket.socket, server: socket.socket) -> bool:
        server.sendall(head)
        left = size
        while left > 0 and (chunk := client.recv(min(left, 1 << 16))):
            server.sendall(chunk)
            left -= len(chunk)
        return True

    return fault


def cut_answer_after(size: int) -> Fault:
    """Passes so many bytes of the answer on, then both sides lose their connection."""

    def fault(head: bytes, client: socket.socket, server: socket.socket) -> bool:
        server.sendall(head)
        left = size
        while left > 0 and (chunk := server.recv(min(left, 1 << 16))):
            client.sendall(chunk)
            left -= len(chunk)
        return True

    return fault


@dataclass
class FaultProxy:
    """``faults`` are met in their order, each by the next request that begins with its words."""

    url: str
    faults: list[tuple[bytes, Fault]] = field(default_factory=list)
    heads: list[bytes] = field(default_factory=list)

    def take(self, head: bytes) -> Fault | None:
        self.heads.append(head)
        for number, (words, fault) in enumerate(self.faults):
            if head.startswith(words.partition(b" ")[0]) and words.partition(b" ")[2] in head.partition(b"\r\n")[0]:
                del self.faults[number]
                return fault
        return None


@contextmanager
def fault_proxy(base: str) -> Iterator[FaultProxy]:
    """A proxy in front of the server at ``base``."""
    target = urlsplit(base)
    server = (str(target.hostname), int(target.port or 80))

    class Relay(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(OSError), socket.create_connection(server) as upstream:
                _relay(proxy, self.request, upstream)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Relay) as listener:
        proxy = FaultProxy(f"http://127.0.0.1:{listener.server_address[1]}")
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield proxy
        finally:
            listener.shutdown()
            thread.join(10)


def _relay(proxy: FaultProxy, client: socket.socket, server: socket.socket) -> None:
    while True:
        for ready in select.select([client, server], [], [])[0]:
            chunk = ready.recv(1 << 16)
            if not chunk:
                return
            if ready is server:
                client.sendall(chunk)
                continue
            fault = proxy.take(chunk) if _METHOD.match(chunk) else None
            if fault is None:
                server.sendall(chunk)
            elif fault(chunk, client, server):
                return
