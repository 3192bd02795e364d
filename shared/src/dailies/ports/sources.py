"""Where a job's source comes from."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from dailies.domain.job.job import Source


def not_here(source: Source) -> TypeError:
    """The error for a source that has no bytes yet: only a bug of ours asks for them."""
    return TypeError(f"a source of kind {source.kind} can't be read")


class Sources(Protocol):
    def open(self, source: Source, scratch: Path) -> Path:
        """A path to read the source's bytes from: the file itself, or a copy below ``scratch``.

        Idempotent. Raises SourceChanged when the bytes are no longer those that ``source.digest`` names, or
        are gone; StorageFull when ``scratch`` can't hold a copy.
        """

    def verify(self, source: Source) -> None:
        """Raise SourceChanged unless the source is still what it was when the job was made. Cheap."""
