"""Recipes that have a name are recipes."""

from __future__ import annotations

from dailies.domain.recipe.presets import vats
from dailies.domain.recipe.recipe import parse_recipe
from dailies.operations import KINDS


def test_what_is_masked_in_one_text_is_in_all() -> None:
    """No text of the package has it."""
    outputs = parse_recipe(vats(mask=["phone"]), KINDS).model_dump(mode="json")["outputs"]
    assert outputs["transcript"]["mask"] == outputs["text"]["mask"] == ["phone"]


def test_nothing_is_masked_that_nobody_asked_for() -> None:
    outputs = parse_recipe(vats(), KINDS).model_dump(mode="json")["outputs"]
    assert outputs["text"]["mask"] == []
