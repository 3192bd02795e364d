"""Gives words times where an engine gave none: spread over the speech that was detected, by their letters. Pure."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from dailies.domain.transcript.spans import Span
from dailies.domain.transcript.transcript import Word


def spread_words(text: str, spans: Sequence[Span]) -> tuple[Word, ...]:
    """The words of ``text`` over ``spans`` (seconds, sorted, disjoint, not all empty), as fast everywhere.

    A letter takes as long as any other, and each word one more for the gap before the next. Text without spaces
    (Chinese, Japanese, Thai) is one word a character.
    """
    words = split_words(text)
    if not words or not spans:
        return ()
    weights = [len(word) + 1 for word in words]
    before = [0, *accumulate(weights)]
    seconds = [0.0, *accumulate(end - start for start, end in spans)]
    rate = seconds[-1] / before[-1]
    found = []
    for number, word in enumerate(words):
        start = _at(before[number] * rate, spans, seconds, opening=True)
        end = max(start, _at((before[number + 1] - 1) * rate, spans, seconds, opening=False))
        found.append(Word(text=word, start=round(start, 3), end=round(end, 3)))
    return tuple(found)


def split_words(text: str) -> list[str]:
    """By spaces; where a language has none, by characters, punctuation staying with what it follows."""
    found: list[str] = []
    for token in text.split():
        if sum(map(_stands_alone, token)) * 2 <= len(token):
            found.append(token)
            continue
        for place, character in enumerate(token):
            if place and unicodedata.category(character)[0] in "PM":
                found[-1] += character
            else:
                found.append(character)
    return found


def _stands_alone(character: str) -> bool:
    name = unicodedata.name(character, "")
    return name.startswith(("CJK UNIFIED", "HIRAGANA", "KATAKANA", "THAI CHARACTER"))


def _at(along: float, spans: Sequence[Span], seconds: Sequence[float], *, opening: bool) -> float:
    """The moment that lies so many seconds into the spans; at a joint, where the next begins or the last one ends."""
    places = [round(value, 9) for value in seconds]
    place = bisect_right(places, round(along, 9)) - 1 if opening else bisect_right(places, round(along, 9) - 1e-9) - 1
    place = min(max(place, 0), len(spans) - 1)
    return min(spans[place][0] + along - seconds[place], spans[place][1])
