"""``convert``'s options as a recipe, and errors back in the words of the user."""

from __future__ import annotations

from typing import Any

import pytest

from dailies.cli.options import in_option_names, recipe_document
from dailies.domain.errors import DailiesError, InvalidRecipe, SourceRefused
from dailies.domain.recipe.recipe import Recipe, parse_recipe
from dailies.operations import KINDS
from dailies.operations.deliverables.audio import AudioOutput
from dailies.operations.deliverables.video import VideoOutput

NOTHING: dict[str, Any] = dict.fromkeys(("quality", "start", "end", "channels", "height", "hdr", "audio_track"), None)


def recipe(
    to: str,
    *,
    loudness: float | None = None,
    true_peak: float | None = None,
    normalize: bool = True,
    dual_mono: bool = False,
    **options: Any,
) -> Recipe:
    fields = {**NOTHING, "format": to, **options}
    target: dict[str, Any] = {"loudness": loudness, "true_peak": true_peak, "normalize": normalize}
    with in_option_names():
        return parse_recipe(recipe_document(fields, **target, dual_mono=dual_mono), KINDS)


def test_convert_normalises_unless_told_otherwise() -> None:
    """−16 LUFS and −1 dBTP are the defaults; --no-normalize asks for nothing."""
    output = recipe("mp3").outputs["output"]
    assert isinstance(output, AudioOutput)
    assert output.normalize is not None
    assert (output.normalize.integrated_lufs, output.normalize.true_peak_dbtp) == (-16.0, -1.0)
    plain = recipe("mp3", normalize=False).outputs["output"]
    assert isinstance(plain, AudioOutput)
    assert plain.normalize is None


def test_every_option_reaches_its_field() -> None:
    """What is asked for on the command line is what the recipe says."""
    audio = recipe(
        "wav", quality="low", start=1.5, end=3.0, channels=1, audio_track=2, loudness=-20, true_peak=-3, dual_mono=True
    ).outputs["output"]
    assert audio == AudioOutput.model_validate(
        {
            "format": "wav", "quality": "low", "start": 1.5, "end": 3, "channels": 1, "audio_track": 2,
            "normalize": {"integrated_lufs": -20, "true_peak_dbtp": -3, "dual_mono": True},
        }
    )  # fmt: skip
    video = recipe("mp4", height=720, hdr="tonemap", normalize=False).outputs["output"]
    assert video == VideoOutput(height=720, hdr="tonemap")


@pytest.mark.parametrize(
    ("to", "options", "option", "words"),
    [
        ("xyz", {}, "--to", "choose mp3, wav, ogg, opus, m4a, flac or mp4"),
        ("mp4", {"channels": 1}, "--channels", "only audio formats"),
        ("mp3", {"height": 720}, "--height", "only mp4"),
        ("mp3", {"hdr": "tonemap"}, "--hdr", "only mp4"),
        ("mp3", {"quality": "lossless"}, "--quality", "lossy format"),
        ("mp3", {"quality": "best"}, "--quality", "'low', 'medium'"),
        ("mp3", {"start": 5, "end": 3}, "--end", "after start"),
        ("mp3", {"start": -1}, "--start", "at least 0"),
        ("mp3", {"channels": 6}, "--channels", "1 or 2"),
        ("mp3", {"audio_track": -1}, "--track", "0"),
        ("mp3", {"loudness": 3}, "--loudness", "-5"),
        ("mp3", {"true_peak": 1}, "--true-peak", "0"),
        ("mp3", {"loudness": -20, "normalize": False}, "--loudness", "--no-normalize"),
        ("mp3", {"true_peak": -2, "normalize": False}, "--true-peak", "--no-normalize"),
        ("mp3", {"dual_mono": True, "normalize": False}, "--dual-mono", "--no-normalize"),
        ("mp4", {"height": 721}, "--height", "odd"),
        ("mp4", {"hdr": "keep"}, "--hdr", "'refuse' or 'tonemap'"),
    ],
)
def test_what_is_wrong_is_named_by_its_option(to: str, options: dict[str, Any], option: str, words: str) -> None:
    """The message starts with what the user typed; the recipe's path is there for programs."""
    with pytest.raises(InvalidRecipe) as refused:
        recipe(to, **options)
    assert refused.value.message.startswith(f"{option}: ")
    assert str(refused.value) == refused.value.message
    assert words in refused.value.message
    assert "outputs." not in refused.value.message
    assert refused.value.details["option"] == option
    assert str(refused.value.details["field"]).startswith("outputs.output.")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            InvalidRecipe("outputs.output.audio_track: there is no track 4", field="outputs.output.audio_track"),
            "--track: there is no track 4",
        ),
        (SourceRefused("No audio: ask for kind video.", code="no_audio"), "No audio: ask for --to mp4."),
        (SourceRefused("No video: ask for kind audio.", code="no_video"), "No video: ask for --to mp3."),
        (SourceRefused("It is no media."), "It is no media."),
    ],
)
def test_errors_of_the_job_are_translated_too(error: DailiesError, message: str) -> None:
    """What only the source could tell comes back in the same words."""
    with pytest.raises(DailiesError) as raised, in_option_names():
        raise error
    assert raised.value is error
    assert error.message == message
