"""Real media written elsewhere: every file is accepted or refused as its manifest says (tests/corpus.py)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.corpus import NO_CORPUS, corpus
from tests.e2e.in_process import InProcess, dailies as dailies  # noqa: PLC0414 - a fixture
from tests.e2e.test_edit import failed
from tests.kinds import PICTURED, SOUNDING, recipe

FILES = corpus()
_NORMALIZE = {"normalize": {"integrated_lufs": -16}}
SOUND = {"sound": {"kind": "audio", "format": "mp3", **_NORMALIZE}}
FILM = {"film": {"kind": "video", "format": "mp4", "height": 240, **_NORMALIZE}}
# Decoding six minutes of 1080p says no more about acceptance than the first seconds do.
_LONG_BYTES, _LONG_PART = 400_000, {"end": 4}


def answer_of(dailies: InProcess, out: Path, *words: str | Path) -> Any:
    """What a command answers; a refusal leaves nothing and is never for want of a better word."""
    code, stdout, stderr = dailies.run(*words, "--json")
    assert dailies.leftovers() == []
    assert "Traceback" not in stderr
    assert stdout.count("\n") == 1
    document = json.loads(stdout)
    assert code == (3 if "error" in document else 0), document
    if "error" in document:
        assert not out.exists()
        assert document["error"]["code"] not in {"internal", "ffmpeg_failed", "poison_step"}
    return document


def run(dailies: InProcess, row: dict[str, str], outputs: dict[str, dict[str, Any]], folder: Path) -> Any:
    tonemap = {"hdr": "tonemap"} if row["category"] in {"hdr", "odd_dims"} else {}
    wanted = recipe(folder, outputs, **tonemap)
    return answer_of(dailies, folder / "out", "run", row["path"], "--recipe", wanted, "--out", folder / "out")


def outputs_for(row: dict[str, str]) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
    """What is asked of a file's sound and of its pictures: every kind, or the main ones of a long file."""
    if not row["file"].startswith("long_"):
        return {**SOUND, **SOUNDING}, {**FILM, **PICTURED}
    long = Path(row["path"]).stat().st_size > _LONG_BYTES
    return SOUND, {"film": {**FILM["film"], **(_LONG_PART if long else {})}}


@pytest.mark.skipif(not FILES, reason=NO_CORPUS)
@pytest.mark.parametrize("row", FILES, ids=lambda row: row["file"][:40])
def test_each_file_is_accepted_or_refused_as_its_manifest_says(
    dailies: InProcess, tmp_path: Path, row: dict[str, str]
) -> None:
    """Every kind of output at once: all made and verified, or refused with a reason."""
    sounding, pictured = outputs_for(row)
    answer = run(dailies, row, {**sounding, **pictured}, tmp_path)
    # What a file lacks has a specific answer, and what it has can be asked for without.
    left = {"no_audio": pictured, "no_video": sounding}.get(answer.get("error", {}).get("code"))
    if row["expect"] == "reject":
        assert "error" in answer
        assert left is None
    elif left is not None:
        answer = run(dailies, row, left, tmp_path)
    if row["expect"] == "accept":
        assert "error" not in answer
    assert [name for output in answer.get("outputs", {}).values() for name in failed(output)] == []


HDR = [row for row in FILES if row["category"] == "hdr"]


@pytest.mark.skipif(not HDR, reason=NO_CORPUS)
@pytest.mark.parametrize("row", HDR, ids=lambda row: row["file"][:40])
def test_high_dynamic_range_is_refused_where_nobody_said_what_to_do_with_it(
    dailies: InProcess, tmp_path: Path, row: dict[str, str]
) -> None:
    out = tmp_path / "plain.mp4"
    words = ("convert", row["path"], "-o", out, "--to", "mp4", "--height", "240")
    assert answer_of(dailies, out, *words)["error"]["code"] == "hdr_source"
