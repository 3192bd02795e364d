"""The OpenAPI 3.1 document of the table, of the very models that read and write."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any

from flask import Response
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from dailies.operations.public_models import exact, recipe_model, result_model
from dailies.rest.answers import Problem
from dailies.rest.problems import MEDIA_TYPE
from dailies.rest.route import Route
from dailies.rest.table import ROUTES

_REF = "#/components/schemas/"
# Whoever has no right, or asks too much, and what may pass, can meet any route.
_EVERYWHERE = (400, 401, 403, 429, 500, 503)
_TEXT = {"type": "string"}
_HEADERS: dict[str, Any] = {
    "X-Request-Id": {"description": "the request, as logs call it", "schema": _TEXT},
    "RateLimit-Policy": {"description": "how many requests in how many seconds", "schema": _TEXT},
    "RateLimit": {"description": "how many are left, and when all are", "schema": _TEXT},
    "traceparent": {"description": "W3C Trace Context: below the caller's, where it sent one", "schema": _TEXT},
}


def served() -> Response:
    """The document, for anybody."""
    return Response(_text(), mimetype="application/json", headers={"Cache-Control": "public, max-age=300"})


@cache
def document() -> dict[str, Any]:
    """Made on first use: it needs every kind's model, which no other answer does."""
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://spec.openapis.org/oas/3.1/dialect/base",
        "info": {
            "title": "Dailies",
            "version": "1",
            "description": "Recipes in, verified audio and video out. Every error is application/problem+json with a"
            " stable code.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/api/v1"}],
        "security": [{"firebase": []}, {"key": []}],
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "responses": {
                f"Problem{status}": _problem(status) for status in sorted(set().union(*map(_problems, ROUTES)))
            },
            "headers": _HEADERS,
            "securitySchemes": {
                "firebase": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "An ID token of Firebase Authentication, or an API key.",
                },
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "An API key."},
            },
        },
    }


@cache
def _text() -> str:
    return json.dumps(document(), ensure_ascii=False, separators=(",", ":"))


def _operation(route: Route) -> dict[str, Any]:
    told = {
        "operationId": route.name,
        "summary": route.summary,
        "tags": [route.path.split("/")[1]],
        "x-scope": route.scope,
        "parameters": list(_parameters(route)),
        "responses": {
            **_answers(route),
            **{str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in sorted(_problems(route))},
        },
    }
    if route.about:
        told["description"] = route.about
    if route.body is not None:
        content: dict[str, Any] = {"application/json": {"schema": _ref(route.body, "validation")}}
        if route.form is not None:
            content["multipart/form-data"] = {"schema": _form(route)}
        told["requestBody"] = {
            "required": any(field.is_required() for field in route.body.model_fields.values()),
            "content": content,
        }
    return told


def _problems(route: Route) -> set[int]:
    """Any route refuses; what is repeated may be under way, or be another call's."""
    return {*_EVERYWHERE, *route.problems, *((409, 422) if route.method == "POST" else ())}


def _common() -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in _HEADERS}


def _answers(route: Route) -> dict[str, Any]:
    if route.answers is not None:
        headers = {**_common(), **({"Location": {"schema": _TEXT}} if route.status in (201, 202) else {})}
        content = {"application/json": {"schema": _ref(route.answers, "serialization")}}
        return {str(route.status): {"description": "Done", "headers": headers, "content": content}}
    content = {route.media or "*/*": {"schema": {}}}
    found = {"200": {"description": "The bytes", "headers": _common(), "content": content}}
    if route.media == "text/event-stream":
        return {**found, "204": {"description": "Nothing comes any more", "headers": _common()}}
    return {
        **found,
        "206": {"description": "The bytes of the Range that was asked for", "headers": _common(), "content": content},
        "302": {"description": "Where they are", "headers": {**_common(), "Location": {"schema": _TEXT}}},
        "304": {"description": "The bytes that If-None-Match names are still these", "headers": _common()},
    }


