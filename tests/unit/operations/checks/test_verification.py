"""What a certificate says of loudness that is not what was asked for."""

from __future__ import annotations

import math

import pytest

from dailies.domain.loudness.level import Heard, Level
from dailies.domain.loudness.loudness import Blocks
from dailies.domain.recipe.recipe import Normalize
from dailies.domain.source.media_info import MediaInfo
from dailies.operations.checks.inspection import Verification
from dailies.operations.checks.verification import loudness_checks

UNCHANGED = Level(mode="unchanged", reason="passed through unchanged: -5 LUFS can't be reached")


def verified(lufs: float, peak: float) -> Verification:
    info = MediaInfo(container="mp3", duration_seconds=10, duration_from="header", size_bytes=1)
    blocks = Blocks.of([lufs] * 100, 0.1)
    return Verification(info, Heard(blocks=blocks, sample_peak_dbfs=peak, true_peak_dbtp=peak), "0" * 64)


@pytest.mark.parametrize("level", [UNCHANGED, Level(mode="limited", reason="")], ids=["unchanged", "limited"])
def test_a_missed_loudness_is_always_a_check(level: Level) -> None:
    """Sound that was passed through unchanged fails it as well, and is handed over all the same."""
    loudness, peak = loudness_checks(verified(-12.4, -0.5), level, Normalize(integrated_lufs=-5))
    assert (loudness.measured, loudness.passed) == ("-12.40 LUFS", False)
    assert not peak.passed
    assert loudness.advisory == peak.advisory == (level is UNCHANGED)


def test_silence_has_no_loudness_and_no_peak() -> None:
    """It misses its target, which is a note."""
    loudness, peak = loudness_checks(verified(-120.0, -math.inf), UNCHANGED, Normalize())
    assert (loudness.measured, loudness.passed, loudness.advisory) == ("none: silent, or under 0.4 s", False, True)
    assert (peak.measured, peak.passed) == ("silence", True)


def test_dual_mono_is_three_lu_louder_in_mono_only() -> None:
    """The file measures 3 LU less by itself, and the certificate says both the figure that was asked for and why."""
    wish = Normalize(integrated_lufs=-16, dual_mono=True)
    target = wish.measured_in(1)
    assert target.integrated_lufs == pytest.approx(-19.01)
    loudness, _ = loudness_checks(verified(-19.0, -6.0), Level(mode="linear", reason=""), target)
    assert (loudness.expected, loudness.measured) == ("-16 LUFS ± 0.1, as dual mono", "-15.99 LUFS")
    assert loudness.passed
    assert wish.measured_in(2) == Normalize(integrated_lufs=-16)
    assert Normalize().measured_in(1) == Normalize()
