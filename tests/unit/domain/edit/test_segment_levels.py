"""Segments near one another: gains, silence, correction."""

from __future__ import annotations

import pytest

from dailies.domain.edit.segment_levels import corrected, segment_levels, spread_lu
from dailies.domain.loudness.loudness import Blocks

# A minute each at three loudnesses, and a silent one.
SOURCE = Blocks.of([lufs for lufs in (-30.0, -18.0, -24.0, -120.0) for _ in range(600)])
MINUTES = [(1.0, 59.0), (61.0, 119.0), (121.0, 179.0), (181.0, 239.0)]


@pytest.mark.parametrize("most", [0.5, 1.5, 4.0, 40.0])
def test_levelled_segments_lie_within_the_spread(most: float) -> None:
    """With room for what a limiter does to them; a wide spread leaves the programme's own differences."""
    levels = segment_levels(SOURCE, MINUTES[:3], -16.0, most)
    after = [level.loudness_lufs + level.gain_db for level in levels if level.loudness_lufs is not None]
    spread = spread_lu(after)
    assert spread == pytest.approx(min(max(most - 0.5, 0.0), 12.0), abs=0.01)
    assert after[1] >= after[2] >= after[0]


def test_silence_is_passed_through_with_the_reason() -> None:
    levels = segment_levels(SOURCE, [MINUTES[0], MINUTES[3], (0.0, 0.3)], -16.0, 1.5)
    assert [level.gain_db for level in levels[1:]] == [0.0, 0.0]
    assert "silence" in levels[1].reason
    assert "undefined below 0.4 s" in levels[2].reason
    assert levels[0].gain_db == pytest.approx(14.0, abs=0.01)


def test_noise_is_not_raised_to_speech() -> None:
    quiet = Blocks.of([-69.0] * 600)
    [level] = segment_levels(quiet, [(0.0, 60.0)], -16.0, 1.5)
    assert (level.gain_db, level.wanted_lufs) == (0.0, None)


def test_a_spread_that_came_out_too_wide_is_corrected_around_the_common_offset() -> None:
    """The first came out 3 LU low: it alone is moved, and by what it is off against the others."""
    levels = segment_levels(SOURCE, MINUTES[:3], -16.0, 0.5)
    assert corrected(levels, [-16.2, -16.0, -16.1], 0.5) is None
    again = corrected(levels, [-19.0, -16.0, -16.0], 1.5)
    assert again is not None
    moved = [new.gain_db - old.gain_db for new, old in zip(again, levels, strict=True)]
    assert moved == pytest.approx([2.0, -1.0, -1.0], abs=0.05)
    assert moved[0] - moved[1] == pytest.approx(3.0, abs=0.05)


def test_the_spread_of_what_has_a_loudness() -> None:
    assert spread_lu([-16.0, None, -17.5]) == 1.5
    assert spread_lu([-16.0, None]) is None
