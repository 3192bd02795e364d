"""The OpenAPI document for people: one page without a script, which loads nothing."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from functools import cache
from html import escape
from typing import Any

from flask import Response

from dailies.rest.openapi import document

_REF = "#/components/schemas/"
_STYLE = """
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent); }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.6rem; }
h2 { font-size: 1.05rem; margin: 2.2rem 0 .3rem; }
h3 { font-size: 1rem; margin-top: 1.6rem; }
code { font: .9em/1.45 ui-monospace, monospace; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; border-top: 1px solid var(--line); }
th { font-weight: 600; }
nav ul { padding: 0; list-style: none; }
.method { display: inline-block; min-width: 4.5rem; font-weight: 700; }
.about { margin: .2rem 0; }
""".strip()
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()


def served() -> Response:
    """The page, for anybody."""
    policy = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'"
    headers = {"Content-Security-Policy": f"{policy}; frame-ancestors 'none'", "Cache-Control": "public, max-age=300"}
    return Response(_page(), mimetype="text/html", headers=headers)


@cache
def _page() -> str:
    return "".join(_parts(document()))


def _parts(told: dict[str, Any]) -> Iterator[str]:
    operations = [(path, method.upper(), each) for path, of in told["paths"].items() for method, each in of.items()]
    info = told["info"]
    yield '<!doctype html><html lang="en"><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{escape(info['title'])} REST</title><style>{_STYLE}</style>"
    yield f"<main><h1>{escape(info['title'])} REST</h1><p>{escape(info['description'])} "
    yield 'The exact description is <a href="openapi.json">openapi.json</a> (OpenAPI 3.1).</p><nav><ul>'
    for path, method, each in operations:
        link = f'<a href="#{each["operationId"]}"><code>{escape(path)}</code></a>'
        yield f'<li><span class="method">{method}</span>{link}</li>'
    yield "</ul></nav>"
    for path, method, each in operations:
        yield from _operation(path, method, each)
    yield "<h2>Schemas</h2>"
    for name, schema in told["components"]["schemas"].items():
        yield f'<h3 id="{name}">{name}</h3>{_described(schema)}{_fields(schema)}'
    yield "</main></html>"


def _operation(path: str, method: str, told: dict[str, Any]) -> Iterator[str]:
    yield f'<h2 id="{told["operationId"]}"><span class="method">{method}</span><code>{escape(path)}</code></h2>'
    yield f'<p class="about">{escape(told["summary"])}.</p>{_described(told)}'
    yield f"<p class=about>Scope of a key: <code>{told['x-scope']}</code></p>"
    rows = []
    for each in told["parameters"]:
        where = f"{each['in']}, required" if each["required"] else each["in"]
        rows.append((each["name"], where, _type(each["schema"]), each.get("description", "")))
    for kind, content in told.get("requestBody", {}).get("content", {}).items():
        schema = content["schema"]
        if "$ref" in schema:
            rows.append(("body", kind, _type(schema), ""))
        else:
            rows += [
                (name, kind, _type(field), field.get("description", "")) for name, field in schema["properties"].items()
            ]
    for status, answer in told["responses"].items():
        for kind, content in answer.get("content", {}).items():
            rows.append((status, kind, _type(content["schema"]), answer.get("description", "")))
    refused = [status for status, answer in told["responses"].items() if "$ref" in answer]
    rows.append((" ".join(refused), "application/problem+json", _type({"$ref": f"{_REF}Problem"}), "refused"))
    yield _table(rows)


def _described(told: dict[str, Any]) -> str:
    return f'<p class="about">{escape(told["description"])}</p>' if "description" in told else ""


def _fields(schema: dict[str, Any]) -> str:
    if "properties" not in schema:
        return f"<p>{_type(schema)}</p>"
    required = set(schema.get("required", ()))
    return _table(
        [
            (name, "required" if name in required else "", _type(field), field.get("description", ""))
            for name, field in schema["properties"].items()
        ]
    )


def _table(rows: list[tuple[str, str, str, str]]) -> str:
    """The third cell is HTML already."""
    cells = (
        f"<tr><th><code>{escape(name)}</code></th><td>{escape(where)}</td><td>{kind}</td><td>{escape(about)}</td></tr>"
        for name, where, kind, about in rows
    )
    return f"<table>{''.join(cells)}</table>"


def _type(schema: dict[str, Any]) -> str:
    """What a value is, in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(_REF)
        return f'<a href="#{name}">{name}</a>'
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return " or ".join(map(_type, schema[several]))
    if "enum" in schema:
        return " ".join(f"<code>{escape(str(each))}</code>" for each in schema["enum"])
    if "const" in schema:
        return f"<code>{escape(str(schema['const']))}</code>"
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"object of {_type(schema['additionalProperties'])}"
    bounds = {
        "minimum": "≥",
        "exclusiveMinimum": "&gt;",
        "maximum": "≤",
        "exclusiveMaximum": "&lt;",
        "maxLength": "length ≤",
    }
    said = [f"{sign} {schema[name]:g}" for name, sign in bounds.items() if name in schema]
    return " ".join([escape(str(schema.get("format", schema.get("type", "anything")))), *said])
