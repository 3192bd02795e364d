"""The checkout's own `./dailies`: which environment it takes for which command."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The script beside a set-up that only tells what it was asked for."""
    shutil.copy2(CHECKOUT / "dailies", tmp_path)
    (tmp_path / "scripts").mkdir()
    told = tmp_path / "scripts" / "setup"
    told.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    told.chmod(0o755)
    return tmp_path


@pytest.mark.parametrize(
    ("line", "environment"),
    [
        ("up", "functions"),
        ("up --port 0", "functions"),
        ("up --debug --emulators", "functions"),
        ("doctor --project demo", "functions"),
        ("doctor --project=demo", "functions"),
        ("doctor --json --project demo", "functions"),
        ("doctor --quiet --project=demo --json", "functions"),
        ("doctor", "runtime"),
        ("doctor --json", "runtime"),
        ("doctor -- --project", "runtime"),
        ("convert up --to mp3", "runtime"),
        ("convert doctor --to mp3 --project", "runtime"),
        ("--help up", "functions"),
        ("--version", "runtime"),
        ("", "runtime"),
    ],
)
def test_the_environment_is_the_commands(checkout: Path, line: str, environment: str) -> None:
    """Only `up` and a check of the cloud have Google's libraries, and each argument is handed on as it came."""
    ended = subprocess.run(
        [checkout / "dailies", *line.split()], capture_output=True, text=True, check=True, timeout=20
    )
    assert ended.stdout.split("\n")[:-1] == [environment, "python", "-P", "-m", "dailies", *line.split()]


def test_arguments_keep_their_spaces(checkout: Path) -> None:
    """A file may be called anything, also like a command."""
    names = ["convert", " up ", "a b", "--to=mp3"]
    ended = subprocess.run([checkout / "dailies", *names], capture_output=True, text=True, check=True, timeout=20)
    assert ended.stdout.split("\n")[:-1] == ["runtime", "python", "-P", "-m", "dailies", *names]
