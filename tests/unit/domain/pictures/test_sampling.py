"""Which frames a timelapse takes, and how few are decoded for it."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from dailies.domain.pictures.sampling import SLACK_SECONDS, Packet, disposed, plan_sampling, plan_tiles


def film(frames: int, gop: int, rate: float = 30.0, disposable_every: int = 0) -> list[Packet]:
    return [
        Packet(n / rate, n % gop == 0, bool(disposable_every) and n % gop != 0 and n % disposable_every == 0)
        for n in range(frames)
    ]


@pytest.mark.parametrize(
    ("packets", "decode", "decoded"),
    [
        (film(18_000, 30), "keyframes", 600),
        (film(18_000, 250), "full", 18_000),
        (film(18_000, 250, disposable_every=2), "reference", 9_072),
    ],
)
def test_ten_minutes_to_twenty_seconds_decode_what_is_needed(packets: list[Packet], decode: str, decoded: int) -> None:
    """Keyframes when one comes every second, else those that are referred to, else all; always 600 frames."""
    found = plan_sampling(packets, 20.0, None, 30)
    assert (found.decode, found.frames, found.rate) == (decode, 600, "30/1")
    assert found.seconds == 20.0
    assert abs(found.decoded_frames - decoded) <= 72  # keyframes among the even frames


@pytest.mark.parametrize(
    ("packets", "decode", "decoded"),
    [
        (film(18_000, 10), "picked", 600),
        (film(18_000, 16), "keyframes", 1125),
        # Two frames that are shown before the first that the file has.
        (
            [*(Packet(seconds, True, disposable=False) for seconds in (0.2, 0.0, 0.1)), *film(18_000, 10)[9:]],
            "keyframes",
            1802,
        ),
        ([Packet(0.0, False, disposable=False), *film(18_000, 10)[1:]], "keyframes", 1799),
    ],
)
def test_single_keyframes_are_picked_where_that_saves_much(packets: list[Packet], decode: str, decoded: int) -> None:
    """Every second one at most, of a file that begins with the keyframe that is shown first."""
    found = plan_sampling(packets, 20.0, None, 30, picking=True)
    assert (found.decode, found.frames, found.decoded_frames) == (decode, 600, decoded)


def test_a_source_with_too_few_frames_gives_all_at_a_lower_rate() -> None:
    """100 frames can't be 150 different ones: the length asked for stays, the rate falls."""
    found = plan_sampling(film(100, 1, rate=10), 5.0, None, 30)
    assert (found.frames, found.rate, found.seconds) == (100, "20/1", 5.0)


def test_speed_and_duration_mean_the_same() -> None:
    """Sixty times as fast as a minute is a second."""
    assert plan_sampling(film(1800, 30), None, 60.0, 30) == plan_sampling(film(1800, 30), 1.0, None, 30)


@given(
    st.lists(st.floats(0.005, 3), min_size=2, max_size=200),
    st.integers(1, 60),
    st.floats(0.1, 20),
    st.integers(1, 12),
)
def test_each_moment_has_a_picture_that_is_not_older_than_an_interval(
    steps: list[float], fps: int, seconds: float, gop: int
) -> None:
    """For any spacing of frames: as many moments as the film has room for, and what isn't decoded isn't missed."""
    times = [sum(steps[:n]) for n in range(len(steps))]
    packets = [Packet(time, n % gop == 0, disposable=False) for n, time in enumerate(times)]
    found = plan_sampling(packets, seconds, None, fps, end=times[-1] + 1)
    assert abs(found.seconds - seconds) <= max(1 / fps, 0.02 * seconds)
    assert found.interval_seconds * found.frames == pytest.approx(times[-1] + 1 - found.start, abs=1e-3)
    kept = [p.seconds for p in packets if p.keyframe or found.decode != "keyframes"]
    for n in range(found.frames):
        moment = found.start + n * found.interval_seconds + SLACK_SECONDS
        shown = max(time for time in kept if time <= moment)
        assert shown >= max(time for time in times if time <= moment) - found.interval_seconds - SLACK_SECONDS


def test_a_still_gets_its_share_of_a_timelapse() -> None:
    """Two seconds that move, eight that don't, as slides: no frame is passed over, and the rate stays."""
    packets = [Packet(n / 30, True, disposable=False) for n in range(60)]
    found = plan_sampling(packets, 5.0, None, 30, end=10.0)
    assert (found.frames, found.rate, found.decode) == (150, "30/1", "full")
    assert found.interval_seconds == pytest.approx(10 / 150)
    slides = [Packet(at, True, disposable=False) for at in (0.0, 1.0, 2.0, 28.0)]
    assert plan_sampling(slides, 3.0, None, 10, end=30.0).frames == 30


@pytest.mark.parametrize(
    ("interval", "count", "frames", "decode"),
    [
        (2.0, None, 30, "keyframes"),
        (7.0, None, 9, "keyframes"),
        (0.5, None, 120, "full"),
        (None, 12, 12, "keyframes"),
        (None, None, 60, "keyframes"),
        (None, 2000, 1800, "full"),
        (0.01, None, 1800, "full"),
    ],
)
def test_tiles_come_by_interval_or_by_count(
    interval: float | None, count: int | None, frames: int, decode: str
) -> None:
    """A minute at 30 frames a second with a keyframe each second; never more tiles than frames."""
    found = plan_tiles(film(1800, 30), interval, count)
    assert (found.frames, found.decode) == (frames, decode)
    assert found.interval_seconds * found.frames >= 60 - 1e-6
    assert found.interval_seconds * (found.frames - 1) < 60


def test_slides_have_tiles_at_the_interval_asked_for() -> None:
    """More than there are frames; none begins at the end, or in the blink by which the sound is longer."""
    slides = [Packet(0.021 + n * 5, True, disposable=False) for n in range(6)]
    assert plan_tiles(slides, 2.5, None, end=30.03).frames == 12
    found = plan_tiles(slides, 2.5, None, end=30.0)
    assert (found.start, found.frames, found.interval_seconds) == (0.0, 12, 2.5)
    assert plan_tiles(slides, None, 20, end=30.0).interval_seconds == 1.5
    held = [*film(60, 1), Packet(8.0, True, disposable=False)]
    assert plan_tiles(held, 1.0, None, end=8.033).frames == 8


def test_a_single_frame_is_one_tile() -> None:
    """Whatever was asked."""
    assert plan_tiles(film(1, 1), 0.1, None).frames == 1
    assert plan_tiles(film(1, 1), None, 50).frames == 1


def test_frames_that_nothing_refers_to_are_left_out_once_they_are_known() -> None:
    """MP4 marks none: what the frames say of themselves halves the decoding."""
    packets = film(1800, 300)
    assert plan_sampling(packets, 2.0, None, 30).decode == "full"
    found = plan_sampling(disposed(packets, {packet.seconds for packet in packets[::2]}), 2.0, None, 30)
    assert (found.decode, found.decoded_frames, found.frames) == ("reference", 900, 60)
