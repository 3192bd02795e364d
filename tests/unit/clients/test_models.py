"""The Python client's types, held against the server's own document."""

from __future__ import annotations

import typing
from typing import Any

import pytest

from dailies.rest.openapi import document
from dailies_client import models

SCHEMAS: dict[str, Any] = document()["components"]["schemas"]
TYPED = {name: kind for name, kind in vars(models).items() if typing.is_typeddict(kind)}


def _form(kind: Any) -> Any:
    """A type's JSON form, as far as a document tells it: names of models, and of JSON's types."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Literal:
        return {("enum", *sorted(arguments))}
    if origin is list:
        return {("list", *sorted(map(str, _form(arguments[0]))))}
    if kind is models.Recipe or origin is dict:
        return {"object"}
    if arguments:
        return set().union(*map(_form, arguments))
    return {{str: "string", int: "integer", float: "number", type(None): "null"}.get(kind) or kind.__name__}


def _told(schema: Any) -> Any:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if "enum" in SCHEMAS[name]:
            return _told(SCHEMAS[name])
        return {name if name in TYPED else "object"}
    if "anyOf" in schema:
        return set().union(*map(_told, schema["anyOf"]))
    if "enum" in schema:
        return {("enum", *sorted(schema["enum"]))}
    if schema["type"] == "array":
        return {("list", *sorted(map(str, _told(schema["items"]))))}
    return {schema["type"]}


@pytest.mark.parametrize("name", sorted(TYPED))
def test_a_type_has_the_fields_of_the_server_s_document(name: str) -> None:
    told = {field: _told(schema) for field, schema in SCHEMAS[name]["properties"].items()}
    assert {field: _form(kind) for field, kind in typing.get_type_hints(TYPED[name]).items()} == told
    assert set(SCHEMAS[name]["required"]) == set(told)
