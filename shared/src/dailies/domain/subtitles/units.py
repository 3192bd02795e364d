"""Prepares recognised words for segmentation: cleaned, in order, cut to what fits a line. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from dailies.domain.subtitles.plain_text import plain_line
from dailies.domain.subtitles.widths import chopped, clusters, columns, glued, unspaced
from dailies.domain.transcript.transcript import Word

_SHORTEST_MS = 1


@dataclass(frozen=True, slots=True)
class Unit:
    """What is never cut. ``spaced``: a space is before it; ``inside``: it continues the word before it."""

    text: str
    start_ms: int
    end_ms: int
    speaker: str | None = None
    spaced: bool = True
    inside: bool = False
    word: int = 0
    """Which word of the transcript it is of."""


def units_of(words: Iterable[Word], most_columns: int) -> list[Unit]:
    """The words as units, each at most ``most_columns`` wide; times never run backwards.

    Words of scripts without spaces come apart at characters. What has nothing to show is left out.
    """
    found: list[Unit] = []
    clock = 0
    for number, word in enumerate(words):
        text = plain_line(word.text)
        if not text:
            continue
        begin = max(clock, _milliseconds(word.start, clock))
        end = max(begin + _SHORTEST_MS, _milliseconds(word.end, begin))
        whole = Unit(text, begin, end, _label(word.speaker, most_columns // 2), word=number)
        found += _cut(whole, found[-1] if found else None, most_columns)
        clock = begin
    return found


def _label(speaker: str | None, most: int) -> str | None:
    return chopped(plain_line(speaker or ""), most)[0] or None


def _milliseconds(seconds: float, otherwise: int) -> int:
    return round(seconds * 1000) if math.isfinite(seconds) else otherwise


def _cut(whole: Unit, before: Unit | None, most: int) -> Iterator[Unit]:
    """A word's units, which share its time by their lengths."""
    pieces = [(piece, n == 0) for part in whole.text.split(" ") for n, piece in enumerate(_pieces(part, most))]
    total, lasts, done = sum(len(piece) for piece, _ in pieces), whole.end_ms - whole.start_ms, 0
    for place, (piece, spaced) in enumerate(pieces):
        first = whole.start_ms + lasts * done // total
        done += len(piece)
        last = max(first + _SHORTEST_MS, whole.start_ms + lasts * done // total)
        if place == 0:
            spaced = before is not None and not glued(before.text, piece)  # noqa: PLW2901 - by what is before the word
        inside = place > 0 and not spaced
        yield replace(whole, text=piece, start_ms=first, end_ms=last, spaced=spaced, inside=inside)


def _pieces(part: str, most: int) -> list[str]:
    if any(map(unspaced, part)):
        return _characters(part)
    return [part] if columns(part) <= most else chopped(part, most)


def _characters(part: str) -> list[str]:
    """Each character that a line may end at, words of spaced scripts among them whole."""
    found: list[str] = []
    for cluster in clusters(part):
        if found and not unspaced(found[-1][-1]) and not unspaced(cluster[0]):
            found[-1] += cluster
        else:
            found.append(cluster)
    return found
