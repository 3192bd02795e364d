"""Which stretches stand for a programme."""

from __future__ import annotations

from hypothesis import given, strategies as st

from dailies.domain.loudness.excerpts import (
    LEVEL_COUNTS,
    LEVEL_SECONDS,
    PILOT_COUNT,
    WHOLE_SECONDS,
    for_level,
    for_pilot,
    for_quality,
)
from dailies.domain.loudness.loudness import Blocks
from dailies.domain.source.audio_selection import Window


def test_a_short_window_is_its_own_excerpt() -> None:
    excerpts = for_level(Blocks.of([-20.0] * 3000), Window(start=10.0, end=10.0 + WHOLE_SECONDS))
    assert excerpts.covered
    assert excerpts.windows == (Window(start=10.0, end=10.0 + WHOLE_SECONDS),)


def test_a_short_source_is_heard_to_its_last_step() -> None:
    excerpts = for_level(Blocks.of([-20.0] * 7), Window())
    assert excerpts.covered
    assert excerpts.windows[0].end == 1.1


def test_excerpts_are_drawn_by_power() -> None:
    """Nine quiet minutes and a loud one 20 dB over them: most excerpts are of the loud one."""
    blocks = Blocks.of([-40.0] * 2700 + [-20.0] * 600 + [-40.0] * 2700)
    windows = for_level(blocks, Window()).windows
    assert len(windows) == LEVEL_COUNTS[1]
    assert sum(265 < w.start < 335 for w in windows) >= 0.9 * LEVEL_COUNTS[1]


def test_a_longer_programme_has_more_excerpts_and_then_longer_ones() -> None:
    """12 of 4 s for two minutes, 24 from ten minutes on, of 8 s for an hour and more."""
    drawn = [for_level(Blocks.of([-20.0] * round(600 * minutes)), Window()).windows for minutes in (2, 10, 60, 180)]
    assert [len(windows) for windows in drawn] == [12, 24, 24, 24]
    lengths = [round((w.end or 0) - w.start, 1) for windows in drawn for w in windows[:1]]
    assert lengths == [LEVEL_SECONDS[0], LEVEL_SECONDS[0], LEVEL_SECONDS[1], LEVEL_SECONDS[1]]


def test_a_pilot_encodes_every_so_many_of_them() -> None:
    windows = for_level(Blocks.of([-20.0] * 36000), Window()).windows
    assert for_pilot(windows) == windows[::3]
    assert len(for_pilot(windows)) == PILOT_COUNT
    assert for_pilot(windows[:1]) == windows[:1]


@given(st.lists(st.floats(-120, 0), min_size=1, max_size=9), st.floats(0, 5), st.floats(0, 5))
def test_excerpts_stay_inside_the_window(lufs: list[float], start: float, before_end: float) -> None:
    blocks = Blocks.of(x for x in lufs for _ in range(800 // len(lufs)))
    window = Window(start=start, end=blocks.seconds - before_end)
    assert window.end is not None
    for excerpts, length in (
        (for_level(blocks, window).windows, LEVEL_SECONDS[0]),
        (for_quality(window, 90, blocks), 2),
    ):
        for excerpt in excerpts:
            assert excerpt.end is not None
            assert window.start - 1e-3 <= excerpt.start < excerpt.end <= window.end + 1e-3
            assert len(excerpts) == 1 or abs(excerpt.end - excerpt.start - length) < 0.01


def test_quality_listens_to_the_loudest_the_quietest_and_the_middle() -> None:
    lufs = [-30.0] * 900
    lufs[100:130] = [-10.0] * 30
    lufs[700:730] = [-50.0] * 30
    windows = for_quality(Window(), 90.3, Blocks.of(lufs))
    assert [round(w.start) for w in windows] == [11, 44, 70]


def test_quality_without_blocks_listens_at_sixths() -> None:
    assert [w.start for w in for_quality(Window(), 60.0)] == [9.0, 29.0, 49.0]
    assert for_quality(Window(start=1.0, end=4.0), 60.0) == (Window(start=1.0, end=4.0),)


def test_silence_has_no_loudest_stretch() -> None:
    assert for_quality(Window(), 60.0, Blocks.of([-120.0] * 597)) == for_quality(Window(), 60.0)


def test_the_middle_is_heard_once_when_it_is_the_loudest_as_well() -> None:
    """Two equal windows are one, and the inputs of one graph differ."""
    lufs = [-30.0] * 597
    lufs[290:310] = [-10.0] * 20
    windows = for_quality(Window(), 60.0, Blocks.of(lufs))
    assert len(windows) == len(set(windows)) == 2
