"""A package that nobody here knows adds a kind of output: it is installed, asked for, made and certified."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import dailies
from tests.made import made

EXAMPLE = Path(__file__).parents[1] / "example_kind"
SOURCES = Path(dailies.__path__[0]).parent


def _dailies(tmp_path: Path, *words: str | Path, installed: Path | None) -> Any:
    found = [str(folder) for folder in (installed, SOURCES) if folder is not None]
    environment = {**os.environ, "DAILIES_HOME": str(tmp_path / "home"), "PYTHONPATH": os.pathsep.join(found)}
    command = [sys.executable, "-P", "-m", "dailies", *map(str, words), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    return json.loads(done.stdout)


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """Built and installed as pip does, into a folder of its own."""
    source, target = tmp_path / "source", tmp_path / "site"
    shutil.copytree(EXAMPLE, source, ignore=shutil.ignore_patterns("__pycache__"))
    uv = Path(sys.executable).with_name("uv")
    options = ("--python", sys.executable, "--target", target, "--no-deps", "--no-build-isolation", "--offline")
    done = subprocess.run([uv, "pip", "install", "-q", *options, source], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return target


def test_a_kind_of_another_package_is_asked_for_like_ours(installed: Path, tmp_path: Path) -> None:
    """Its file is delivered, its facts are in the result; without the package it is unknown, and said so."""
    film = made("film.mp4", "-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=1")
    recipe = tmp_path / "recipe.json"
    recipe.write_text(json.dumps({"outputs": {"about": {"kind": "report"}, "poster": {"kind": "thumbnail"}}}))
    run = ("run", film, "--recipe", recipe, "--out", tmp_path / "out")
    refused = _dailies(tmp_path, *run, installed=None)
    assert "unknown kind 'report'" in refused["error"]["message"]
    result = _dailies(tmp_path, *run, installed=installed)
    about = result["outputs"]["about"]
    assert (about["kind"], about["tracks"]) == ("report", 1)
    assert json.loads((tmp_path / "out" / "about.json").read_text())["seconds"] == pytest.approx(1, abs=0.1)
    # The job is listed wherever the package is missing.
    assert [job["status"] for job in _dailies(tmp_path, "jobs", installed=None)] == ["completed"]
    wrong = tmp_path / "wrong.json"
    wrong.write_text(json.dumps({"outputs": {"about": {"kind": "report", "colour": "red"}}}))
    refused = _dailies(tmp_path, "plan", film, "--recipe", wrong, installed=installed)
    assert refused["error"]["details"]["field"] == "outputs.about.colour"
