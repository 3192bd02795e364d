"""A web site over TLS on a free port of this machine, whose answers a test writes byte by byte."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.certificates import Authority
from tests.fakes.tcp_server import accepting

Write = Callable[[bytes], None]


@dataclass(frozen=True)
class Asked:
    method: str
    target: str
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes = b""


@dataclass
class Site:
    """``pages`` has what writes the answer, by path. ``asked`` remembers the requests, ``connections`` counts."""

    port: int = 0
    pages: dict[str, Callable[[Asked, Write], None]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    over: threading.Event = field(default_factory=threading.Event)
    """Set when the site closes: who drips stops."""

    def url(self, path: str, host: str = "media.test") -> str:
        return f"https://{host}:{self.port}{path}"

    @property
    def endpoint(self) -> tuple[str, int]:
        return ("127.0.0.1", self.port)

    def resolve(self, *names: str) -> Callable[..., list[tuple[Any, ...]]]:
        """A look-up in which these names are this machine, and any address is itself."""

        def look_up(host: str, port: int, **_: object) -> list[tuple[Any, ...]]:
            if host in (names or ("media.test",)):
                host = "127.0.0.1"
            return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)

        return look_up


def head(status: str = "200 OK", /, **headers: object) -> bytes:
    """``Content_Length=3`` is the header Content-Length."""
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode()


def page(body: bytes, status: str = "200 OK", /, **headers: str) -> Callable[[Asked, Write], None]:
    return lambda _asked, write: write(head(status, **{"Content_Length": len(body), **headers}) + body)


def ranged(body: bytes, etag: str = '"1"') -> Callable[[Asked, Write], None]:
    """A file as a good server sends it: from where it is asked, if it is still the same."""

    def answer(asked: Asked, write: Write) -> None:
        start = 0
        wanted = asked.headers.get("range")
        if wanted is not None and asked.headers.get("if-range", etag) == etag:
            start = int(wanted.removeprefix("bytes=").partition("-")[0])
            whole = f"bytes {start}-{len(body) - 1}/{len(body)}"
            write(head("206 Partial Content", Content_Length=len(body) - start, Content_Range=whole, ETag=etag))
        else:
            write(head(Content_Length=len(body), ETag=etag, Accept_Ranges="bytes"))
        write(body[start:])

    return answer


@contextmanager
def web_site(authority: Authority) -> Iterator[Site]:
    """Serve until the block ends."""
    context = authority.serving()
    site = Site()

    def noticed() -> None:
        site.connections += 1

    with accepting(lambda connection: _serve(site, context, connection), noticed) as site.port:
        try:
            yield site
        finally:
            site.over.set()


def _serve(site: Site, context: ssl.SSLContext, connection: socket.socket) -> None:
    # A client that leaves, or does not believe us, is no fault of the site's.
    with connection, suppress(OSError):
        connection.settimeout(30)
        with context.wrap_socket(connection, server_side=True) as secured:
            asked = _read(secured)
            if asked is None:
                return
            site.asked.append(asked)
            site.pages.get(asked.target.partition("?")[0], page(b"", "404 Not Found"))(asked, secured.sendall)
            with suppress(OSError):
                secured.unwrap()


def _read(secured: ssl.SSLSocket) -> Asked | None:
    received = b""
    while b"\r\n\r\n" not in received:
        piece = secured.recv(65536)
        if not piece:
            return None
        received += piece
    above, _, body = received.partition(b"\r\n\r\n")
    first, *lines = above.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", 0)):
        piece = secured.recv(65536)
        if not piece:
            return None
        body += piece
    return Asked(method, target, headers, body)
