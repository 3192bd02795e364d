"""The recipe refuses what can't be, and says where and why."""

from __future__ import annotations

from typing import Any

import pytest

from dailies.domain.errors import InvalidRecipe
from dailies.domain.recipe import AudioOutput, VideoOutput, parse_recipe


def one(**output: Any) -> dict[str, Any]:
    return {"outputs": {"podcast": {"kind": "audio", "format": "mp3", **output}}}


def film(**output: Any) -> dict[str, Any]:
    return {"outputs": {"film": {"kind": "video", **output}}}


def test_the_documented_example_is_accepted() -> None:
    """The recipe of the README parses into typed outputs with their defaults."""
    recipe = parse_recipe(
        {
            "outputs": {
                "podcast": {
                    "kind": "audio", "format": "mp3", "quality": "high", "start": 12.5, "end": 95,
                    "normalize": {"integrated_lufs": -16, "true_peak_dbtp": -1},
                },
                "lossless": {"kind": "audio", "format": "wav", "quality": "lossless"},
                "web": {"kind": "video", "format": "mp4", "height": 720, "normalize": {"integrated_lufs": -16}},
            }
        }
    )  # fmt: skip
    podcast, web = recipe.outputs["podcast"], recipe.outputs["web"]
    assert isinstance(podcast, AudioOutput)
    assert podcast.normalize is not None
    assert podcast.normalize.true_peak_dbtp == -1.0
    assert isinstance(web, VideoOutput)
    assert web.hdr == "refuse"
    lossless = recipe.outputs["lossless"]
    assert isinstance(lossless, AudioOutput)
    assert lossless.normalize is None


@pytest.mark.parametrize(
    ("document", "field", "words"),
    [
        ({}, "outputs", "required"),
        ({"outputs": {}}, "outputs", "at least 1"),
        ([], "recipe", "valid dictionary"),
        (one(colour="red"), "outputs.podcast.colour", "unknown field"),
        (one(format="mp4"), "outputs.podcast.format", "'mp3'"),
        (one(quality="lossless"), "outputs.podcast.quality", "lossy format"),
        (one(start=5, end=4), "outputs.podcast.end", "after start"),
        (one(start=5, end=5), "outputs.podcast.end", "after start"),
        (one(start=-1), "outputs.podcast.start", "greater than or equal to 0"),
        (one(end=float("nan")), "outputs.podcast.end", "finite"),
        (one(start="abc"), "outputs.podcast.start", "valid number"),
        (one(normalize={"integrated_lufs": 3}), "outputs.podcast.normalize.integrated_lufs", "-5"),
        (one(normalize={"true_peak_dbtp": 1}), "outputs.podcast.normalize.true_peak_dbtp", "0"),
        (one(channels=6), "outputs.podcast.channels", "1 or 2"),
        (one(normalize={"max_spread_lu": 2}), "outputs.podcast.normalize.max_spread_lu", "unknown field"),
        (film(normalize={"max_spread_lu": 2}), "outputs.film.segments", "lies between segments"),
        (film(crf=20, quality="high"), "outputs.film.crf", "either quality or crf"),
        ({"outputs": {"a": {"kind": "poem"}}}, "outputs.a", "unknown kind 'poem'"),
        ({"outputs": {"a": {"format": "mp3"}}}, "outputs.a", '"kind"'),
        ({"outputs": {"../x": {"kind": "audio", "format": "mp3"}}}, "outputs.../x", "1–63 letters"),
        ({"outputs": {"v": {"kind": "video", "height": 721}}}, "outputs.v.height", "odd"),
        ({"outputs": {"v": {"kind": "video", "height": 10}}}, "outputs.v.height", "64"),
        (
            {"outputs": {n: {"kind": "audio", "format": "mp3"} for n in ("A", "a")}},
            "outputs",
            "differ only in case",
        ),
    ],
)
def test_what_is_wrong_is_refused_with_its_path(document: Any, field: str, words: str) -> None:
    """Each impossible recipe is refused before anything runs, naming the field path and the reason."""
    with pytest.raises(InvalidRecipe) as refused:
        parse_recipe(document)
    assert refused.value.details["field"] == field
    assert words in refused.value.message
    assert refused.value.message.startswith(field)


def test_all_problems_are_listed() -> None:
    """A user who made two mistakes learns of both at once."""
    with pytest.raises(InvalidRecipe) as refused:
        parse_recipe(one(quality="best", start=-3))
    problems = refused.value.details["problems"]
    assert isinstance(problems, list)
    assert {problem["field"] for problem in problems} == {"outputs.podcast.quality", "outputs.podcast.start"}


@pytest.mark.parametrize(
    ("output", "field"),
    [
        ({"kind": "timelapse"}, "outputs.a.speed"),
        ({"kind": "timelapse", "speed": 2, "duration": 3}, "outputs.a.speed"),
        ({"kind": "timelapse", "speed": 2, "height": 99}, "outputs.a.height"),
        ({"kind": "thumbnail", "at": "worst"}, "outputs.a.at"),
        ({"kind": "storyboard", "interval": 2, "count": 3}, "outputs.a.count"),
        ({"kind": "storyboard", "interval": 0}, "outputs.a.interval"),
    ],
)
def test_a_wish_for_pictures_that_contradicts_itself_names_its_field(output: dict[str, object], field: str) -> None:
    """Neither or both of duration and speed, an odd height, an unknown moment."""
    with pytest.raises(InvalidRecipe) as refused:
        parse_recipe({"outputs": {"a": output}})
    assert refused.value.details["field"] == field
