"""Real media written elsewhere: every file is accepted or refused as its manifest says (tests/corpus.py)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.corpus import corpus
from tests.e2e.conftest import Dailies

# Decoding six minutes of 1080p says no more about acceptance than the first seconds do.
_LONG_BYTES = 400_000
_SECONDS_OF_LONG = "4"
FILES = corpus()


def _name(row: dict[str, str]) -> str:
    return row["file"][:40]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dailies]:
    """One store for all files: each is probed once."""
    dailies = Dailies(tmp_path_factory.mktemp("corpus") / "home")
    yield dailies
    assert dailies.leftovers() == []


def convert(dailies: Dailies, row: dict[str, str], out: Path, *options: str) -> Any:
    with dailies.start("convert", row["path"], "-o", out, *options, "--json") as process:
        stdout, stderr = process.communicate(timeout=110)
    assert "Traceback" not in stderr
    assert stdout.count("\n") == 1
    document = json.loads(stdout)
    if process.returncode:
        assert process.returncode == 3, document
        assert not out.exists()
        assert document["error"]["code"] not in {"internal", "ffmpeg_failed", "poison_step"}
    return document


@pytest.mark.skipif(not FILES, reason="DAILIES_MEDIA_CORPUS is not set")
@pytest.mark.parametrize("row", FILES, ids=_name)
def test_each_file_is_accepted_or_refused_as_its_manifest_says(
    shared: Dailies, tmp_path: Path, row: dict[str, str]
) -> None:
    """Audio out and video out; what a file lacks has a specific answer, and nothing ever crashes."""
    tonemap = ["--hdr", "tonemap"] if row["category"] in {"hdr", "odd_dims"} else []
    part = ["--end", _SECONDS_OF_LONG] if row["file"].startswith("long_") and _is_long(row) else []
    audio = convert(shared, row, tmp_path / "out.mp3", "--to", "mp3")
    video = convert(shared, row, tmp_path / "out.mp4", "--to", "mp4", "--height", "240", *tonemap, *part)
    codes = {document["error"]["code"] for document in (audio, video) if "error" in document}
    if row["expect"] == "reject":
        assert "error" in audio
        assert "error" in video
        assert not codes & {"no_audio", "no_video"}
    elif row["expect"] == "accept":
        assert codes <= {"no_audio", "no_video"}
        assert len(codes) < 2
    if row["category"] == "hdr":
        plain = convert(shared, row, tmp_path / "plain.mp4", "--to", "mp4", "--height", "240")
        assert plain["error"]["code"] == "hdr_source"


def _is_long(row: dict[str, str]) -> bool:
    return Path(row["path"]).stat().st_size > _LONG_BYTES
