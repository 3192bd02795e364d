"""One HTTPS request on a connection of its own, which a watch ends when its time is up.

On ``http.client``: what is installed everywhere has no other HTTP client, and the two things that matter here, who
connects and how much is read, are in our hands in it. It reads no proxy from the environment and unpacks nothing.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from dailies.adapters.web.dialing import Dialer
from dailies.domain.errors import DailiesError, TransientError, UrlRefused
from dailies.domain.stop import StopToken
from dailies.domain.web.url import HTTPS_PORT, WebUrl
from dailies.ports.egress import Answer, Bounds

_PIECE_BYTES = 256 << 10
_TICK_SECONDS = 0.2


class Watch:
    """Ends what is read or written through it at a stop or when its time is up, however slowly it drips."""

    def __init__(self, stop: StopToken, seconds: float) -> None:
        self.stop = stop
        self.until = time.monotonic() + seconds
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._watched: socket.socket | None = None
        self._thread = threading.Thread(target=self._look, name="egress-watch", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def on(self, connection: socket.socket | None) -> None:
        """Watch over this connection from now on."""
        with self._lock:
            self._watched = connection

    def check(self) -> None:
        """Raise what has ended the request, if anything has."""
        self.stop.check()
        if time.monotonic() >= self.until:
            raise TransientError("The server took longer than it may.", code="egress_timeout")

    def _look(self) -> None:
        while not self._over.wait(_TICK_SECONDS):
            if self.stop.is_set() or time.monotonic() >= self.until:
                with self._lock:
                    if self._watched is not None:
                        try:
                            # Of the socket below TLS, whose own would take its state away from who reads.
                            socket.socket.shutdown(self._watched, socket.SHUT_RDWR)
                        except OSError:  # it is closed already
                            self._watched = None


class HttpsRequest:
    """Sends one request and reads its answer; use it as a context, which closes the connection."""

    def __init__(self, dialer: Dialer, trust: ssl.SSLContext, url: WebUrl, bounds: Bounds, watch: Watch) -> None:
        self._dialer = dialer
        self._trust = trust
        self._url = url
        self._bounds = bounds
        self._watch = watch
        self._connection = _Connection(url.host, url.port)
        self._response: http.client.HTTPResponse | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self._watch.on(None)
        if self._response is not None:
            # It has the connection to itself, where the server is asked to close it.
            self._response.close()
        self._connection.close()

    def send(self, method: str, headers: Mapping[str, str], body: bytes | None) -> BoundedAnswer:
        """Raises as :meth:`dailies.ports.egress.Egress.open`."""
        with _Translated(self._url, self._watch):
            self._connection.sock = self._connect()
            self._connection.request(method, self._url.target, body=body, headers=dict(headers))
            self._response = self._connection.getresponse()
        return BoundedAnswer(self._url, self._response, self._bounds, self._watch)

    def _connect(self) -> ssl.SSLSocket:
        plain = self._dialer.dial(self._url.host, self._url.port, stop=self._watch.stop, until=self._watch.until)
        try:
            plain.settimeout(self._bounds.idle_seconds)
            secured = self._trust.wrap_socket(
                plain, server_hostname=self._url.host, do_handshake_on_connect=False, suppress_ragged_eofs=False
            )
        except BaseException:
            plain.close()
            raise
        self._watch.on(secured)
        try:
            secured.do_handshake()
        except BaseException:
            self._watch.on(None)
            secured.close()
            raise
        return secured


class _Connection(http.client.HTTPConnection):
    # The Host header leaves the usual port out.
    default_port = HTTPS_PORT

    def connect(self) -> None:
        raise AssertionError("connections are made by the dialer")


class BoundedAnswer(Answer):
    """Holds the body to what its head says, and to the bounds."""

    def __init__(self, url: WebUrl, response: http.client.HTTPResponse, bounds: Bounds, watch: Watch) -> None:
        self.url = str(url)
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.length = response.length
        self._url = url
        self._response = response
        self._bounds = bounds
        self._watch = watch
        self._read: int | None = None

    def _check(self) -> None:
        """Raise for a body that can't be told whole from broken off, is packed, or is too large from the start."""
        headers = self._response.headers
        packed = headers.get("Content-Encoding", "identity").strip().lower()
        framing = headers.get("Transfer-Encoding", "chunked").strip().lower()
        if packed not in ("", "identity") or framing != "chunked":
            raise UrlRefused("The server sends the file packed, though it was asked not to.", code="encoding_refused")
        if len(set(headers.get_all("Content-Length", []))) > 1:
            raise _not_http(self._url)
        if self.length is None and not self._response.chunked:
            raise UrlRefused(
                "The server doesn't say how long the file is, so that nobody could tell whether it is whole.",
                code="length_unknown",
            )
        if self.length is not None and self.length > self._bounds.max_bytes:
            raise self._too_large()

    def read(self) -> bytes:
        if self._read is None:
            # Only now: an answer without a body that is wanted is one all the same.
            self._check()
            self._read = 0
        with _Translated(self._url, self._watch):
            # Not ``read``, which takes a chunk of a negative length for all that there is.
            piece = self._response.read1(_PIECE_BYTES)
        self._watch.check()
        if self._response.chunked and (self._response.chunk_left or 0) < 0:
            raise _not_http(self._url)
        self._read += len(piece)
        if self._read > self._bounds.max_bytes:
            raise self._too_large()
        if not piece and self.length is not None and self._read < self.length:
            raise _truncated(self._url)
        return piece

    def _too_large(self) -> UrlRefused:
        return UrlRefused(
            f"{self._url.shown} is larger than the {self._bounds.max_bytes} bytes that are fetched.", code="too_large"
        )


class _Translated:
    """What the libraries raise, in our words; a stop or the end of the time comes before all that it has caused."""

    def __init__(self, url: WebUrl, watch: Watch) -> None:
        self._url = url
        self._watch = watch

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if error is None or isinstance(error, DailiesError):
            return
        if isinstance(error, Exception):
            self._watch.check()
        host = self._url.host
        if isinstance(error, ssl.SSLCertVerificationError):
            raise UrlRefused(
                f"{host} can't prove that it is {host}: {error.verify_message}.", code="certificate_refused"
            ) from error
        if isinstance(error, TimeoutError):
            raise TransientError(f"{host} has stopped sending.", code="egress_timeout") from error
        if isinstance(error, http.client.IncompleteRead | ssl.SSLEOFError):
            raise _truncated(self._url) from error
        if isinstance(error, OSError):
            raise TransientError(f"The connection to {host} broke off.", code="connection_failed") from error
        if isinstance(error, http.client.HTTPException | ValueError):
            raise _not_http(self._url) from error


def _truncated(url: WebUrl) -> TransientError:
    return TransientError(f"{url.host} broke off before the file was whole.", code="body_truncated")


def _not_http(url: WebUrl) -> UrlRefused:
    return UrlRefused(f"What {url.host} answers is no HTTP that can be trusted.", code="not_http")
