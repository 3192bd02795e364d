"""What the client's logic asks the world for: the logic is generators of these, run by one driver for threads and one
for an event loop.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

T = TypeVar("T")
Flow = Generator["Effect", Any, T]


@dataclass(frozen=True, slots=True)
class Call:
    """One request; answered by an Answer. Raises httpx.TransportError where none comes.

    ``read_seconds`` is the longest silence; ``stream`` leaves the body to be read by Lines or Chunks.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] | None = None
    json: Any = None
    content: bytes | None = None
    read_seconds: float = 60.0
    stream: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """``opened`` is the driver's own, of a stream."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    opened: Any = None


@dataclass(frozen=True, slots=True)
class NextLine:
    """Answered by a line of a stream without its end; None behind the last."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class SaveChunks:
    """Writes what is left of a stream behind the end of a file; answered by its size."""

    answer: Answer
    path: Path
    append: bool


@dataclass(frozen=True, slots=True)
class Close:
    """Ends a stream."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class ReadPiece:
    """Answered by at most ``size`` bytes of a file."""

    path: Path
    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class Pause:
    """Waits."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Emit(Generic[T]):
    """Gives an item to whoever iterates."""

    item: T


Effect = Call | NextLine | SaveChunks | Close | ReadPiece | Pause | Emit[Any]


def read_piece(asked: ReadPiece) -> bytes:
    with asked.path.open("rb") as file:
        file.seek(asked.offset)
        return file.read(asked.size)
