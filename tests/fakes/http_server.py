"""What the fakes of Google's services share: a small HTTP server on a free port, and faults on demand."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    """Still quoted."""
    query: dict[str, str]
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes


@dataclass
class Response:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut_to: int | None = None
    """Break the connection after so many bytes of the body."""


Answer = Callable[[Request], Response]


def as_json(value: Any, status: int = 200) -> Response:
    return Response(status, json.dumps(value).encode(), {"Content-Type": "application/json"})


def refusal(code: int, message: str = "refused", **more: object) -> Response:
    return as_json({"error": {"code": code, "message": message, **more}}, code)


@dataclass
class Fault:
    """Changes what matching requests get, some times."""

    matches: Callable[[Request], bool]
    spoil: Callable[[Response], Response]
    times: int
    lose_answer: bool = False
    """The request is obeyed all the same."""


class FakeService:
    """Routes requests to ``answer``. ``requests`` remembers them all, ``statuses`` the answers."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._lock = threading.Lock()
        self.faults: list[Fault] = []
        self.requests: list[Request] = []
        self.statuses: list[int] = []
        self.url = ""

    def fail(
        self, matches: Callable[[Request], bool], *, status: int, times: int = 1, lose_answer: bool = False
    ) -> None:
        """Refuse the next matching requests; with ``lose_answer`` only after having obeyed them."""
        self.faults.append(Fault(matches, lambda _: refusal(status), times, lose_answer))

    def spoil(
        self, matches: Callable[[Request], bool], change: Callable[[Response], Response], *, times: int = 1
    ) -> None:
        """Change the answers to the next matching requests."""
        self.faults.append(Fault(matches, change, times, lose_answer=True))

    def handle(self, request: Request) -> Response:
        with self._lock:
            self.requests.append(request)
            fault = next((each for each in self.faults if each.times > 0 and each.matches(request)), None)
            if fault is not None:
                fault.times -= 1
        if fault is None:
            return self._answer(request)
        return fault.spoil(self._answer(request) if fault.lose_answer else Response())


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that was killed, as some tests do, is no fault of the server's.
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def serving(service: FakeService) -> Iterator[None]:
    """Serve it on a free port of this machine until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            split = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            query = dict(parse_qsl(split.query, keep_blank_values=True))
            found = service.handle(Request(self.command, split.path, query, headers, body))
            service.statuses.append(found.status)
            self.send_response_only(found.status)
            self.send_header("Date", found.headers.pop("Date", self.date_time_string()))
            for name, value in found.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(found.body)))
            self.end_headers()
            self.wfile.write(found.body[: found.cut_to])
            if found.cut_to is not None:
                self.close_connection = True

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = _serve  # noqa: N815 -- the server's names

        def log_message(self, *_: object) -> None:
            return None

    server = _Server(("127.0.0.1", 0), Handler)
    # Clients that keep a connection open must not hold the end up.
    server.daemon_threads = True
    server.block_on_close = False
    service.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
