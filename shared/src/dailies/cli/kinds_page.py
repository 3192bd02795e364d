"""The kinds of output as a page: ``python -m dailies.cli.kinds_page`` writes docs/kinds.md of their descriptions."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, get_args

from dailies.domain.wording import fields_of
from dailies.operations import KINDS

#: From the checkout's root, where the command is run.
PAGE = Path("docs/kinds.md")
_HEAD = """\
# Kinds of output

What a recipe can ask for, each with an example and its fields. This page is made of their descriptions
(`python -m dailies.cli.kinds_page`); [formats.md](formats.md) and [editing.md](editing.md) say how each is made, and
[recipe.schema.json](schemas/recipe.schema.json) has the types. Another package can
add kinds ([CONTRIBUTING](../CONTRIBUTING.md)).
"""


def page_of(kinds: Iterable[str]) -> str:
    """The page of these kinds, in the table's order."""
    return "\n".join([_HEAD, *(_section(kind) for kind in kinds)])


def kinds_on(page: str) -> list[str]:
    """The kinds that a page has."""
    return [kind for kind in KINDS if f"\n## {kind}\n" in page]


def _section(kind: str) -> str:
    model = KINDS[kind].output
    rows = [
        f"| `{name}` | {_default(field)} | {_cell(field.description or _choices(field))} |"
        for name, field in fields_of(model).items()
        if name != "kind"
    ]
    text = [f"## {kind}", "", (model.__doc__ or "").strip().replace("\n    ", "\n"), ""]
    text += ["```json", json.dumps(KINDS.example(kind), ensure_ascii=False), "```", ""]
    return "\n".join([*text, "| field | default | |", "|---|---|---|", *rows, ""])


def _default(field: Any) -> str:
    if field.is_required():
        return "required"
    return "" if field.default is None else f"`{json.dumps(field.default)}`"


def _choices(field: Any) -> str:
    return " ".join(f"`{choice}`" for choice in get_args(field.annotation))


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page_of(KINDS), encoding="utf-8")
