"""Gives words times where an engine gave none: spread over the speech that was detected, by their letters. Pure."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

from dailies.domain.transcript.anchoring import sections
from dailies.domain.transcript.spans import Span
from dailies.domain.transcript.transcript import Word


def spread_words(text: str, spans: Sequence[Span]) -> tuple[Word, ...]:
    """The words of ``text`` over ``spans`` (seconds, sorted, disjoint, not all empty), as fast between two anchors.

    A letter takes as long as any other, and each word one more for the gap before the next; full stops and commas hold
    it at the pauses that they fit. Text without spaces (Chinese, Japanese, Thai) is one word a character.
    """
    words = split_words(text)
    if not words or not spans:
        return ()
    weights = [len(word) + 1 for word in words]
    found: list[Word] = []
    for own, there in sections(words, weights, spans):
        found += _evenly(words[own.start : own.stop], spans[there.start : there.stop])
    return tuple(found)


def _evenly(words: Sequence[str], spans: Sequence[Span]) -> Iterator[Word]:
    before = [0, *accumulate(len(word) + 1 for word in words)]
    seconds = [0.0, *accumulate(end - start for start, end in spans)]
    rate = seconds[-1] / before[-1]
    for number, word in enumerate(words):
        begin, stop = before[number] * rate, (before[number + 1] - 1) * rate
        # Nobody pauses within a word: it lies where its middle does.
        place = min(max(bisect_right(seconds, (begin + stop) / 2) - 1, 0), len(spans) - 1)
        first, last = spans[place]
        start, end = (min(max(first + along - seconds[place], first), last) for along in (begin, stop))
        yield Word(text=word, start=round(start, 3), end=round(max(start, end), 3))


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
