"""The recipe refuses what can't be, and says where and why."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from dailies.domain.errors import InvalidRecipe
from dailies.domain.model import Model
from dailies.domain.recipe import edit_recipe, recipe
from dailies.domain.recipe.recipe import parse_recipe
from dailies.operations import KINDS
from dailies.operations.deliverables.audio import AudioOutput
from dailies.operations.deliverables.video import VideoOutput

MANY = 30_000


def one(**output: Any) -> dict[str, Any]:
    return {"outputs": {"podcast": {"kind": "audio", "format": "mp3", **output}}}


def film(**output: Any) -> dict[str, Any]:
    return {"outputs": {"film": {"kind": "video", **output}}}


def test_the_documented_example_is_accepted() -> None:
    """The recipe of the tour parses into typed outputs with their defaults."""
    parsed = parse_recipe(
        {
            "outputs": {
                "podcast": {
                    "kind": "audio", "format": "mp3", "quality": "high", "start": 12.5, "end": 95,
                    "normalize": {"integrated_lufs": -16, "true_peak_dbtp": -1},
                },
                "lossless": {"kind": "audio", "format": "wav", "quality": "lossless"},
                "web": {"kind": "video", "format": "mp4", "height": 720, "normalize": {"integrated_lufs": -16}},
            }
        },
        KINDS,
    )  # fmt: skip
    podcast, web = parsed.outputs["podcast"], parsed.outputs["web"]
    assert isinstance(podcast, AudioOutput)
    assert podcast.normalize is not None
    assert podcast.normalize.true_peak_dbtp == -1.0
    assert isinstance(web, VideoOutput)
    assert web.hdr == "refuse"
    lossless = parsed.outputs["lossless"]
    assert isinstance(lossless, AudioOutput)
    assert lossless.normalize is None


@pytest.mark.parametrize(
    ("document", "field", "words"),
    [
        ({}, "outputs", "required"),
        ({"outputs": {}}, "outputs", "at least 1"),
        ([], "recipe", "an object"),
        (one(colour="red"), "outputs.podcast.colour", "unknown field"),
        (one(qualty="low"), "outputs.podcast.qualty", "did you mean 'quality'?"),
        (one(normalize={"lufs": -16}), "outputs.podcast.normalize.lufs", "there are dual_mono, integrated_lufs"),
        (one(normalize={"integrated_luf": -16}), "outputs.podcast.normalize.integrated_luf", "mean 'integrated_lufs'?"),
        (film(segments=[{"strat": 1, "end": 2}]), "outputs.film.segments.0.strat", "did you mean 'start'?"),
        ({"outputs": {"a": {"kind": "audio", "fromat": "mp3"}}}, "outputs.a.fromat", "did you mean 'format'?"),
        ({"output": {}}, "output", "did you mean 'outputs'?"),
        ({"outputs": {"a": {"kind": "audo"}}}, "outputs.a", "did you mean 'audio'?"),
        (one(format="mp4"), "outputs.podcast.format", "'mp3'"),
        (one(quality="lossless"), "outputs.podcast.quality", "lossy format"),
        (one(start=5, end=4), "outputs.podcast.end", "after start"),
        (one(start=5, end=5), "outputs.podcast.end", "after start"),
        (one(start=-1), "outputs.podcast.start", "at least 0"),
        (one(end=float("nan")), "outputs.podcast.end", "finite"),
        (one(start="abc"), "outputs.podcast.start", "a number"),
        (one(normalize={"integrated_lufs": 3}), "outputs.podcast.normalize.integrated_lufs", "-5"),
        (one(normalize={"true_peak_dbtp": 1}), "outputs.podcast.normalize.true_peak_dbtp", "0"),
        (one(channels=6), "outputs.podcast.channels", "1 or 2"),
        (one(channels=True), "outputs.podcast.channels", "1 or 2"),
        (one(start=True), "outputs.podcast.start", "a number"),
        (one(start="1"), "outputs.podcast.start", "a number"),
        (one(start=10**400), "outputs.podcast.start", "finite"),
        (film(height=720.5), "outputs.film.height", "a whole number"),
        (film(aspect="wide"), "outputs.film.aspect", "no shape of a film"),
        (film(aspect="1:9"), "outputs.film.aspect", "no shape of a film"),
        (film(aspect="0:0"), "outputs.film.aspect", "no shape of a film"),
        (film(aspect="16:9 "), "outputs.film.aspect", "no shape of a film"),
        (film(aspect="9" * 999), "outputs.film.aspect", "no shape of a film"),
        (film(segments=[{"start": 0, "end": True}]), "outputs.film.segments.0.end", "a number"),
        ({"outputs": {"a": {"kind": "\ud800"}}}, "recipe", "JSON"),
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
        parse_recipe(document, KINDS)
    assert refused.value.details["field"] == field
    assert words in refused.value.message
    assert refused.value.message.startswith(field)


def test_all_problems_are_listed() -> None:
    """A user who made two mistakes learns of both at once."""
    with pytest.raises(InvalidRecipe) as refused:
        parse_recipe(one(quality="best", start=-3), KINDS)
    problems = refused.value.details["problems"]
    assert isinstance(problems, list)
    assert {problem["field"] for problem in problems} == {"outputs.podcast.quality", "outputs.podcast.start"}


def numeric_fields() -> Iterator[tuple[type[Model], str]]:
    """Every field of the recipe's models that takes a number."""
    named = [model for module in (recipe, edit_recipe) for model in vars(module).values() if isinstance(model, type)]
    for model in [*named, *(KINDS[kind].output for kind in KINDS)]:
        if issubclass(model, Model):
            for name, schema in model.model_json_schema().get("properties", {}).items():
                if {"integer", "number"} & set(_types(schema)):
                    yield model, name


