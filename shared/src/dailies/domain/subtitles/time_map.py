"""Follows the film: where each moment of the source is in what was made of it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from dailies.domain.subtitles.cues import Cue, Line
from dailies.domain.transcript.transcript import Word

#: A rest of a cue shorter than this is a flash; nobody can read it.
_LEAST_MS = 200


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the source, from ``start`` to before ``end``, in the film from ``at`` on; milliseconds, exact."""

    start: Fraction
    end: Fraction
    at: Fraction
    speed: Fraction = Fraction(1)
    """Seconds of source in a second of film."""

    @property
    def until(self) -> Fraction:
        return self.at + (self.end - self.start) / self.speed

    def moment(self, milliseconds: int) -> int:
        """The film's millisecond of one of the source's, which may lie outside of the part."""
        return round(self.at + (milliseconds - self.start) / self.speed)


TimeMap = tuple[Piece, ...]


def trimmed(start: float, end: float | None) -> TimeMap:
    """The source from ``start`` to ``end``, seconds; None: to its end."""
    begin = milliseconds(start)
    return (Piece(begin, milliseconds(7 * 86_400 if end is None else end), Fraction(0)),)


def faster(time_map: TimeMap, speed: Fraction) -> TimeMap:
    """The film played at ``speed`` times its own."""
    return tuple(replace(piece, at=piece.at / speed, speed=piece.speed * speed) for piece in time_map)


def milliseconds(seconds: float | Fraction) -> Fraction:
    """Seconds as exact milliseconds, floats by the digits that they are written with."""
    return Fraction(str(seconds)) * 1000 if isinstance(seconds, float) else Fraction(seconds) * 1000


def follow(cues: Sequence[Cue], time_map: TimeMap) -> tuple[Cue, ...]:
    """The cues of the source as those of the film, in its order.

    A cue within a part is shifted and nothing else. Of one that a part cuts, the words said in it stay; without times
    of words all of it stays, unless the rest is a flash. Where the source goes on across a joint, so does the cue.
    """
    found = (_part(cue, piece) for piece in _whole(time_map) for cue in cues if _meet(cue, piece))
    return tuple(sorted((cue for cue in found if cue is not None), key=lambda cue: cue.start_ms))


def _meet(cue: Cue, piece: Piece) -> bool:
    return cue.end_ms > piece.start and cue.start_ms < piece.end


def _whole(time_map: TimeMap) -> TimeMap:
    """With the parts in one that follow each other in the source and in the film."""
    found: list[Piece] = []
    for piece in time_map:
        before = found[-1] if found else None
        if before and (before.end, before.until, before.speed) == (piece.start, piece.at, piece.speed):
            found[-1] = replace(before, end=piece.end)
        else:
            found.append(piece)
    return tuple(found)


def _part(cue: Cue, piece: Piece) -> Cue | None:
    start, end = max(piece.moment(cue.start_ms), round(piece.at)), min(piece.moment(cue.end_ms), round(piece.until))
    whole = cue.start_ms >= piece.start and cue.end_ms <= piece.end
    lines = tuple(line for line in (_heard(line, piece, whole=whole) for line in cue.lines) if line)
    if not lines or end <= start:
        return None
    if not whole and not cue.timed and end - start < min(_LEAST_MS, cue.end_ms - cue.start_ms):
        return None
    return replace(cue, start_ms=start, end_ms=end, lines=lines)


def _heard(line: Line, piece: Piece, *, whole: bool) -> Line:
    """The words of which more than half is said in the part, at their times in the film."""
    found = []
    for span in line:
        if span.start_ms is None or span.end_ms is None:
            found.append(span)
            continue
        middle = Fraction(span.start_ms + span.end_ms, 2)
        if whole or piece.start <= middle < piece.end:
            found.append(replace(span, start_ms=piece.moment(span.start_ms), end_ms=piece.moment(span.end_ms)))
    if not any(span.start_ms is not None for span in found) and any(span.start_ms is not None for span in line):
        return ()  # a dash or a name alone
    if found and found[0].text.startswith(" "):
        found[0] = replace(found[0], text=found[0].text.lstrip(" "))
    return tuple(found)


def heard_in(words: Sequence[Word], time_map: TimeMap) -> list[str]:
    """The words of which the middle is in the film, in the film's order."""
    middles = [milliseconds(word.start + word.end) / 2 for word in words]
    return [
        word.text
        for piece in _whole(time_map)
        for word, middle in zip(words, middles, strict=True)
        if piece.start <= middle < piece.end
    ]


def moments(source_ms: Sequence[int], time_map: TimeMap) -> tuple[int, ...]:
    """When moments of the source are seen in the film, both in milliseconds; those that it leaves out are left out."""
    pieces = _whole(time_map)
    found = (piece.moment(each) for piece in pieces for each in source_ms if piece.start <= each < piece.end)
    return tuple(sorted(found))
