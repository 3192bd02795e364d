"""What the page is made of: its files under a strict policy, the table of kinds, and a check of recipes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, jsonify, request, send_from_directory

from dailies.domain.errors import InvalidRecipe, InvalidRequest
from dailies.domain.recipe.recipe import parse_recipe
from dailies.operations import KINDS
from dailies.up.choices import choices

_FOLDER = Path(__file__).parent / "page"


def routes(base: str) -> Blueprint:
    """``base`` is the origin that URLs are signed for: the page's own may be spelled localhost."""
    blueprint = Blueprint("screen", __name__)
    policy = "; ".join([
        "default-src 'none'", "script-src 'self'", "style-src 'self'", f"connect-src 'self' {base}",
        f"media-src 'self' blob: {base}", f"img-src 'self' blob: {base}",
        "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
    ])  # fmt: skip

    def sent(name: str) -> Response:
        answer = send_from_directory(_FOLDER, name, max_age=0)
        answer.headers["Content-Security-Policy"] = policy
        # Addresses of ours may be signed, and a link that is shared is one that opens.
        answer.headers["Referrer-Policy"] = "no-referrer"
        return answer

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
        return sent(name)

    @blueprint.get("/share/<token>")
    def shared(token: str) -> Response:  # noqa: ARG001 - the page reads it from its own address
        return sent("share.html")

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
