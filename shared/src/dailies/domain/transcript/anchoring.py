"""Finds which pause stands behind which full stop or comma, so that spread words can't drift for long. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from dailies.domain.transcript.spans import Span

_FULL_STOP = re.compile(r"[.!?…\u3002\uff01\uff1f]['\"\u00bb\u201d\u2019)\]]*$")
_COMMA = re.compile(r"[,;:\u3001\uff0c\u2013\u2014]$")
#: What a mark is worth before a pause of this length, seconds; a shorter one in proportion.
_STOP_WORTH, _COMMA_WORTH, _LONG_PAUSE = 1.5, 0.6, 0.6
#: People speak so much faster or slower from one anchor to the next: the part of the time, and seconds.
_UNEVEN, _JITTER = 0.2, 0.25
#: A mark is looked for so far from where an even speed has it, seconds and part of the whole.
_REACH_SECONDS, _REACH = 4.0, 0.05
#: Anchors may lie so far apart at most, in candidates: more is slow.
_BACK = 120
#: Of more candidates than an hour of speech has the text is not one that somebody spoke.
_MOST = 30_000


@dataclass(frozen=True, slots=True)
class _Anchor:
    """``gap``: behind which span of speech, ``word``: behind which word; both counted from 1. Speech seconds."""

    gap: int
    word: int
    spoken: float
    written: float
    worth: float


def sections(words: Sequence[str], weights: Sequence[int], spans: Sequence[Span]) -> list[tuple[range, range]]:
    """Words and the spans of speech (seconds, sorted, disjoint) that belong together, in order: all of both.

    ``weights``: how long each word takes, in any unit.
    """
    marks = [(number + 1, worth) for number, word in enumerate(words[:-1]) if (worth := _worth(word))]
    spoken = [0.0, *accumulate(end - start for start, end in spans)]
    written = [0, *accumulate(weights)]
    rate = spoken[-1] / written[-1]
    reach = max(_REACH_SECONDS, _REACH * spoken[-1])
    found = [_Anchor(0, 0, 0.0, 0.0, 0.0)]
    for gap, (before, after) in enumerate(pairwise(spans), 1):
        length = min((after[0] - before[1]) / _LONG_PAUSE, 1.0)
        found += [
            _Anchor(gap, word, spoken[gap], written[word] * rate, worth * length)
            for word, worth in marks
            if abs(spoken[gap] - written[word] * rate) <= reach
        ]
        if len(found) > _MOST:
            return [(range(len(words)), range(len(spans)))]
    found.append(_Anchor(len(spans), len(words), spoken[-1], spoken[-1], 0.0))
    path = _best(found)
    return [(range(a.word, b.word), range(a.gap, b.gap)) for a, b in pairwise(path)]


def _worth(word: str) -> float:
    if _FULL_STOP.search(word):
        return _STOP_WORTH
    return _COMMA_WORTH if _COMMA.search(word) else 0.0


def _best(anchors: Sequence[_Anchor]) -> list[_Anchor]:
    """The way from the first to the last that is worth the most."""
    worth = [0.0] + [-math.inf] * (len(anchors) - 1)
    came = [0] * len(anchors)
    for place in range(1, len(anchors)):
        one = anchors[place]
        for before in {0, *range(max(0, place - _BACK), place)}:
            other = anchors[before]
            if other.gap >= one.gap or other.word >= one.word:
                continue
            spoken, written = one.spoken - other.spoken, one.written - other.written
            cost = ((spoken - written) / (_UNEVEN * written + _JITTER)) ** 2
            if (total := worth[before] + one.worth - cost) > worth[place]:
                worth[place], came[place] = total, before
    path = [len(anchors) - 1]
    while path[-1]:
        path.append(came[path[-1]])
    return [anchors[place] for place in reversed(path)]
