"""Uploads under way, where the platform has them: Cloud Storage shows none, and ends them after a week by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class UnderWay:
    """Bytes of uploads that have not become objects: those that were given up now, and those that stay."""

    freed: int = 0
    kept: int = 0


class UploadSessions(Protocol):
    def end(self, name: str) -> None:
        """End the sessions that would write this object, and forget their bytes. Idempotent."""

    def collect(self, wanted: Callable[[str, timedelta], bool]) -> UnderWay:
        """End those that are not ``wanted``, by the name of the object and how long ago something came."""


class NoUploadSessions:
    """Of a platform that has none to show."""

    def end(self, name: str) -> None:
        return None

    def collect(self, wanted: Callable[[str, timedelta], bool]) -> UnderWay:
        return UnderWay()
