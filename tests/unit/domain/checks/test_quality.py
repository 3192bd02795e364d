"""The quality score moves with each of its terms, and only terms that were measured count."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dailies.domain.checks.quality import BANDS_HZ, Loudness, Sound, bandwidth_kept, noise_rise_db, quality_score
from dailies.domain.recipe.recipe import Normalize

TARGET = Normalize(integrated_lufs=-16.0, true_peak_dbtp=-1.0)
MET = Loudness(TARGET, -16.0, -1.3)
SOURCE = Sound(level_dbfs=-26.0, trough_dbfs=-60.0, bands_dbfs=(-45.0, -54.0, -62.0, -70.0), clipped=0.0)


def louder(sound: Sound, gain: float) -> Sound:
    return Sound(
        sound.level_dbfs + gain, sound.trough_dbfs + gain, tuple(b + gain for b in sound.bands_dbfs), sound.clipped
    )


def test_a_perfect_output_scores_100() -> None:
    assert quality_score(MET, SOURCE, louder(SOURCE, 10.0)) == 100


@pytest.mark.parametrize(
    ("loudness", "output"),
    [
        (Loudness(TARGET, -16.5, -1.3), SOURCE),
        (Loudness(TARGET, -16.0, -0.5), SOURCE),
        (MET, replace(SOURCE, clipped=0.0005)),
        (MET, replace(SOURCE, bands_dbfs=(-45.0, -54.0, -90.0, -110.0))),
        (MET, replace(SOURCE, trough_dbfs=-52.0)),
    ],
    ids=["loudness", "true peak", "clipping", "bandwidth", "noise floor"],
)
def test_each_deviation_lowers_the_score(loudness: Loudness, output: Sound) -> None:
    score = quality_score(loudness, SOURCE, output)
    assert score is not None
    assert 50 < score < 98


@pytest.mark.parametrize("clipped", [0.0001, 0.0004, 0.001])
def test_more_is_worse(clipped: float) -> None:
    less, more = (quality_score(MET, SOURCE, replace(SOURCE, clipped=c)) for c in (clipped / 2, clipped))
    assert less is not None
    assert more is not None
    assert more < less


def test_everything_wrong_scores_0() -> None:
    ruined = Sound(level_dbfs=-26.0, trough_dbfs=-30.0, bands_dbfs=(-120.0,) * len(BANDS_HZ), clipped=0.1)
    assert quality_score(Loudness(TARGET, -30.0, 6.0), SOURCE, ruined) == 0


def test_terms_that_were_not_measured_drop_out_with_their_weight() -> None:
    clipped = replace(SOURCE, clipped=1.0)
    assert quality_score(Loudness(), SOURCE, SOURCE) == 100
    assert quality_score(Loudness(), SOURCE, clipped) == round(100 * 35 / 55)
    assert quality_score(MET, SOURCE, clipped) == 80
    assert quality_score(Loudness(TARGET, -17.1, -1.3), None, None) == round(100 * (0.5 * 25 + 20) / 45)
    assert quality_score(Loudness(), None, None) is None
    assert quality_score(Loudness(TARGET), None, SOURCE) is None


def test_a_source_that_clips_itself_is_not_held_against_the_output() -> None:
    clipped = replace(SOURCE, clipped=0.01)
    assert quality_score(MET, clipped, clipped) == 100


def test_bands_that_the_source_lacks_are_not_missed() -> None:
    narrow = replace(SOURCE, bands_dbfs=(-45.0, -100.0, -110.0, -120.0))
    assert bandwidth_kept(narrow, replace(narrow, bands_dbfs=(-45.0, -140.0, -150.0, -160.0))) == 1.0
    assert bandwidth_kept(replace(SOURCE, bands_dbfs=(-120.0,) * 4), SOURCE) is None


def test_noise_below_16_bits_does_not_count() -> None:
    silent = replace(SOURCE, trough_dbfs=float("-inf"))
    assert noise_rise_db(silent, replace(SOURCE, trough_dbfs=-96.0)) == 0.0
    assert noise_rise_db(silent, replace(SOURCE, trough_dbfs=-90.0)) == pytest.approx(6.0)
    assert noise_rise_db(SOURCE, louder(SOURCE, -10.0)) == pytest.approx(0.0)
