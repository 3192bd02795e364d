"""Recipes that have a name are recipes."""

from __future__ import annotations

from dailies.domain.recipe.presets import vats
from dailies.domain.recipe.recipe import parse_recipe
from dailies.operations import KINDS


def test_what_is_masked_in_one_output_is_in_all() -> None:
    """No text of the package has it, and nobody hears it."""
    outputs = parse_recipe(vats(mask=["phone"]), KINDS).model_dump(mode="json")["outputs"]
    assert outputs["transcript"]["mask"] == outputs["text"]["mask"] == ["phone"]
    assert outputs["audio"]["redact"] == "transcript"


def test_nothing_is_masked_that_nobody_asked_for() -> None:
    outputs = parse_recipe(vats(), KINDS).model_dump(mode="json")["outputs"]
    assert (outputs["text"]["mask"], outputs["audio"]["redact"]) == ([], None)


def test_what_is_asked_of_the_words_is_asked_for_every_text() -> None:
    """Alike, so that they are heard once."""
    wish = vats(hearing={"translate": True, "speakers": "channels", "speaker_names": ["Ann"]})
    outputs = parse_recipe(wish, KINDS).model_dump(mode="json")["outputs"]
    for name, field in (("transcript", "speakers"), ("text", "speakers"), ("subtitles", "speakers_from")):
        assert outputs[name][field] == "channels"
        assert outputs[name]["speaker_names"] == ["Ann"]
        assert outputs[name]["translate"] is True
    assert outputs["subtitles"]["speakers"] == "labels"
