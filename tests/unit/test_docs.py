"""What there is is documented: a new kind, setting, error code, exit code or command without its words fails here."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from dailies.cli import commands, console
from dailies.cli.kinds_page import kinds_on, page_of
from dailies.domain.recipe.fields import Output
from dailies.operations import KINDS
from dailies.settings import Settings

ROOT = Path(__file__).parents[2]


def page(name: str) -> str:
    return (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")


def words_of(text: str) -> set[str]:
    """Whole words in code font, in blocks and in lines."""
    return {word for code in re.findall(r"```.*?```|`[^`]*`", text, re.DOTALL) for word in re.findall(r"[\w-]+", code)}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_kind_documents_itself(kind: str) -> None:
    """Its page is made of these words: what it is, and what each field of its own means."""
    model: Any = KINDS[kind].output
    assert (model.__doc__ or "").strip().endswith(".")
    plain = {"kind", "format", *(name for name, field in Output.model_fields.items() if field.description)}
    said = {name for name, field in model.model_fields.items() if field.description}
    assert set(model.model_fields) - plain - said == set()


def test_the_page_of_kinds_is_current() -> None:
    """A kind that is new may be missing until it is written anew for a release: the changelog then has it."""
    text = page("kinds")
    there = kinds_on(text)
    assert text == page_of(there), "run python -m dailies.cli.kinds_page"
    unreleased = re.split(r"^## ", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), flags=re.MULTILINE)[1]
    assert {kind for kind in KINDS if kind not in there and f"`{kind}`" not in unreleased} == set()


def test_every_setting_has_its_line() -> None:
    """One without a description is set by Dailies itself, for its own processes and tests."""
    names = {f"DAILIES_{name.upper()}" for name, field in Settings.model_fields.items() if field.description}
    assert len(names) > 20
    assert names - words_of(page("settings")) == set()


def test_every_error_code_that_the_command_knows_has_its_line() -> None:
    """Those that the sources raise are looked for by test_error_codes.py."""
    assert set(console._EXIT_BY_CODE) - words_of(page("operations")) == set()


def test_every_exit_code_is_in_both_tables() -> None:
    """0 is none of an error's."""
    used = {0, *console._EXIT_BY_CODE.values(), *(code for _, code in console._EXIT_BY_CLASS), console.FAULT}
    for name in ("operations", "tour"):
        [table] = re.findall(r"## Exit codes.*?\n\|.*?\n\n", page(name), re.DOTALL)
        assert used - {int(code) for code in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)} == set()


def test_every_command_is_shown() -> None:
    """In the tour or in the README, as one would type it."""
    shown = page("tour") + (ROOT / "README.md").read_text(encoding="utf-8") + page("operations")
    names = {
        command.name or command.callback.__name__ for command in commands.app.registered_commands if command.callback
    }
    assert {name for name in names if not re.search(rf"dailies {name}\b", shown)} == set()
    assert len(names) > 3


def test_each_thing_that_others_have_is_shown_or_said_to_be_missing() -> None:
    """A command, a setting or a link for what is ours; a dash for what we lack."""
    rows = re.findall(r"^\| (?!it has)(?!---)(.+) \| (.+) \|$", page("compared"), re.MULTILINE)
    assert len(rows) > 40
    assert [ours for _, ours in rows if not re.search(r"—|`[^`]+`|\]\(", ours)] == []
    assert sum("—" in ours for _, ours in rows) > 15
