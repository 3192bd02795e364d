"""What the page is made of: its files under a strict policy, the table of kinds, and a check of recipes."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, jsonify, request

from dailies.domain.errors import InvalidRecipe, InvalidRequest
from dailies.domain.recipe.recipe import parse_recipe
from dailies.operations import KINDS
from dailies.up.choices import choices
from dailies.up.shared import page_file


def routes(base: str) -> Blueprint:
    """``base`` is the origin that URLs are signed for: the page's own may be spelled localhost."""
    blueprint = Blueprint("screen", __name__)

    @blueprint.get("/page/kinds.json")
    def kinds() -> Response:
        # In the models' own order: it is that of the forms.
        return Response(json.dumps(choices()), mimetype="application/json")

    @blueprint.post("/page/recipe")
    def recipe() -> Response:
        return jsonify({"problems": _problems(request.get_json(silent=True))})

    @blueprint.get("/")
    @blueprint.get("/page/<path:name>")
    def page(name: str = "index.html") -> Response:
        return page_file(name, base)

    return blueprint


def _problems(document: Any) -> list[dict[str, str]]:
    """What is wrong with a recipe, each with the field's path; empty for a good one."""
    if not isinstance(document, dict):
        raise InvalidRequest("A recipe is a JSON object.", field="recipe")
    try:
        parse_recipe(document, KINDS)
    except InvalidRecipe as error:
        whole = {"field": str(error.details.get("field", "recipe")), "problem": error.message}
        listed: Any = error.details.get("problems", [whole])
        return [dict(each) for each in listed]
    return []