def _parameters(route: Route) -> Iterator[dict[str, Any]]:
    for name in re.findall(r"{(\w+)}", route.path):
        named: Any = {"type": "string", "pattern": "^[A-Za-z0-9]{1,64}$"}
        yield {"name": name, "in": "path", "required": True, "schema": named}
    if route.method == "POST":
        about = "the same key and body are answered the same for 24 hours, and make nothing more"
        key: Any = {"type": "string", "pattern": "^[!#-~]{1,255}$"}
        yield {"name": "Idempotency-Key", "in": "header", "required": False, "description": about, "schema": key}
    if route.query is not None:
        schema: Any = exact(route.query.model_json_schema(ref_template=_REF + "{model}"))
        definitions = schema.get("$defs", {})
        for name, field in schema["properties"].items():
            found = _without_null(field, definitions)
            what = {"description": found.pop("description")} if "description" in found else {}
            yield {"name": name, "in": "query", "required": False, **what, "schema": found}
    if route.media == "text/event-stream":
        said = "where a reader goes on: the id of the last event that it has read"
        number: Any = {"type": "string", "pattern": "^[0-9]{1,9}$"}
        yield {"name": "Last-Event-ID", "in": "header", "required": False, "description": said, "schema": number}


def _without_null(field: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """A parameter that isn't there is absent: no text of a query is null."""
    kinds = [each for each in field.get("anyOf", [field]) if each != {"type": "null"}]
    [found] = kinds
    if "$ref" in found:
        found = definitions[found["$ref"].removeprefix(_REF)]
    kept = {name: value for name, value in field.items() if name == "description"}
    dropped = {"title", "default", "description", "$defs"}
    return {**{name: value for name, value in found.items() if name not in dropped}, **kept}


def _problem(status: int) -> dict[str, Any]:
    headers = _common()
    if status in (429, 503):
        headers["Retry-After"] = {"description": "seconds", "schema": {"type": "integer"}}
    return {
        "description": HTTPStatus(status).phrase,
        "headers": headers,
        "content": {MEDIA_TYPE: {"schema": _ref(Problem, "serialization")}},
    }


def _ref(model: type[BaseModel], mode: JsonSchemaMode) -> dict[str, str]:
    found: dict[str, str] = _models()[0][model, mode]
    return found


def _form(route: Route) -> dict[str, Any]:
    """The body's fields as texts of a form, beside its file."""
    if route.body is None or route.form is None:
        raise TypeError(f"{route.name} takes no form")
    schema = route.body.model_json_schema(ref_template=_REF + "{model}")
    fields = {name: _without_null(field, {}) for name, field in schema["properties"].items()}
    file = {"type": "string", "format": "binary", "contentMediaType": "application/octet-stream"}
    return {"type": "object", "properties": {**fields, route.form: file}, "additionalProperties": False}


def _schemas() -> dict[str, Any]:
    refs, definitions = _models()
    named = {"Recipe": refs[_recipe(), "validation"], "JobResult": refs[_result(), "serialization"]}
    found: dict[str, Any] = _named(exact(definitions), named)
    return dict(sorted(found.items()))


@cache
def _models() -> tuple[dict[Any, Any], dict[str, Any]]:
    """The reference of each model, and all definitions."""
    read: set[type[BaseModel]] = {route.body for route in ROUTES if route.body is not None} | {_recipe()}
    written: set[type[BaseModel]] = {route.answers for route in ROUTES if route.answers is not None}
    written |= {Problem, _result()}
    asked: list[tuple[type[BaseModel], JsonSchemaMode]] = [(model, "validation") for model in sorted(read, key=_name)]
    asked += [(model, "serialization") for model in sorted(written, key=_name)]
    refs, schema = models_json_schema(asked, ref_template=_REF + "{model}")
    return dict(refs), schema["$defs"]


def _name(model: type[BaseModel]) -> str:
    return model.__name__


_recipe, _result = cache(recipe_model), cache(result_model)


def _named(schema: Any, named: Mapping[str, Mapping[str, str]]) -> Any:
    """With what stands for a model that only this document has replaced by it; null stays where it may be."""
    if isinstance(schema, list):
        return [_named(each, named) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: _named(value, named) for key, value in schema.items()}
    component = found.pop("x-component", None)
    if component is None:
        return found
    kept = {key: value for key, value in found.items() if key in ("description", "default")}
    nullable = any(each == {"type": "null"} for each in found.get("anyOf", ()))
    return {**kept, **({"anyOf": [named[component], {"type": "null"}]} if nullable else named[component])}
