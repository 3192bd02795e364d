"""Files that grow, and outlive the process that writes them: what is there of a source that is being fetched."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from dailies.domain.errors import Misconfigured


class Partial(Protocol):
    """One file, in the hands of one process. It is written to behind its ``size``."""

    path: Path
    size: int
    """How many bytes are there for certain."""
    note: Mapping[str, str]
    """What was kept with them."""

    def keep(self, size: int, note: Mapping[str, str]) -> None:
        """Make the first ``size`` bytes, which were written, outlive this process, and the note with them.

        Raises StorageFull, TransientError.
        """

    def drop(self) -> None:
        """Remove it. Idempotent; the file itself may have been moved away."""

    def close(self) -> None:
        """Leave it to whoever takes it up next. Idempotent."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Bytes of partial files: of those removed now, and of those that stay."""

    freed: int = 0
    kept: int = 0


class Partials(Protocol):
    def take_up(self, name: str, scratch: Path) -> Partial:
        """What there is under the name and nobody else writes to, else a new one. It may lie below ``scratch``.

        ``name`` is letters and digits. Raises StorageFull, Misconfigured, TransientError.
        """

    def collect(self, wanted: Callable[[str], bool]) -> Kept:
        """Remove those whose names are not ``wanted``, and that nobody writes to."""


class NoPartials:
    """Of a platform that fetches nothing."""

    def take_up(self, name: str, scratch: Path) -> Partial:
        raise Misconfigured("This service fetches nothing: only the worker does.", code="no_egress")

    def collect(self, wanted: Callable[[str], bool]) -> Kept:
        return Kept()
