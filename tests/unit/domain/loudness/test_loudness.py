"""Loudness arithmetic on momentary blocks, against values worked out by hand and the standards' own examples."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, strategies as st

from dailies.domain.loudness.loudness import Blocks, gated, integrated, loudness_range, powers


def tone(*parts: tuple[float, float]) -> Blocks:
    """Blocks of a programme of (LUFS, seconds) parts, as a meter sees them: a block across a change is a mixture."""
    steps = [10 ** (lufs / 10) for lufs, seconds in parts for _ in range(round(seconds * 10))]
    return Blocks.of(10 * math.log10(sum(steps[n : n + 4]) / 4) for n in range(len(steps) - 3))


def test_a_steady_programme_is_as_loud_as_its_blocks() -> None:
    assert integrated(tone((-23.0, 20))) == pytest.approx(-23.0, abs=1e-4)


def test_the_relative_gate_drops_what_is_10_lu_below() -> None:
    """EBU Tech 3341, case 3: −36, −23 and −36 LUFS for 10, 60 and 10 s measure −23."""
    assert integrated(tone((-36, 10), (-23, 60), (-36, 10))) == pytest.approx(-23.0, abs=0.1)


def test_the_absolute_gate_drops_silence() -> None:
    """EBU Tech 3341, case 4: −72, −36, −23, −36 and −72 LUFS measure −23."""
    blocks = tone((-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10))
    assert integrated(blocks) == pytest.approx(-23.0, abs=0.1)


def test_parts_within_the_gate_are_averaged_as_power() -> None:
    """EBU Tech 3341, case 5: −26, −20 and −26 LUFS for 20, 20.1 and 20 s measure −23."""
    assert integrated(tone((-26, 20), (-20, 20.1), (-26, 20))) == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize(
    "blocks",
    [Blocks.of([]), Blocks.of([-120.691] * 50), Blocks.of([-math.inf, math.nan, -70.0])],
    ids=["too short", "silent", "not numbers"],
)
def test_loudness_is_undefined_without_an_audible_block(blocks: Blocks) -> None:
    assert integrated(blocks) is None
    assert loudness_range(blocks) is None


def test_a_segment_shorter_than_a_block_is_undefined() -> None:
    assert integrated(tone((-20, 10)), 3.0, 3.39) is None
    assert integrated(tone((-20, 10)), 3.0, 3.4) == pytest.approx(-20)


def test_a_segment_on_the_grid_is_exactly_its_own_blocks() -> None:
    blocks = tone((-30, 5), (-20, 5), (-30, 5))
    assert integrated(blocks, 5.0, 10.0) == pytest.approx(-20.0, abs=1e-6)
    assert len(powers(blocks, 5.0, 10.0)) == 47


def test_a_segment_off_the_grid_is_interpolated() -> None:
    """Exact while power changes evenly, between its neighbours anywhere else."""
    ramp = Blocks.of(10 * math.log10(1 + n) for n in range(60))
    assert powers(ramp, 2.05, 4.05) == pytest.approx([21.5 + n for n in range(17)], rel=1e-5)
    steep = Blocks.of([-120.0] * 10 + [-10.0] * 10)
    assert all(0 <= power <= 0.12 for power in powers(steep, 0.33, 1.93))


def test_a_segment_to_the_end_takes_every_block_that_is_left() -> None:
    blocks = tone((-20, 10))
    assert len(powers(blocks, 4.0)) == 57
    assert len(powers(blocks, 4.0, 10.0)) == 57
    assert len(powers(blocks, 4.05, 10.05)) == 57, "the last block stands in where nothing was recorded after it"
    assert powers(blocks, 11.0) == []


def test_an_uneven_step_keeps_time_over_hours() -> None:
    """11,025 Hz has steps of 1102 samples: after two hours the grid is 33 steps ahead of tenths of a second."""
    step = 1102 / 11025
    blocks = Blocks.of([-20.0 if n * step < 7000 else -40.0 for n in range(72_033)], step)
    assert blocks.seconds == pytest.approx(7200, abs=0.5)
    assert integrated(blocks, 7000.1, 7200) == pytest.approx(-40, abs=0.01)


@given(st.lists(st.floats(-90, 0), min_size=1, max_size=60), st.floats(-20, 20))
def test_gain_moves_loudness_by_as_much(lufs: list[float], gain: float) -> None:
    """As long as no block crosses the absolute gate."""
    audible = [x for x in lufs if min(x, x + gain) > -69.9]
    before, after = gated([10 ** (x / 10) for x in audible]), gated([10 ** ((x + gain) / 10) for x in audible])
    if before is None or after is None:
        assert not audible
    else:
        assert after == pytest.approx(before + gain, abs=1e-6)


@given(st.lists(st.floats(-150, 10, width=32), max_size=100))
def test_blocks_survive_storage(lufs: list[float]) -> None:
    blocks = Blocks.of(lufs, 0.09995)
    assert Blocks.from_bytes(blocks.to_bytes(), 0.09995) == blocks
    assert len(blocks.to_bytes()) == 4 * len(lufs)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([(-20, 20), (-30, 20)], 10),
        ([(-20, 20), (-15, 20)], 5),
        ([(-40, 20), (-20, 20)], 20),
        ([(-50, 20), (-35, 20), (-20, 20), (-35, 20), (-50, 20)], 15),
    ],
)
def test_loudness_range_of_the_standards_examples(parts: list[tuple[float, float]], expected: float) -> None:
    """EBU Tech 3342, section 5, cases 1 to 4: ±1 LU."""
    assert loudness_range(tone(*parts)) == pytest.approx(expected, abs=1)


def test_loudness_range_needs_three_seconds() -> None:
    assert loudness_range(tone((-20, 2.9))) is None
    assert loudness_range(tone((-20, 3.0))) == pytest.approx(0)
