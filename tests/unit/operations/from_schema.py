"""Hypothesis's values of a JSON schema, as far as the recipe's goes: a new kind of output is fuzzed by being in it."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

_LONGEST = 4


def documents(schema: dict[str, Any], root: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values of ``schema``; references are ``root``'s. What the schema can't say of several fields may be wrong."""
    if "$ref" in schema:
        return documents(root["$defs"][schema["$ref"].rpartition("/")[2]], root)
    for union in ("anyOf", "oneOf"):
        if union in schema:
            return st.one_of([documents(each, root) for each in schema[union]])
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    return _of_type(schema, root)


def _of_type(schema: dict[str, Any], root: dict[str, Any]) -> st.SearchStrategy[Any]:
    kind = schema.get("type")
    if kind == "object":
        return _object(schema, root)
    if kind == "array":
        item = documents(schema["items"], root)
        most = min(schema.get("maxItems", _LONGEST), _LONGEST)
        return st.lists(item, min_size=schema.get("minItems", 0), max_size=most)
    if kind == "string":
        pattern = schema.get("pattern")
        return st.text(max_size=8) if pattern is None else st.from_regex(pattern, fullmatch=True)
    if kind == "boolean":
        return st.booleans()
    if kind == "null":
        return st.none()
    if kind in ("integer", "number"):
        return _number(schema)
    raise AssertionError(f"no values of {schema}")


def _object(schema: dict[str, Any], root: dict[str, Any]) -> st.SearchStrategy[Any]:
    fields = {name: documents(each, root) for name, each in schema.get("properties", {}).items()}
    required = set(schema.get("required", ()))
    if "kind" in fields:
        required.add("kind")
    return st.fixed_dictionaries(
        {name: value for name, value in fields.items() if name in required},
        optional={name: value for name, value in fields.items() if name not in required},
    )


def _number(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    low, high = schema["exclusiveMinimum" if "exclusiveMinimum" in schema else "minimum"], schema["maximum"]
    if schema["type"] == "integer":
        step = 2 if schema.get("multipleOf") == 2 else 1
        return st.integers(low // step, high // step).map(lambda number: number * step)
    usual = [value for value in (0.5, 1.0, 6.0, 20.0) if low <= value <= high]
    return st.sampled_from(usual or [high]) | st.floats(low, high, exclude_min="exclusiveMinimum" in schema)
