"""The search for a level."""

from __future__ import annotations

import pytest

from dailies.domain.loudness.codec_effects import CodecEffect, codec_effect
from dailies.domain.loudness.level import Material
from dailies.domain.loudness.level_search import limited_reason
from dailies.domain.loudness.levelling import Level, find_level
from dailies.domain.loudness.loss_curve import LossCurve
from dailies.domain.loudness.loudness import Blocks
from dailies.domain.recipe.recipe import Normalize
from dailies.domain.source.audio_selection import Window
from tests.unit.domain.studio import AAC, PCM, TARGET, Studio, error_of, speech


def test_a_lossless_output_far_below_the_ceiling_is_arithmetic() -> None:
    studio = Studio([-30.0] * 600, crest=6.0)
    level = find_level(studio.material(), TARGET, PCM, studio)
    assert (level.mode, level.limiter_ceiling_dbfs) == ("linear", None)
    assert level.gain_db == pytest.approx(14.0)
    assert studio.asked == []


def test_near_the_ceiling_a_lossless_output_measures_true_peak_before_it_decides() -> None:
    fits, passes = (Studio([-30.0] * 600, crest=14.0, intersample=over) for over in (0.5, 2.0))
    assert find_level(fits.material(), TARGET, PCM, fits).mode == "linear"
    assert fits.asked == ["whole"]
    assert find_level(passes.material(), TARGET, PCM, passes).mode == "limited"


def test_a_lossy_linear_output_makes_up_for_what_the_codec_takes() -> None:
    studio = Studio([-30.0] * 1200, crest=8.0, shift=-0.42)
    level = find_level(studio.material(), TARGET, codec_effect("mp3", 192_000, 2), studio)
    assert level.mode == "linear"
    assert level.gain_db == pytest.approx(14.42)
    assert studio.asked == ["excerpts", "pilot"]


def test_a_pilot_far_from_its_prior_is_made_again_at_the_new_gain() -> None:
    studio = Studio([-30.0] * 3200, crest=3.0, shift=-2.5)
    assert find_level(studio.material(), TARGET, AAC, studio).gain_db == pytest.approx(16.5)
    assert studio.asked.count("pilot") == 2


@pytest.mark.parametrize("seconds", [2, 20, 300])
@pytest.mark.parametrize("effect", [PCM, AAC], ids=["pcm", "aac"])
def test_peaky_programmes_are_limited_and_land_on_target(seconds: int, effect: CodecEffect) -> None:
    studio = Studio(speech(seconds), crest=14.0, shift=-0.1, overshoot=0.6)
    if effect is PCM:
        studio.shift = studio.overshoot = 0.0
    level = find_level(studio.material(), TARGET, effect, studio)
    encoded = studio.encode(level)
    assert level.mode == "limited"
    assert level.reachable
    assert error_of(encoded) < 0.05
    assert encoded.true_peak_dbtp is not None
    assert encoded.true_peak_dbtp <= TARGET.true_peak_dbtp
    assert studio.asked.count("whole") <= 2


def test_a_peak_outside_the_window_does_not_bring_in_a_limiter() -> None:
    """The measured peak is the whole track's; the window's is heard when it matters."""
    lufs = [-30.0] * 600
    lufs[10] = -5.0
    studio = Studio(lufs, crest=6.0)
    level = find_level(studio.material(Window(start=10.0, end=50.0)), TARGET, PCM, studio)
    assert (level.mode, level.limiter_ceiling_dbfs) == ("linear", None)
    assert level.gain_db == pytest.approx(14.0, abs=0.01)


@pytest.mark.parametrize(
    ("lufs", "reason"),
    [([], "0.4 s"), ([-90.0] * 50, "silence"), ([-66.0] * 50, "too quiet")],
    ids=["short", "silent", "too quiet"],
)
def test_what_has_no_usable_loudness_is_passed_through(lufs: list[float], reason: str) -> None:
    studio = Studio(lufs or [-20.0])
    material = Material(Blocks.of(lufs), Window(), -50.0, (), covered=True)
    level = find_level(material, TARGET, PCM, studio)
    assert (level.mode, level.gain_db, level.limiter_ceiling_dbfs) == ("unchanged", 0.0, None)
    assert reason in level.reason


def test_a_target_that_only_crushing_would_meet_is_refused_with_the_fix() -> None:
    studio = Studio([-30.0] * 600, crest=30.0)
    level = find_level(studio.material(), Normalize(integrated_lufs=-5, true_peak_dbtp=-9), PCM, studio)
    assert not level.reachable
    assert "lower loudness" in level.reason


def test_levels_survive_storage() -> None:
    level = Level(mode="limited", gain_db=1.5, limiter_ceiling_dbfs=-2.0, reason="why", predicted_lufs=-16.0)
    assert Level.model_validate_json(level.model_dump_json()) == level


def test_a_loss_curve_is_flat_to_its_onset_and_rises_behind() -> None:
    curve = LossCurve(onset_db=3.0)
    assert (curve.loss(0.0), curve.slope(0.0)) == (0.0, 1.0)
    curve.add(5.0, 0.5)
    assert curve.slope(5.0) == pytest.approx(0.75)
    assert curve.loss(6.0) == pytest.approx(0.75)


def test_effects_follow_codec_and_rate() -> None:
    assert codec_effect("flac", None, 2).lossless
    for channels in (1, 2):
        shifts = [codec_effect("mp3", rate, channels).shift_lu for rate in (96_000, 160_000, 192_000, 224_000, 256_000)]
        assert shifts == pytest.approx([-0.45, -0.45, -0.26, -0.18, 0], abs=0.01)
    assert codec_effect("mp3", None, 2).shift_lu == 0
    low, high = codec_effect("aac", 96_000, 2), codec_effect("aac", 96_000, 1)
    assert low.least_peak_db > high.least_peak_db


def test_a_limiter_that_takes_nothing_is_said_to_take_nothing() -> None:
    """0.0 LU is no news, and says it in a unit that few know."""
    target = Normalize(integrated_lufs=-16.0, true_peak_dbtp=-1.0)
    plain = limited_reason(6.2, target, -1.3, 0.04)
    assert plain == "+6.2 dB would peak over -1 dBTP: peaks are held at -1.3 dBFS"
    assert limited_reason(6.2, target, -1.3, 0.26) == f"{plain}, 0.3 LU quieter by it"
