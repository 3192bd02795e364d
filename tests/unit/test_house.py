"""The rules of the house that no linter knows."""

from __future__ import annotations

import ast
import os
import re
import statistics
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
# Spelled so that this file does not name what it forbids.
REGISTRIES = re.compile(
    r"pyp[i][.]org|python[h]osted[.]org|npm[j]s[.](org|com)|yarn[p]kg[.]com|deb[.]debian[.]org|proxy[.]golang[.]org"
    r"|crate[s][.]io|registry[.]terraform|^\s*--?(extra-)?index-url|^\s*(\[\[)?tool[.]uv[.]index",
    re.IGNORECASE | re.MULTILINE,
)
VAGUE_NAMES = {"common", "helper", "helpers", "manager", "misc", "util", "utils"}
PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>\S+)", re.MULTILINE)


def _committed(*patterns: str) -> list[Path]:
    """Files that git holds or would add."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns]
    listed = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    return sorted({path for name in listed.split("\0") if name and (path := ROOT / name).is_file()})


def _lengths(files: Iterable[Path]) -> dict[str, int]:
    return {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in files}


def _pins(name: str) -> dict[str, set[str]]:
    pins: dict[str, set[str]] = {}
    for match in PIN.finditer((ROOT / "requirements" / f"{name}.txt").read_text()):
        pins.setdefault(canonicalize_name(match["name"]), set()).add(match["version"])
    return pins


def _dependencies() -> list[Requirement]:
    project = tomllib.loads((ROOT / "shared" / "pyproject.toml").read_text())["project"]
    return [Requirement(line) for line in project["dependencies"]]


def test_no_committed_file_names_a_package_registry() -> None:
    """Whoever builds this may have a mirror: where packages come from is the machine's business."""
    named = {}
    for path in _committed():
        found = REGISTRIES.search(path.read_bytes().decode(errors="replace"))
        if found:
            named[str(path.relative_to(ROOT))] = found[0]
    assert named == {}


@pytest.mark.parametrize("name", ["runtime", "dev", "benchmarks"])
def test_every_dependency_is_pinned_at_a_version_it_allows(name: str) -> None:
    pins = _pins(name)
    for dependency in _dependencies():
        versions = pins.get(canonicalize_name(dependency.name), set())
        assert versions, f"{dependency.name} is not in requirements/{name}.txt: run scripts/lock"
        assert all(dependency.specifier.contains(version) for version in versions), dependency


@pytest.mark.parametrize("name", ["dev", "benchmarks"])
def test_tests_and_benchmarks_run_on_the_versions_that_users_get(name: str) -> None:
    pins = _pins(name)
    assert {package: pins.get(package) for package in _pins("runtime")} == _pins("runtime")


@pytest.mark.parametrize("name", ["runtime", "dev", "benchmarks", "build", "uv"])
def test_every_pin_has_a_hash(name: str) -> None:
    entries = re.split(r"^(?=[a-z0-9])", (ROOT / "requirements" / f"{name}.txt").read_text(), flags=re.MULTILINE)[1:]
    assert entries
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_files_are_short() -> None:
    """A file that needs more than 300 lines is two files."""
    lengths = _lengths(_committed("*.py", "scripts/*", ".ci/*", "dailies"))
    assert {name: length for name, length in lengths.items() if length > 300} == {}


def test_the_median_source_file_is_read_in_one_go() -> None:
    lengths = [length for length in _lengths(_committed("shared/src/*.py")).values() if length]
    assert statistics.median(lengths) <= 120


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert [path for path in _committed("*.py") if path.stem in VAGUE_NAMES] == []


def test_domain_and_planning_import_nothing_but_pydantic() -> None:
    allowed = {*sys.stdlib_module_names, "dailies", "pydantic"}
    foreign = set()
    for path in _committed("shared/src/dailies/domain/*.py", "shared/src/dailies/planning/*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names.append(node.module or "")
            foreign |= {(path.name, name) for name in names if name.split(".")[0] not in allowed}
    assert foreign == set()


def test_what_is_packaged_has_the_licence() -> None:
    """A wheel is built of shared/ alone."""
    assert (ROOT / "shared" / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


def test_commands_can_be_executed() -> None:
    commands = _committed("dailies", "scripts/*", ".ci/run")
    assert [path for path in commands if path.suffix != ".py" and not os.access(path, os.X_OK)] == []


def test_nothing_is_left_to_do() -> None:
    """What is still to be done is an issue, where somebody sees it."""
    marker = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    sources = [path for path in _committed("*.py", "*.sh", "*.tf", "*.toml", "scripts/*") if path != Path(__file__)]
    assert [path for path in sources if marker.search(path.read_text())] == []


def test_no_state_and_no_values_are_committed() -> None:
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "infra"], capture_output=True, check=True, text=True)
    assert [name for name in listed.stdout.splitlines() if name.endswith((".tfstate", ".tfvars", ".tfplan"))] == []
