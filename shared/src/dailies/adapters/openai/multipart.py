"""Writes the body of a form with a file in it (RFC 7578), piece by piece."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_PIECE = 1 << 16


@dataclass(frozen=True)
class Form:
    """``fields`` are sent in their order. The file goes by a name of ours: a user's tells nobody anything."""

    fields: Sequence[tuple[str, str]]
    file: Path
    boundary: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def content_type(self) -> str:
        return f"multipart/form-data; boundary={self.boundary}"

    @property
    def size(self) -> int:
        return len(self._head) + self.file.stat().st_size + len(self._tail)

    def pieces(self) -> Iterator[bytes]:
        """The body."""
        yield self._head
        with self.file.open("rb") as stream:
            while piece := stream.read(_PIECE):
                yield piece
        yield self._tail

    @property
    def _head(self) -> bytes:
        parts = [
            f'--{self.boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in self.fields
        ]
        parts.append(
            f'--{self.boundary}\r\nContent-Disposition: form-data; name="file"; filename="speech.wav"\r\n'
            "Content-Type: audio/wav\r\n\r\n"
        )
        return "".join(parts).encode()

    @property
    def _tail(self) -> bytes:
        return f"\r\n--{self.boundary}--\r\n".encode()
