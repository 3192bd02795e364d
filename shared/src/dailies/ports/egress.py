"""The way out to addresses that users name: to the public internet alone, and within bounds."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from dailies.domain.errors import Misconfigured
from dailies.domain.stop import StopToken


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one request may take, its redirects included: ``max_bytes`` of the answer's body, ``seconds`` in all, and
    ``idle_seconds`` in which nothing comes. ``redirects`` are followed, each as strictly as the first URL.
    """

    max_bytes: int
    seconds: float
    idle_seconds: float = 30.0
    redirects: int = 5


class Answer(Protocol):
    """What a server has answered. Its body is read once, from the front."""

    url: str
    """Where the last redirect led to."""
    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    length: int | None
    """Of the body, as far as it is known before it is read."""

    def read(self) -> bytes:
        """The next piece of the body; empty at its end, and only there.

        Raises TransientError ``body_truncated`` where it breaks off, UrlRefused ``too_large`` beyond the bounds, and
        as :meth:`Egress.open`.
        """


class Egress(Protocol):
    def open(
        self,
        url: str,
        bounds: Bounds,
        *,
        stop: StopToken,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> AbstractContextManager[Answer]:
        """Send the request to an https URL; whatever its status, the answer is an answer.

        Only an address of the public internet is connected to, and it is looked up once. An answer is never
        unpacked: one that comes packed is refused. ``stop`` ends the request within a second, with its error.

        Raises UrlRefused: what :func:`~dailies.domain.web.url.parse_url` raises, ``address_refused``,
        ``host_unknown``, ``certificate_refused``, ``too_many_redirects``, ``redirect_refused``,
        ``encoding_refused``, ``length_unknown``, ``not_http``; and TransientError: ``host_unresolved``,
        ``connection_failed``, ``egress_timeout``.
        """


class NoEgress:
    """Of a platform that asks nobody."""

    def open(
        self,
        url: str,
        bounds: Bounds,
        *,
        stop: StopToken,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> AbstractContextManager[Answer]:
        raise Misconfigured("This service fetches nothing: only the worker does.", code="no_egress")
