"""Finds the clips of a long source that are worth showing, from what was heard and seen. Pure and deterministic.

Every window between two places where one can cut (pauses, changes of scene) is scored; those are taken that lie apart
and score best together. A score is the weighted mean of five terms, each 0–1, and comes with them:

========= ====== ==================================================== ==========================
term      weight what is measured                                     value
========= ====== ==================================================== ==========================
speech    0.40   p = part of the seconds in which somebody speaks     p
dynamics  0.20   d = standard deviation of momentary loudness, LU     d / 6
scenes    0.20   c = changes of scene per minute                      c / 10
silence   0.10   s = part that is silent                              1 − s
bounds    0.10   n = of its two ends, how many are pauses or scenes   n / 2
========= ====== ==================================================== ==========================

Terms that can't be measured (a source without sound) drop out with their weight.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from dailies.domain.job.result import ScoreTerm
from dailies.domain.loudness.loudness import Blocks, integrated
from dailies.domain.model import Model

WEIGHTS = {"speech": 0.40, "dynamics": 0.20, "scenes": 0.20, "silence": 0.10, "bounds": 0.10}
_FULL_DYNAMICS_LU, _FULL_SCENES_PER_MINUTE = 6.0, 10.0
#: Relative to the whole: quieter is silence to the ear, LU.
_SILENCE_LU = -20.0
#: Loudness below it is all the same: a fade to digital silence is no dynamics.
_FLOOR_LUFS = -60.0
#: Where nothing offers itself a cut is allowed every so often. Seconds.
_FORCED_SECONDS = 5.0
#: Clips that touch would be one clip with a jolt in it. Seconds.
_GAP_SECONDS = 2.0
#: Places to cut are at least so far apart, and no more than so many.
_APART_SECONDS, _MOST_PLACES = 0.5, 10_000


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a source. ``speech`` has, for each second, whether somebody speaks; None without sound.

    ``pauses`` are the middles of short silences, ``scenes`` the first moments of new pictures, in seconds; ``words``,
    where they are known, when each is said, in order, and ``sentences`` the moments between two of them.
    """

    seconds: float
    blocks: Blocks | None
    speech: Sequence[bool] | None
    pauses: Sequence[float]
    scenes: Sequence[float]
    words: Sequence[tuple[float, float]] = ()
    sentences: Sequence[float] = ()


class Clip(Model):
    """Seconds of the source, and why: ``score`` is the sum of the terms' points, as a part of 1."""

    start: float
    end: float
    score: float
    terms: tuple[ScoreTerm, ...]


def find_highlights(evidence: Evidence, count: int, shortest: float, longest: float) -> tuple[Clip, ...]:
    """The ``count`` clips of ``shortest`` to ``longest`` seconds that score best together, in the source's order.

    Fewer where no more fit; none when the source is shorter than ``shortest``. Of equal ones the earlier are taken.
    """
    natural, places = cut_places(evidence, longest - shortest)
    scorer = _Scorer(evidence, natural)
    windows: dict[float, list[tuple[float, float]]] = {}
    for start, end in _windows(places, shortest, longest):
        windows.setdefault(end, []).append((scorer.score(start, end), start))
    return tuple(
        Clip(start=start, end=end, score=round(scorer.score(start, end), 4), terms=scorer.terms(start, end))
        for start, end in _best(places, windows, count)
    )


def _best(
    places: Sequence[float], windows: Mapping[float, Sequence[tuple[float, float]]], count: int
) -> tuple[tuple[float, float], ...]:
    """Up to ``count`` windows that lie apart, with the highest sum of scores: weighted interval scheduling.

    The best one first would often leave gaps beside it that no second fits into.
    """
    nothing: tuple[float, tuple[tuple[float, float], ...]] = (0.0, ())
    # Of the windows that end up to each place, for each number of them.
    table = [[nothing] * (count + 1)]
    for end in places:
        row = list(table[-1])
        for score, start in windows.get(end, ()):
            before = table[bisect_right(places, start - _GAP_SECONDS)]
            for number in range(1, count + 1):
                total = before[number - 1][0] + score
                if total > row[number][0] and len(before[number - 1][1]) == number - 1:
                    row[number] = (total, (*before[number - 1][1], (start, end)))
        table.append(row)
    return max(table[-1], key=lambda found: (len(found[1]), found[0]))[1]


