"""Where a film's sound is against its source's, found by what is loud when."""

from __future__ import annotations

import random

import pytest

from dailies.domain.checks.sound_sync import NO_LEVELS, Levels, Point, offset_at, points_along

TOLERANCE = 0.04


def speech(seed: int, *, late: float = 0.0, gain: float = 0.0, noise: float = 0.0, phase: float = 0.0) -> Levels:
    """Syllables and pauses of 8 s, so much later; levels come every 21 ms, from ``phase`` on."""
    syllables = random.Random(seed)
    wild = random.Random(seed + 1)
    ends: list[tuple[float, float]] = []
    moment = 0.0
    while moment < 8:
        moment += syllables.uniform(0.05, 0.3)
        ends.append((moment, syllables.uniform(-50, -6)))
    times = [phase + number * 1024 / 48_000 for number in range(360)]
    levels = [next((level for end, level in ends if time - late < end), -60.0) for time in times]
    return Levels(times, [level + gain + wild.uniform(-noise, noise) for level in levels])


@pytest.mark.parametrize("late", [-0.3, -0.1, -0.064, 0.0, 0.02, 0.1, 0.35])
@pytest.mark.parametrize("seed", range(4))
def test_an_offset_is_found_to_a_hundredth_of_a_second(late: float, seed: int) -> None:
    """Whatever the gain and a codec's noise, and wherever between the source's levels the film's come."""
    film = speech(seed, late=late, gain=9, noise=1.5, phase=0.013)
    found = offset_at(Point(3, 3), speech(seed), film, TOLERANCE)
    assert found == pytest.approx(late, abs=0.012)


def test_clocks_may_differ() -> None:
    """A film that begins three seconds into its source."""
    source = speech(7)
    film = Levels([time - 3 for time in source.times], source.decibels)
    assert offset_at(Point(4, 1), source, film, TOLERANCE) == pytest.approx(0, abs=0.002)


@pytest.mark.parametrize(
    ("source", "film"),
    [
        (NO_LEVELS, speech(1)),
        (speech(1), NO_LEVELS),
        (Levels([0, 10], [-20, -20]), speech(1)),
        (speech(1), Levels([0, 10], [-20, -20])),
        (speech(1), speech(2)),
    ],
    ids=["no source", "no film", "a tone", "became a tone", "another sound"],
)
def test_what_tells_no_time_tells_none(source: Levels, film: Levels) -> None:
    """Rather than a wrong one."""
    assert offset_at(Point(3, 3), source, film, TOLERANCE) is None


def test_what_repeats_is_where_it_should_be_if_it_may_be_there() -> None:
    """A beat every 200 ms is as much alike one beat later."""
    times = [number * 0.02 for number in range(400)]
    beat = Levels(times, [-6 - 3 * (number % 10) for number in range(400)])
    assert offset_at(Point(3, 3), beat, beat, TOLERANCE) == 0


@pytest.mark.parametrize(("seconds", "count"), [(0.3, 0), (1.0, 1), (1.6, 1), (2.0, 2), (60.0, 9), (7200.0, 32)])
def test_points_are_evenly_along_a_film(seconds: float, count: int) -> None:
    """From its first window to its last."""
    points = points_along(seconds, source=5.0)
    assert len(points) == count
    if count:
        assert (points[0].source, points[0].film) == (5.0, 0.0)
        assert points[-1].film + points[-1].seconds == pytest.approx(seconds)
