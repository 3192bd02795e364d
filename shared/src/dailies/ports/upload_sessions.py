"""Uploads under way: what begins them, and how the server sees how far they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from dailies.ports.signed_urls import SignedRequest


@dataclass(frozen=True, slots=True)
class UnderWay:
    """Bytes of uploads that have not become objects: those that were given up now, and those that stay."""

    freed: int = 0
    kept: int = 0


class UploadSessions(Protocol):
    def open(self, start: SignedRequest, origin: str | None) -> str | None:
        """Start the session in the client's place; returns its URL, which is all that it takes to write the object.

        None where the client starts it and this server sees its bytes come. ``origin`` is of the page that will send
        them, if it is one. Raises TransientError, PermanentError.
        """

    def begun(self, session: str) -> bool:
        """Whether bytes have come of a session that was opened here. Raises TransientError where nobody knows."""

    def end(self, name: str, session: str | None) -> None:
        """End the sessions that would write this object, ``session`` among them, and forget their bytes.

        Idempotent; what can't be ended now is told in the log.
        """

    def collect(self, wanted: Callable[[str, timedelta], bool]) -> UnderWay:
        """End those that are not ``wanted``, by the name of the object and how long ago something came."""


class NoUploadSessions:
    """Of a platform that has none to show."""

    def open(self, start: SignedRequest, origin: str | None) -> str | None:
        return None

    def begun(self, session: str) -> bool:
        return False

    def end(self, name: str, session: str | None) -> None:
        return None

    def collect(self, wanted: Callable[[str, timedelta], bool]) -> UnderWay:
        return UnderWay()
