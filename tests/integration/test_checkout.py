"""The checkout's own `./dailies`: which environment it takes for which command."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from dailies.services.diagnosis.extras import EXTRAS, Extra

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
        ("transcribe talk.mp4", "speech"),
        ("transcribe --quiet up.mp4 --to srt", "speech"),
        ("convert transcribe --to mp3", "runtime"),
        ("convert up --to mp3", "runtime"),
        ("convert doctor --to mp3 --project", "runtime"),
        ("--help up", "functions"),
        ("--version", "runtime"),
        ("", "runtime"),
    ],
)
def test_the_environment_is_the_commands(checkout: Path, line: str, environment: str) -> None:
    """Google's libraries for `up` and a check of the cloud, a recogniser for `transcribe`; no argument is changed."""
    ended = subprocess.run(
        [checkout / "dailies", *line.split()], capture_output=True, text=True, check=True, timeout=20
    )
    assert ended.stdout.split("\n")[:-1] == [environment, "python", "-P", "-m", "dailies", *line.split()]


@pytest.mark.parametrize("extra", EXTRAS, ids=lambda extra: extra.name)
def test_a_checkout_brings_what_a_remedy_says_that_it_brings(checkout: Path, extra: Extra) -> None:
    """Not so: whoever follows it stands where they stood before."""
    words = (extra.from_checkout or "").removeprefix("as ./dailies").split()
    if not words:
        # Those who say it name the command: up, doctor --project.
        assert (extra.from_checkout is None) == (extra.name not in {"cloud", "up"})
        return
    ended = subprocess.run([checkout / "dailies", *words], capture_output=True, text=True, check=True, timeout=20)
    pins = (CHECKOUT / "requirements" / f"{ended.stdout.split()[0]}.txt").read_text()
    assert [name for name in extra.packages if f"\n{name}==" not in f"\n{pins}"] == []


def test_arguments_keep_their_spaces(checkout: Path) -> None:
    """A file may be called anything, also like a command."""
    names = ["convert", " up ", "a b", "--to=mp3"]
    ended = subprocess.run([checkout / "dailies", *names], capture_output=True, text=True, check=True, timeout=20)
    assert ended.stdout.split("\n")[:-1] == ["runtime", "python", "-P", "-m", "dailies", *names]
