"""The published JSON Schemas: current, valid, and of one mind with the models."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from dailies.cli.schemas import main, schema_texts, written_kinds
from dailies.domain.errors import InvalidRecipe
from dailies.domain.recipe.recipe import parse_recipe
from dailies.operations import KINDS

ROOT = Path(__file__).parents[3]
EXAMPLES = re.findall(
    r"^```json\n(.*?)^```", (ROOT / "docs" / "tour.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
)


def schema(name: str) -> Any:
    return json.loads(schema_texts()[f"{name}.schema.json"])


def examples(field: str) -> list[Any]:
    """The tour's examples that have ``field``."""
    return [document for text in EXAMPLES if field in (document := json.loads(text))]


def test_the_committed_schemas_are_current() -> None:
    """What is published says what the models do: python -m dailies.cli.schemas writes them anew."""
    assert main(["--check", str(ROOT / "docs" / "schemas")]) == 0


def test_a_kind_that_the_committed_schemas_lack_is_new() -> None:
    """They are written anew for a release: until then the changelog is where it is found."""
    unreleased = re.split(r"^## ", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), flags=re.MULTILINE)[1]
    assert unreleased.startswith("[Unreleased]")
    missing = set(KINDS) - set(written_kinds(ROOT / "docs" / "schemas"))
    assert {kind for kind in missing if f"`{kind}`" not in unreleased} == set()


def test_a_schema_that_is_not_current_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--check names each stale file and fails; writing makes it current."""
    assert main(["--check", str(tmp_path)]) == 1
    assert "recipe.schema.json is not current" in capsys.readouterr().err
    assert main([str(tmp_path)]) == 0
    assert main(["--check", str(tmp_path)]) == 0


@pytest.mark.parametrize("name", sorted(name.partition(".")[0] for name in schema_texts()))
def test_schemas_are_valid_2020_12(name: str) -> None:
    """Each schema is one, has an identity, a title and a description."""
    found = schema(name)
    jsonschema.Draft202012Validator.check_schema(found)
    assert found["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert found["$id"].endswith(name)
    assert found["title"]
    assert found["description"]


def test_the_tour_s_recipes_validate() -> None:
    """The recipes that the tour shows are some, by the schema and by the model."""
    recipes = [document for document in examples("outputs") if "job_id" not in document]
    assert len(recipes) > 1
    for recipe in recipes:
        jsonschema.validate(recipe, schema("recipe"))
        assert parse_recipe(recipe, KINDS).outputs


def test_the_tour_s_result_validates() -> None:
    """The result that the tour shows is a real one."""
    [result] = examples("job_id")
    jsonschema.validate(result, schema("result"))


@pytest.mark.parametrize(
    "output",
    [
        {"format": "mp3"},
        {"kind": "audio", "format": "mp4"},
        {"kind": "audio", "format": "mp3", "colour": "red"},
        {"kind": "video", "height": 10},
        {"kind": "audio", "format": "mp3", "normalize": {"integrated_lufs": 3}},
    ],
)
def test_schema_and_model_refuse_alike(output: dict[str, Any]) -> None:
    """What an editor marks by the schema is what the command refuses."""
    document = {"outputs": {"a": output}}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, schema("recipe"))
    with pytest.raises(InvalidRecipe):
        parse_recipe(document, KINDS)
