"""From excerpts heard through a limiter to the loudness of the whole."""

from __future__ import annotations

import math
import random

import pytest

from dailies.domain.loudness.excerpts import for_level
from dailies.domain.loudness.extrapolation import Estimate, Extrapolation
from dailies.domain.loudness.level_search import TOLERANCE_LU, TRUSTED_LU
from dailies.domain.loudness.loudness import Blocks, integrated
from dailies.domain.source.audio_selection import Window

GAIN_DB = 10.0


def speech(seed: int, minutes: float = 10.0) -> list[float]:
    """Momentary loudness that wanders over 20 LU, with pauses."""
    chance = random.Random(seed)
    lufs, now = [], -30.0
    for _ in range(round(minutes * 600)):
        now = min(-18.0, max(-45.0, now + chance.gauss(0, 1.5)))
        lufs.append(now if chance.random() > 0.1 else -65.0)
    return lufs


def limited(lufs: float, chance: random.Random, scatter: float) -> float:
    """A gain, and a limiter that takes the more the louder it gets, never quite the same."""
    after = lufs + GAIN_DB
    return after - 0.4 * max(after + 16.0, 0.0) * (1 + scatter * chance.uniform(-1, 1))


def heard(lufs: list[float], excerpts: tuple[Window, ...]) -> Blocks:
    """Those blocks of a programme that the excerpts joined would have; three more span each seam."""
    joined: list[float] = []
    for excerpt in excerpts:
        first, length = round(excerpt.start * 10), round(((excerpt.end or 0) - excerpt.start) * 10)
        joined += lufs[first : first + length - 3] + [-30.0] * 3
    return Blocks.of(joined)


def estimated(seed: int, scatter: float, shift: int = 0) -> tuple[Estimate, float]:
    """The estimate, and how far it is off."""
    before, chance = speech(seed), random.Random(seed + 1)
    after = [limited(x, chance, scatter) for x in before]
    excerpts = for_level(Blocks.of(before), Window()).windows
    found = Extrapolation(Blocks.of(before), Window(), excerpts).estimate(
        heard(after[shift:] + after[:shift], excerpts), GAIN_DB
    )
    truth = integrated(Blocks.of(after))
    assert truth is not None
    return found, found.loudness_lufs - truth


@pytest.mark.parametrize("scatter", [0.0, 0.3, 0.8])
def test_the_estimate_is_as_good_as_it_says(scatter: float) -> None:
    """Over twenty programmes the error is of the size that is claimed; what is trusted is within tolerance."""
    found = [estimated(seed, scatter) for seed in range(20)]
    actual = math.sqrt(sum(off**2 for _, off in found) / len(found))
    claimed = math.sqrt(sum(estimate.error_lu**2 for estimate, _ in found) / len(found))
    # Blocks that only touch the excerpts' seams are a part of the error that leaving excerpts out can't show.
    assert actual < 1.2 * claimed + 0.02
    trusted = [abs(off) for estimate, off in found if estimate.error_lu <= TRUSTED_LU]
    assert max(trusted) <= TOLERANCE_LU


def test_excerpts_of_other_places_are_not_trusted() -> None:
    """A file that can't be sought in gives other seconds than were asked for: no limiter makes a sound louder."""
    estimate, _ = estimated(1, 0.3, shift=200)
    assert estimate.error_lu == math.inf
