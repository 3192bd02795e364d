"""docs/first-result.md and docs/costs.md: what a reader is told to run is there, the figures are the command's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks import cloud_costs

from .terraform_text import ROOT, TERRAFORM, blocks

PAGE = (ROOT / "docs" / "first-result.md").read_text()
EXAMPLE = TERRAFORM / "examples" / "smallest"


def commands() -> str:
    return "\n".join(re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)).replace("\\\n", " ")


def test_the_costs_are_what_the_command_counts() -> None:
    assert "\n".join(cloud_costs.lines()) in (ROOT / "docs" / "costs.md").read_text()


def test_every_price_is_dated() -> None:
    assert re.fullmatch(r"\d{1,2} [A-Z][a-z]+ 20\d\d", cloud_costs.PRICES_OF)


def test_what_the_reader_runs_is_there() -> None:
    run = set(re.findall(r"(?:^|[ (])((?:infra|scripts)/[\w./-]+)", commands(), re.MULTILINE))
    assert {"infra/worker-image", "infra/after-apply", "scripts/first_result.py"} <= run
    assert [path for path in run if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("command", ["apply", "destroy"])
def test_terraform_is_given_what_the_example_asks_for(command: str) -> None:
    [line] = [each for each in commands().splitlines() if f"smallest {command}" in each]
    declared = {block.name: block for block in blocks(EXAMPLE, "variable")}
    given = set(re.findall(r'-var="(\w+)=', line))
    assert {name for name, block in declared.items() if "default" not in block.arguments()} <= given <= set(declared)


def test_each_step_says_what_it_costs() -> None:
    steps = re.findall(r"^## \d\. (.*)$", PAGE, re.MULTILINE)
    assert len(steps) == 8
    assert [step for step in steps if not re.search(r": .*(nothing|cent|dollar)|Nothing", step)] == []


def test_shell_variables_are_set_before_they_are_used() -> None:
    seen: set[str] = set()
    for line in commands().splitlines():
        used = set(re.findall(r"\$\{?([A-Z_]+)", line))
        seen |= set(re.findall(r"(?:^|\s)([A-Z_]+)=", line))
        assert used <= seen, line


def test_the_pages_it_leads_to_have_those_headings() -> None:
    for name, anchor in re.findall(r"\]\((?:\.\./)?([\w./]+\.md)#([\w-]+)\)", PAGE):
        path = ROOT / name if (ROOT / name).is_file() else Path(ROOT / "docs" / name)
        headings = re.findall(r"^#+ (.*)$", path.read_text(), re.MULTILINE)
        assert anchor in {re.sub(r"[^\w -]", "", text).lower().replace(" ", "-") for text in headings}, (name, anchor)
