"""Real media written elsewhere, through every kind of output that is a recipe's alone (tests/corpus.py)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.corpus import corpus
from tests.e2e.conftest import Dailies
from tests.kinds import PICTURED, SOUNDING, recipe

# The long ones are many times the work, and no other case.
FILES = [row for row in corpus() if not row["file"].startswith("long_")]
#: What is left to ask of a file that has no such track.
LEFT = {"no_audio": PICTURED, "no_video": SOUNDING}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dailies]:
    """One store for all files: each is probed once."""
    dailies = Dailies(tmp_path_factory.mktemp("kinds") / "home")
    yield dailies
    assert dailies.leftovers() == []


def run(dailies: Dailies, row: dict[str, str], outputs: dict[str, dict[str, Any]], folder: Path) -> Any:
    tonemap = {"hdr": "tonemap"} if row["category"] in {"hdr", "odd_dims"} else {}
    wanted = recipe(folder, outputs, **tonemap)
    with dailies.start("run", row["path"], "--recipe", wanted, "--out", folder / "out", "--json") as process:
        stdout, stderr = process.communicate(timeout=110)
    assert "Traceback" not in stderr
    answer = json.loads(stdout)
    assert process.returncode == (3 if "error" in answer else 0), answer
    return answer


@pytest.mark.skipif(not FILES, reason="DAILIES_MEDIA_CORPUS is not set")
@pytest.mark.parametrize("row", FILES, ids=lambda row: row["file"][:40])
def test_each_file_goes_through_every_kind(shared: Dailies, tmp_path: Path, row: dict[str, str]) -> None:
    """Poster, storyboard, timelapse, ladder and waveform at once: all made and verified, or refused with a reason."""
    answer = run(shared, row, {**PICTURED, **SOUNDING}, tmp_path)
    lacks = answer.get("error", {}).get("code")
    if lacks in LEFT and row["expect"] != "reject":
        answer = run(shared, row, LEFT[lacks], tmp_path)
    if row["expect"] == "reject":
        assert "error" in answer
    elif row["expect"] == "accept":
        assert "error" not in answer
    assert all(check["passed"] for output in answer.get("outputs", {}).values() for check in output["checks"])
