"""What is said of speed and time left."""

from __future__ import annotations

import pytest

from dailies.cli.progress_meter import Meter, left_text, speed_text


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_percents_never_fall() -> None:
    """A file that has been read whole is not done; what comes after goes on from there."""
    meter = Meter()
    seen = []
    for done in (0, 50, 100):
        meter.reading(done, 100)
        seen.append(meter.percent)
    for percent in (0, 5, 3, 50, 100):
        meter.processing(percent)
        seen.append(meter.percent)
    assert seen == sorted(seen)
    assert seen[2] < 10
    assert seen[-1] == 100


def test_speed_and_time_left_are_of_the_last_half_minute() -> None:
    """A minute of film, of which a percent takes a second: 0.6 times its own speed."""
    clock = Clock()
    meter = Meter(clock)
    meter.media_seconds = 60.0
    meter.processing(0)
    assert (meter.speed(), meter.seconds_left()) == (None, None)
    for percent in range(1, 51):
        clock.now += 0.1 if percent < 10 else 1.0
        meter.processing(percent)
    assert meter.speed() == pytest.approx(0.57, abs=0.03)
    assert meter.seconds_left() == pytest.approx(50, abs=2)
    clock.now += 10
    assert meter.seconds_left() == pytest.approx(40, abs=2)


def test_a_first_guess_is_not_shown() -> None:
    """It would jump about; a job that is cached to nine tenths has not been that fast."""
    clock = Clock()
    meter = Meter(clock)
    meter.media_seconds = 60.0
    meter.processing(90)
    clock.now += 1
    meter.processing(91)
    assert meter.speed() is None
    clock.now += 9
    meter.processing(92)
    assert meter.seconds_left() == pytest.approx(40, abs=5)


def test_how_they_are_written() -> None:
    """As a player's clock, and as FFmpeg's speed."""
    assert [speed_text(value) for value in (None, 0.251, 3.14, 12.3)] == ["", "0.25×", "3.1×", "12×"]
    assert [left_text(value) for value in (None, 0.4, 12, 75, 3661)] == [
        "", "0:00 left", "0:12 left", "1:15 left", "1:01:01 left",
    ]  # fmt: skip
