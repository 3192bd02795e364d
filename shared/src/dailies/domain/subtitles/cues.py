"""What subtitles are made of: cues of lines of spans. Times are whole milliseconds, rounded once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from pydantic import TypeAdapter

#: Where a cue stands without being told: at the bottom, in the middle (ASS's ``\an``, a numeric keypad).
BOTTOM_CENTER = 2


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text of one look; of recognised speech one word, with the milliseconds in which it is said."""

    text: str
    italic: bool = False
    bold: bool = False
    underline: bool = False
    start_ms: int | None = None
    end_ms: int | None = None


Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Cue:
    """Lines shown from ``start_ms`` to before ``end_ms``; ``align`` is a place on a numeric keypad."""

    start_ms: int
    end_ms: int
    lines: tuple[Line, ...]
    speaker: str | None = None
    align: int = BOTTOM_CENTER

    @property
    def texts(self) -> tuple[str, ...]:
        """The lines without their looks."""
        return tuple("".join(span.text for span in line) for line in self.lines)

    @property
    def text(self) -> str:
        return "\n".join(self.texts)

    @property
    def timed(self) -> bool:
        """Whether it says of a word when it is spoken."""
        return any(span.start_ms is not None for line in self.lines for span in line)

    def moved(self, start_ms: int, end_ms: int) -> Cue:
        """The same cue at another time; its words keep theirs."""
        return replace(self, start_ms=start_ms, end_ms=end_ms)


@cache
def _cues() -> TypeAdapter[tuple[Cue, ...]]:
    """Built for those who pass cues on."""
    return TypeAdapter(tuple[Cue, ...])


def cue(start_ms: int, end_ms: int, text: str) -> Cue:
    """A cue of plain text with its line ends."""
    return Cue(start_ms, end_ms, tuple((Span(line),) for line in text.split("\n")))


def to_json(cues: Sequence[Cue]) -> bytes:
    """The cues as a step's artifact has them."""
    return _cues().dump_json(tuple(cues), exclude_defaults=True)


def from_json(document: bytes) -> tuple[Cue, ...]:
    """What :func:`to_json` wrote. Raises ValueError for anything else."""
    return _cues().validate_json(document)
