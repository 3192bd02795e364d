"""Every error code has its line in docs/operations.md: what it means and what to do."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from dailies.cli.console import exit_code
from dailies.domain import errors

ROOT = Path(__file__).parents[3]
DOCUMENT = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
# Only this module's lines; what follows the table is for programs.
ROWS = [line.split("|")[1:-1] for line in DOCUMENT.splitlines() if line.startswith("| `") and line.count("|") == 5]


def raised() -> Iterator[str]:
    """The codes in the sources: of the classes, and those that a ``code=…`` narrows one to."""
    for path in (ROOT / "shared" / "src" / "dailies").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "code" and isinstance(node.value, ast.Constant):
                yield str(node.value.value)
    for kind in vars(errors).values():
        if isinstance(kind, type) and issubclass(kind, errors.DailiesError):
            yield kind.code


def documented() -> dict[str, int]:
    """The exit code of each code in the table."""
    return {code: int(row[1]) for row in ROWS for code in re.findall(r"`([a-z_0-9]+)`", row[0])}


def test_every_code_is_explained() -> None:
    """A new code gets its line, with the fix, in the same change."""
    explained = set(re.findall(r"`([a-z_0-9]+)`", DOCUMENT))
    assert set(raised()) - explained == set()


def test_the_documented_exit_codes_are_the_classes_own() -> None:
    """The table and the command agree on the codes that classes have by themselves."""
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.DailiesError)]
    found = {kind.code: exit_code(kind("x")) for kind in kinds}
    table = documented()
    assert {code: table[code] for code in found} == found