def cut_places(evidence: Evidence, slack: float) -> tuple[list[float], list[float]]:
    """Where a clip may well begin or end (the source's ends, new scenes, between sentences, pauses), and all places
    where it may: none within a word.

    ``slack``: seconds between the shortest and the longest clip, in which each that begins has to find an end.
    """
    apart = max(_APART_SECONDS, evidence.seconds / _MOST_PLACES)
    natural = [0.0, evidence.seconds]
    # Scenes first: a picture that changes just after the cut is worse than a word's tail.
    for wished in [*evidence.scenes, *evidence.sentences, *evidence.pauses]:
        place = _between_words(wished, evidence.words)
        at = bisect_left(natural, place)
        if 0.0 < place < evidence.seconds and place - natural[at - 1] >= apart and natural[at] - place >= apart:
            natural.insert(at, round(place, 3))
    forced = []
    for a, b in pairwise(natural):
        parts = math.ceil((b - a) / max(min(_FORCED_SECONDS, slack), apart))
        forced += [_between_words(round(a + (b - a) * n / parts, 3), evidence.words) for n in range(1, parts)]
    return natural, sorted({*natural, *forced})


def _between_words(place: float, words: Sequence[tuple[float, float]]) -> float:
    """The place, or the nearer end of the word that it lies within."""
    at = bisect_right(words, (place, math.inf)) - 1
    if at < 0 or not words[at][0] < place < words[at][1]:
        return place
    return min(words[at], key=lambda edge: abs(edge - place))


def _windows(places: Sequence[float], shortest: float, longest: float) -> Iterator[tuple[float, float]]:
    for start in places:
        for number in range(bisect_left(places, start + shortest), bisect_right(places, start + longest)):
            yield start, places[number]


class _Scorer:
    """Answers from running sums, so that a window costs the same however long it is."""

    def __init__(self, evidence: Evidence, natural: Sequence[float]) -> None:
        self._natural = set(natural)
        self._scenes = sorted(evidence.scenes)
        self._step = evidence.blocks.step_seconds if evidence.blocks is not None else 0.0
        self._speech = None if evidence.speech is None else [0, *accumulate(evidence.speech)]
        self._levels: list[float] | None = None
        if evidence.blocks is not None:
            loudness = integrated(evidence.blocks)
            silent = _FLOOR_LUFS if loudness is None else loudness + _SILENCE_LU
            levels = [max(lufs, _FLOOR_LUFS) for lufs in evidence.blocks.lufs]
            self._levels = [0.0, *accumulate(levels)]
            self._squares = [0.0, *accumulate(level * level for level in levels)]
            self._silent = [0, *accumulate(level <= silent for level in levels)]
        self._names = [
            name
            for name in WEIGHTS
            if (name != "speech" or self._speech is not None)
            and (name not in ("dynamics", "silence") or self._levels is not None)
        ]
        self._total = sum(WEIGHTS[name] for name in self._names)

    def score(self, start: float, end: float) -> float:
        values = self._values(start, end)
        return sum(WEIGHTS[name] * values[name][0] for name in self._names) / self._total

    def terms(self, start: float, end: float) -> tuple[ScoreTerm, ...]:
        values = self._values(start, end)
        return tuple(
            ScoreTerm(
                name=name,
                measured=values[name][1].format(values[name][2]),
                value=round(values[name][0], 4),
                weight=round(WEIGHTS[name] / self._total, 4),
                points=round(100 * WEIGHTS[name] / self._total * values[name][0], 2),
            )
            for name in self._names
        )

    def _values(self, start: float, end: float) -> dict[str, tuple[float, str, float]]:
        """Name → value, how to say what was measured, and that."""
        found: dict[str, tuple[float, str, float]] = {}
        # The change that the clip begins with is not in it.
        changes = bisect_left(self._scenes, end) - bisect_right(self._scenes, start)
        rate = 60.0 * changes / (end - start)
        found["scenes"] = (min(rate / _FULL_SCENES_PER_MINUTE, 1.0), "{:.1f} changes a minute", rate)
        ends = (start in self._natural) + (end in self._natural)
        found["bounds"] = (ends / 2, "{:.0f} of 2 ends at a pause or a new scene", ends)
        if self._speech is not None:
            part = _mean(self._speech, start, end)
            found["speech"] = (part, "{:.0%} of the seconds have speech", part)
        if self._levels is not None:
            first, last = start / self._step, end / self._step
            mean, square = _mean(self._levels, first, last), _mean(self._squares, first, last)
            deviation = math.sqrt(max(square - mean * mean, 0.0))
            silent = _mean(self._silent, first, last)
            found["dynamics"] = (min(deviation / _FULL_DYNAMICS_LU, 1.0), "loudness varies by {:.1f} LU", deviation)
            found["silence"] = (1.0 - silent, "{:.0%} is silent", silent)
        return found


def _mean(running: Sequence[float], first: float, last: float) -> float:
    """Of the whole items from ``first`` to ``last`` of a running sum; 0 where there are none."""
    begin, end = min(round(first), len(running) - 1), min(round(last), len(running) - 1)
    return (running[end] - running[begin]) / (end - begin) if end > begin else 0.0
