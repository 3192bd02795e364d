"""Posts one form to the server that the operator named, within its time, and ends it when told to."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from dailies.adapters.openai.multipart import Form
from dailies.domain.errors import Misconfigured, TransientError
from dailies.domain.stop import StopToken

_CONNECT_SECONDS = 20.0
_POLL_SECONDS = 0.2
_MOST_ANSWER_BYTES = 32_000_000


@dataclass(frozen=True, slots=True)
class Reply:
    """``headers``: names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def post(url: str, form: Form, headers: Mapping[str, str], *, seconds: float, stop: StopToken) -> Reply:
    """Send the form and read the whole answer; redirects are answers like others.

    Raises what ``stop`` says; TransientError ``engine_unavailable``, ``engine_timeout`` after ``seconds``,
    ``engine_answer`` for one without an end; Misconfigured for a URL that is none.
    """
    connection, path = _connection(url)
    with _ended_on(connection, stop, seconds) as ending:
        try:
            connection.connect()
            # The time to connect is ours to limit; how long it thinks, the watcher does.
            connection.sock.settimeout(seconds)
            connection.request(
                "POST",
                path,
                body=form.pieces(),
                headers={**headers, "Content-Type": form.content_type, "Content-Length": str(form.size)},
            )
            answer = connection.getresponse()
            body = answer.read(_MOST_ANSWER_BYTES + 1)
            if answer.length and len(body) <= _MOST_ANSWER_BYTES:
                # A read of so many bytes takes an early end for the end.
                raise http.client.IncompleteRead(body, answer.length)
            reply = Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, body)
        except (OSError, http.client.HTTPException) as error:
            stop.check()
            if ending.is_set() or isinstance(error, TimeoutError):
                raise TransientError(
                    f"The speech engine gave no answer within {seconds:.0f} s.", code="engine_timeout"
                ) from error
            raise TransientError(
                f"The speech engine can't be reached or broke off: {type(error).__name__}.", code="engine_unavailable"
            ) from error
    stop.check()
    if ending.is_set():
        # What was read up to the moment at which we broke it off is no answer.
        raise TransientError(f"The speech engine gave no answer within {seconds:.0f} s.", code="engine_timeout")
    if len(body) > _MOST_ANSWER_BYTES:
        raise TransientError("The speech engine's answer has no end.", code="engine_answer")
    return reply


def _connection(url: str) -> tuple[http.client.HTTPConnection, str]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise _no_url() from error
    if not host or parts.scheme not in ("http", "https"):
        raise _no_url()
    if parts.scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(host, port, timeout=_CONNECT_SECONDS, context=context), parts.path
    return http.client.HTTPConnection(host, port, timeout=_CONNECT_SECONDS), parts.path


def _no_url() -> Misconfigured:
    return Misconfigured("DAILIES_OPENAI_BASE_URL is no URL: it begins with https:// or http://.", code="no_engine_url")


@contextmanager
def _ended_on(connection: http.client.HTTPConnection, stop: StopToken, seconds: float) -> Iterator[threading.Event]:
    """Breaks the connection when ``stop`` is set or the time is over, which the event then says."""
    over, done = threading.Event(), threading.Event()
    deadline = time.monotonic() + seconds

    def watch() -> None:
        while not done.is_set():
            if stop.wait(_POLL_SECONDS) or time.monotonic() > deadline:
                if not stop.is_set():
                    over.set()
                _break_off(connection)
                # It may not have been connected yet.
                done.wait(_POLL_SECONDS)

    watcher = threading.Thread(target=watch, name="speech-request", daemon=True)
    watcher.start()
    try:
        yield over
    finally:
        done.set()
        connection.close()
        watcher.join()


def _break_off(connection: http.client.HTTPConnection) -> None:
    sock: socket.socket | None = connection.sock
    if sock is not None:
        try:
            # Of the socket below TLS, whose own forgets TLS first: what is just being sent would go on in clear text.
            socket.socket.shutdown(sock, socket.SHUT_RDWR)
        except OSError:
            # It has ended by itself.
            return