def _types(schema: dict[str, Any]) -> Iterator[str]:
    for form in (schema, *schema.get("anyOf", []), schema.get("items", {})):
        yield form.get("type", "")


@pytest.mark.parametrize("wrong", [True, False, "1", "nan"])
def test_what_is_no_number_is_taken_for_none(wrong: object) -> None:
    """Python would: True is 1, and pydantic reads "1"."""
    fields = list(numeric_fields())
    assert len(fields) > 30
    for model, name in fields:
        with pytest.raises(ValidationError) as refused:
            model.model_validate_json(json.dumps({name: wrong}), strict=True)
        assert name in {problem["loc"][0] for problem in refused.value.errors()}, (model, name)


def test_an_integer_may_have_a_point() -> None:
    """JSON has one sort of number, and the schema's integer includes 720.0."""
    assert parse_recipe(film(height=720.0), KINDS) == parse_recipe(film(height=720), KINDS)


def nested(depth: int) -> Any:
    made: Any = 1
    for _ in range(depth):
        made = [made]
    return made


@pytest.mark.parametrize(
    "document",
    [
        one(**{f"x{number}": 1 for number in range(1000)}),
        one(**{f"x{number}": 1 for number in range(MANY)}),
        one(**{"x" * MANY: 1}),
        {"outputs": {"x" * MANY: {"kind": "audio", "format": "mp3"}}},
        {"outputs": {"a": {"kind": "x" * MANY}}},
        {"outputs": {str(number): {"kind": "x" * 99} for number in range(999)}},
        film(segments=[{}] * 5000),
        film(aspect="x" * MANY),
        one(start="x" * MANY),
        one(start=nested(500)),
        one(start=nested(100_000)),
    ],
)
def test_a_refusal_is_short(document: Any) -> None:
    """However long the question was: the answer repeats neither all problems nor whole words."""
    with pytest.raises(InvalidRecipe) as refused:
        parse_recipe(document, KINDS)
    assert len(json.dumps(refused.value.as_dict())) < 8000


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
        parse_recipe({"outputs": {"a": output}}, KINDS)
    assert refused.value.details["field"] == field
