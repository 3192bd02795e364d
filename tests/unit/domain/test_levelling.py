"""The search for a level, on a made-up limiter and codec that can be asked in no time."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import pytest
from hypothesis import given, strategies as st

from dailies.domain.audio_selection import Window
from dailies.domain.codec_effects import CodecEffect, codec_effect
from dailies.domain.excerpts import for_level
from dailies.domain.levelling import TOLERANCE_LU, Chain, Heard, Level, Material, correct, find_level
from dailies.domain.loss_curve import LossCurve
from dailies.domain.loudness import Blocks, integrated
from dailies.domain.recipe import Normalize

PCM = codec_effect("pcm_s16le", None, 2)
AAC = codec_effect("aac", 192_000, 2)
TARGET = Normalize(integrated_lufs=-16.0, true_peak_dbtp=-1.0)


@dataclass
class Studio:
    """A programme whose blocks each have a crest, a soft-kneed limiter, and a codec with its own ideas.

    Implements Hearing; ``shift`` and ``overshoot`` are the codec's, ``intersample`` the programme's.
    """

    lufs: list[float]
    crest: float = 12.0
    shift: float = 0.0
    overshoot: float = 0.0
    intersample: float = 0.1
    surprise: float = 0.0
    asked: list[str] = field(default_factory=list)

    @property
    def peak(self) -> float:
        return max(self.lufs) + self.crest

    def material(self, window: Window | None = None) -> Material:
        window = window or Window()
        blocks = Blocks.of(self.lufs)
        excerpts = for_level(blocks, window)
        self._excerpts = excerpts.windows
        self._window = window
        return Material(blocks, window, self.peak, excerpts.windows, excerpts.covered)

    def _through(self, chain: Chain, first: int, last: int) -> tuple[list[float], float]:
        result, top = [], -math.inf
        for lufs in self.lufs[first:last]:
            peak = lufs + self.crest + chain.gain_db
            over = 0.0 if chain.limiter_ceiling_dbfs is None else max(0.0, peak - chain.limiter_ceiling_dbfs)
            result.append(lufs + chain.gain_db - 0.6 * over**2 / (over + 6))
            top = max(top, peak - over)
        return result, top

    def _heard(self, chain: Chain, windows: tuple[Window, ...], *, coded: bool) -> Heard:
        lufs: list[float] = []
        top = -math.inf
        for window in windows:
            first = round(window.start * 10)
            last = len(self.lufs) if window.end is None else round(window.end * 10) - (3 if len(windows) == 1 else 0)
            part, peak = self._through(chain, first, last)
            lufs += part
            top = max(top, peak)
        shift, over = (self.shift, self.overshoot) if coded else (0.0, 0.0)
        return Heard(Blocks.of(x + shift for x in lufs), top + over / 2, top + self.intersample + over)

    def excerpts(self, chain: Chain, *, true_peak: bool) -> Heard:
        self.asked.append("excerpts")
        return self._heard(chain, self._excerpts, coded=False)

    def pilot(self, chain: Chain) -> Heard:
        self.asked.append("pilot")
        return self._heard(chain, self._excerpts, coded=True)

    def whole(self, chain: Chain, *, true_peak: bool) -> Heard:
        self.asked.append("whole")
        return self._heard(chain, (self._window,), coded=False)

    def encode(self, level: Level) -> Heard:
        heard = self._heard(level.chain, (self._window,), coded=True)
        return Heard(heard.blocks, heard.sample_peak_dbfs, (heard.true_peak_dbtp or 0) + self.surprise)


def speech(seconds: int, low: float = -45.0, high: float = -22.0) -> list[float]:
    return [low + (high - low) * (0.5 + 0.5 * math.sin(n / 7) * math.cos(n / 191)) for n in range(seconds * 10)]


def error_of(heard: Heard) -> float:
    found = integrated(heard.blocks)
    assert found is not None
    return abs(found - TARGET.integrated_lufs)


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
    studio = Studio([-30.0] * 1200, crest=3.0, shift=-2.5)
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


def test_a_file_within_tolerance_needs_no_correction() -> None:
    studio = Studio(speech(100), crest=14.0)
    material = studio.material()
    level = find_level(material, TARGET, PCM, studio)
    assert correct(material, level, TARGET, PCM, studio, studio.encode(level)) is None


@pytest.mark.parametrize(("crest", "mode"), [(5.0, "linear"), (16.0, "limited")])
def test_a_loudness_error_is_corrected_in_one_more_render(crest: float, mode: str) -> None:
    studio = Studio(speech(100), crest=crest)
    material = studio.material()
    level = find_level(material, TARGET, AAC, studio)
    studio.shift -= 0.4
    again = correct(material, level, TARGET, AAC, studio, studio.encode(level))
    assert again is not None
    assert again.mode == mode
    assert error_of(studio.encode(again)) < TOLERANCE_LU


@pytest.mark.parametrize("crest", [5.0, 16.0], ids=["linear before", "limited before"])
def test_a_peak_over_the_ceiling_is_corrected_without_losing_the_loudness(crest: float) -> None:
    studio = Studio(speech(100), crest=crest)
    material = studio.material()
    level = find_level(material, TARGET, AAC, studio)
    encoded = studio.encode(level)
    studio.surprise = TARGET.true_peak_dbtp - (encoded.true_peak_dbtp or 0) + 1.2
    again = correct(material, level, TARGET, AAC, studio, studio.encode(level))
    assert again is not None
    assert again.mode == "limited"
    encoded = studio.encode(again)
    assert encoded.true_peak_dbtp is not None
    assert encoded.true_peak_dbtp <= TARGET.true_peak_dbtp
    assert error_of(encoded) < TOLERANCE_LU


@pytest.mark.parametrize(
    ("seconds", "crest", "codec", "repeatable", "piloted", "mode"),
    [
        (50, 6.0, "mp3", True, False, "linear"),
        (50, 6.0, "aac", False, True, "linear"),
        (50, 14.0, "aac", True, True, "limited"),
        (290, 6.0, "aac", True, False, "linear"),
        (290, 6.0, "mp3", True, True, "linear"),
        (320, 6.0, "aac", True, True, "linear"),
    ],
    ids=["its own pilot", "with pictures", "peaks too near", "steady codec", "unsteady codec", "long"],
)
def test_an_encode_that_may_be_repeated_is_its_own_pilot_where_that_is_cheaper(
    seconds: int, crest: float, codec: str, repeatable: bool, piloted: bool, mode: str
) -> None:
    """A pilot as long as the encode costs as much; what it would have told, the encode tells."""
    studio = Studio([-30.0] * (seconds * 10), crest=crest, shift=-0.7)
    material, effect = studio.material(), codec_effect(codec, 192_000, 2)
    level = find_level(material, TARGET, effect, studio, repeatable=repeatable)
    assert (level.mode, "pilot" in studio.asked) == (mode, piloted)
    again = correct(material, level, TARGET, effect, studio, studio.encode(level))
    assert (again is None) == piloted
    assert error_of(studio.encode(again or level)) < TOLERANCE_LU / 10


@pytest.mark.parametrize(("shift", "again"), [(-0.1, False), (-0.125, True)])
def test_an_encode_that_is_its_own_pilot_does_not_end_at_the_edge(shift: float, again: bool) -> None:
    """After a pilot, it may: to encode pictures again for two hundredths would be worse."""
    studio = Studio([-30.0] * 500, crest=6.0, shift=shift)
    material = studio.material()
    level = find_level(material, TARGET, AAC, studio, repeatable=True)
    corrected = correct(material, level, TARGET, AAC, studio, studio.encode(level))
    assert (corrected is not None) == again
    heard = level.model_copy(update={"repeatable": False})
    assert correct(material, heard, TARGET, AAC, studio, studio.encode(heard)) is None


def test_what_was_passed_through_is_never_corrected() -> None:
    studio = Studio([-30.0] * 600)
    level = Level(mode="unchanged", reason="silence")
    assert correct(studio.material(), level, TARGET, PCM, studio, studio.encode(level)) is None


@given(
    low=st.floats(-60, -30),
    spread=st.floats(0, 25),
    crest=st.floats(2, 20),
    shift=st.floats(-1.5, 0.1),
    target=st.floats(-24, -12),
    seconds=st.sampled_from([40, 80]),
    repeatable=st.booleans(),
)
def test_any_programme_lands_on_target_in_a_few_renders(
    low: float, spread: float, crest: float, shift: float, target: float, seconds: int, repeatable: bool
) -> None:
    studio = Studio(speech(seconds, low, low + spread), crest=crest, shift=shift, overshoot=0.8)
    wanted = Normalize(integrated_lufs=target, true_peak_dbtp=-1.0)
    material = studio.material()
    level: Level | None = find_level(material, wanted, AAC, studio, repeatable=repeatable)
    assert level is not None
    if level.mode == "unchanged" or not level.reachable:
        return
    for _ in range(3):
        encoded = studio.encode(level)
        level_again = correct(material, level, wanted, AAC, studio, encoded)
        if level_again is None:
            return
        level = level_again
    pytest.fail(f"still {level}")


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
    assert codec_effect("mp3", 96_000, 1).shift_lu < -0.3
    assert codec_effect("mp3", 256_000, 2).shift_lu == 0
    low, high = codec_effect("aac", 96_000, 2), codec_effect("aac", 96_000, 1)
    assert low.least_peak_db > high.least_peak_db
