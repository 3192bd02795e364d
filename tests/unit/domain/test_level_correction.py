"""What is done after an encode that missed its level."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from dailies.domain.loudness.codec_effects import codec_effect
from dailies.domain.loudness.levelling import MAX_RENDERS, TOLERANCE_LU, Level, correct, find_level
from dailies.domain.recipe.recipe import Normalize
from tests.unit.domain.studio import AAC, PCM, TARGET, Studio, error_of, speech


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
    ("seconds", "crest", "codec", "piloted", "mode"),
    [
        (50, 6.0, "mp3", False, "linear"),
        (50, 14.0, "aac", True, "limited"),
        (290, 6.0, "aac", False, "linear"),
        (290, 6.0, "mp3", True, "linear"),
        (320, 6.0, "aac", True, "linear"),
    ],
    ids=["short", "peaks too near", "steady codec", "unsteady codec", "long"],
)
def test_an_encode_is_its_own_pilot_where_another_one_is_cheaper(
    seconds: int, crest: float, codec: str, piloted: bool, mode: str
) -> None:
    """A pilot as long as the encode costs as much; what it would have told, the encode tells."""
    studio = Studio([-30.0] * (seconds * 10), crest=crest, shift=-0.7)
    material, effect = studio.material(), codec_effect(codec, 192_000, 2)
    level = find_level(material, TARGET, effect, studio)
    assert (level.mode, "pilot" in studio.asked) == (mode, piloted)
    again = correct(material, level, TARGET, effect, studio, studio.encode(level))
    assert (again is None) == piloted
    assert error_of(studio.encode(again or level)) < TOLERANCE_LU / 10


@pytest.mark.parametrize(("shift", "again"), [(-0.1, False), (-0.125, True)])
def test_an_encode_that_is_its_own_pilot_does_not_end_at_the_edge(shift: float, again: bool) -> None:
    """After a pilot, it may: to encode hours of sound again for two hundredths would be worse."""
    studio = Studio([-30.0] * 500, crest=6.0, shift=shift)
    material = studio.material()
    level = find_level(material, TARGET, AAC, studio)
    corrected = correct(material, level, TARGET, AAC, studio, studio.encode(level))
    assert (corrected is not None) == again
    heard = level.model_copy(update={"own_pilot": False})
    assert correct(material, heard, TARGET, AAC, studio, studio.encode(heard)) is None


@pytest.mark.parametrize("shift", [-1.6, -1.2, -0.8, -0.4])
def test_an_encoder_that_wavers_is_caught_between_two_encodes(shift: float) -> None:
    """AAC of white noise grows louder in leaps, and steps as long as the error would go on missing."""
    studio = Studio([-30.0] * 500, crest=3.0, shift=shift, grain=0.6)
    material = studio.material()
    level = find_level(material, TARGET, AAC, studio)
    for _ in range(MAX_RENDERS - 1):
        again = correct(material, level, TARGET, AAC, studio, studio.encode(level))
        if again is None:
            break
        level = again
    assert error_of(studio.encode(level)) < TOLERANCE_LU


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
)
def test_any_programme_lands_on_target_in_a_few_renders(
    low: float, spread: float, crest: float, shift: float, target: float, seconds: int
) -> None:
    studio = Studio(speech(seconds, low, low + spread), crest=crest, shift=shift, overshoot=0.8)
    wanted = Normalize(integrated_lufs=target, true_peak_dbtp=-1.0)
    material = studio.material()
    level: Level | None = find_level(material, wanted, AAC, studio)
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
