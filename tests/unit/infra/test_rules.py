"""What is not said to be allowed is denied; tests/integration/firebase tries the rules on the emulator."""

from __future__ import annotations

import ast
import json
import re
from typing import Any

from .terraform_text import ROOT

FIREBASE = ROOT / "infra" / "firebase"


def _allowed(name: str) -> list[str]:
    return re.findall(r"^\s*allow ([^;]+);$", (FIREBASE / name).read_text(), re.MULTILINE)


def _configuration() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((ROOT / "firebase.json").read_text())
    return loaded


def test_firestore_allows_an_owner_to_read_and_to_mark_as_read() -> None:
    """All of them are tried on the emulator: tests/integration/firebase."""
    own = "if request.auth != null && request.auth.uid == uid"
    marks = f"{own} && request.resource.data.diff(resource.data).affectedKeys().hasOnly(['read'])"
    assert [" ".join(rule.split()) for rule in _allowed("firestore.rules")] == [
        f"get, list: {own}",
        f"get, list: {own}",
        f"update: {marks} && request.resource.data.read is bool",
        "read, write: if false",
    ]


def test_storage_allows_nothing() -> None:
    assert _allowed("storage.rules") == ["read, write: if false"]


def test_firebase_deploys_these_files() -> None:
    configured = _configuration()
    named = [configured["firestore"]["rules"], configured["firestore"]["indexes"], configured["storage"]["rules"]]
    assert [ROOT / name for name in named] == [
        FIREBASE / name for name in ("firestore.rules", "firestore.indexes.json", "storage.rules")
    ]


def test_every_query_of_two_fields_has_its_index() -> None:
    """The emulator does not ask for composite indexes: what is missing here is found in production."""
    asked = set()
    for path in (ROOT / "shared" / "src" / "dailies").rglob("*.py"):
        for function in (each for each in ast.walk(ast.parse(path.read_text())) if isinstance(each, ast.FunctionDef)):
            text = ast.unparse(function)
            # Equalities alone are found by merging the indexes of single fields.
            ordered = re.search(r"query\(f?'(?:[^']+/)?(\w+)'.*order_by='(\w+)'(, descending=True)?", text)
            equal = re.findall(r"Where\('([\w.]+)', '(?:==|in)'", text)
            if ordered and equal:
                asked.add((ordered[1], *equal, ordered[2], "DESCENDING" if ordered[3] else "ASCENDING"))
    indexes = json.loads((FIREBASE / "firestore.indexes.json").read_text())["indexes"]
    there = {
        (index["collectionGroup"], *(field["fieldPath"] for field in index["fields"]), index["fields"][-1]["order"])
        for index in indexes
    }
    assert asked == there
