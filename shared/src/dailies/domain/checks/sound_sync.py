"""How far a film's sound is from its source's, at many points along the film: by what is loud when. Pure.

A point is a short window. The levels of the source in it are held against the film's a little earlier and later; where
they are most alike, the sound is. A point tells nothing where hardly anything changes: silence, a tone, a steady noise.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dailies.domain.source.audio_selection import Window

#: Of the source, at one point; how much earlier and later it is looked for in the film; s.
WINDOW_SECONDS, REACH_SECONDS = 1.6, 0.4
#: One point in so many seconds of film, and no more points than these.
_SPACING_SECONDS, _MOST_POINTS = 7.5, 32
#: Between two levels that are held against each other, and the fineness of what is found, s.
_STEP_SECONDS, _FINE_SECONDS = 0.02, 0.004
#: Below the loudest of a window everything counts as silence, dB: codecs smear a beginning over what is before it.
_DEPTH_DB = 30.0
#: Levels that vary by less (standard deviation, dB) show no place in time.
_LEAST_CHANGE_DB = 1.5
#: How alike levels are (correlation) where they are the same sound, and by how much more than where they should be.
_ALIKE, _CLEARLY = 0.85, 0.1
_LEAST_WINDOW_SECONDS = 0.6


@dataclass(frozen=True, slots=True)
class Point:
    """``seconds`` of source from ``source`` on ought to sound from ``film`` on, seconds of either's clock."""

    source: float
    film: float
    seconds: float = WINDOW_SECONDS

    @property
    def of_source(self) -> Window:
        return Window(start=self.source, end=self.source + self.seconds)

    @property
    def of_film(self) -> Window:
        """With what is looked through before and behind it."""
        return Window(start=max(0.0, self.film - REACH_SECONDS), end=self.film + self.seconds + REACH_SECONDS)


@dataclass(frozen=True, slots=True)
class Levels:
    """Peak levels, dB, each of a few hundredths of a second, and when those begin, s, in order."""

    times: Sequence[float]
    decibels: Sequence[float]

    @classmethod
    def of(cls, found: Iterable[tuple[float, float]]) -> Levels:
        ordered = sorted(found)
        return cls([moment for moment, _ in ordered], [level for _, level in ordered])

    def at(self, moments: Sequence[float]) -> list[float]:
        """Between the two nearest of each moment; none where there are none."""
        return [self._at(moment) for moment in moments] if self.times else []

    def _at(self, moment: float) -> float:
        place = bisect_left(self.times, moment)
        if place == 0 or place == len(self.times):
            return self.decibels[min(place, len(self.times) - 1)]
        before, behind = self.times[place - 1], self.times[place]
        part = (moment - before) / (behind - before)
        return self.decibels[place - 1] * (1.0 - part) + self.decibels[place] * part


NO_LEVELS = Levels((), ())


def points_along(seconds: float, *, source: float = 0.0, film: float = 0.0, most: int = _MOST_POINTS) -> list[Point]:
    """Points evenly along ``seconds`` of film, the first at its beginning, the last at its end."""
    length = min(WINDOW_SECONDS, seconds)
    if length < _LEAST_WINDOW_SECONDS:
        return []
    count = min(most, 1 + math.floor((seconds - length) / _SPACING_SECONDS + 0.999))
    step = (seconds - length) / (count - 1) if count > 1 else 0.0
    return [Point(source + number * step, film + number * step, length) for number in range(count)]


def offset_at(point: Point, source: Levels, film: Levels, tolerance: float) -> float | None:
    """How much later than it should the sound of ``point`` is in the film, s; None where it doesn't tell.

    More than ``tolerance`` only where the sound is there and clearly isn't where it should be.
    """
    count = int(point.seconds / _STEP_SECONDS) - 1
    places = [(number + 0.5) * _STEP_SECONDS for number in range(count)]
    wanted = _floored(source.at([point.source + place for place in places]))
    if not wanted or _spread(wanted) < _LEAST_CHANGE_DB:
        return None

    def likeness(offset: float) -> float:
        return _correlation(wanted, _floored(film.at([point.film + offset + place for place in places])))

    coarse = round(REACH_SECONDS / _STEP_SECONDS)
    moments = [point.film + (number + 0.5) * _STEP_SECONDS for number in range(-coarse, count + coarse)]
    around = film.at(moments)
    tried = {
        number: _correlation(wanted, _floored(around[coarse + number : coarse + number + count]))
        for number in range(-coarse, coarse + 1)
        if around
    }
    best = max(tried, key=lambda number: (tried[number], -abs(number)), default=0)
    if not tried or tried[best] < _ALIKE:
        return None
    # What repeats, a beat, is as much alike a little later: a peak where it should be counts, a slope towards another
    # doesn't.
    peaks = [n for n in range(1 - coarse, coarse) if tried[n] >= max(tried[n - 1], tried[n + 1])]
    near = [n for n in peaks if abs(n) * _STEP_SECONDS <= tolerance and tried[n] > tried[best] - _CLEARLY]
    if near:
        best = max(near, key=tried.__getitem__)
    steps = round(_STEP_SECONDS / _FINE_SECONDS)
    fine = [best * _STEP_SECONDS + number * _FINE_SECONDS for number in range(1 - steps, steps)]
    return max(fine, key=lambda offset: (likeness(offset), -abs(offset)))


def _floored(levels: Sequence[float]) -> list[float]:
    floor = max(levels, default=0.0) - _DEPTH_DB
    return [max(level, floor) for level in levels]


def _spread(values: Sequence[float]) -> float:
    """The standard deviation; the library's module takes 20 ms to import."""
    mean = sum(values) / len(values)
    return math.sqrt(sum((value - mean) ** 2 for value in values) / len(values))


def _correlation(one: Sequence[float], other: Sequence[float]) -> float:
    if len(one) != len(other) or not one:
        return 0.0
    mean, other_mean = sum(one) / len(one), sum(other) / len(other)
    product = squares = other_squares = 0.0
    for a, b in zip(one, other, strict=True):
        first, second = a - mean, b - other_mean
        product += first * second
        squares += first * first
        other_squares += second * second
    return product / math.sqrt(squares * other_squares) if squares > 0 and other_squares > 0 else 0.0
