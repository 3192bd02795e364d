"""``dailies vats``: from a film to its audio, transcript, subtitles and package. The model hears nonsense, on time."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

from dailies.domain.job.manifest import Manifest
from tests.e2e.command import Dailies
from tests.e2e.test_transcribe import talk


def test_a_film_becomes_its_parts_and_their_package(dailies: Dailies, tmp_path: Path) -> None:
    """In a folder of its name; the manifest has the digest of every file there, and what each step took."""
    result = dailies("vats", talk(tmp_path))
    folder = tmp_path / "talk"
    assert {path.name for path in folder.iterdir()} == {
        "audio.m4a", "transcript.json", "text.txt", "subtitles.srt", "package.json",
    }  # fmt: skip
    manifest = Manifest.model_validate(json.loads((folder / "package.json").read_text(encoding="utf-8")))
    assert set(manifest.outputs) == {"audio", "transcript", "text", "subtitles"}
    for output in manifest.outputs.values():
        for file in output.files:
            assert hashlib.sha256((folder / file.name).read_bytes()).hexdigest() == file.sha256
    assert {"probe", "voice", "transcribe", "audio"} <= {step.kind for step in manifest.steps}
    assert 0 <= manifest.quality <= 100
    assert result["outputs"]["package"]["quality_score"] == manifest.quality
    # Asked for as one file, nothing is made again.
    again = dailies("vats", tmp_path / "talk.wav", "--zip", "-o", tmp_path / "out")
    assert {step["status"] for step in again["steps"] if step["kind"] != "package-archive"} == {"cached"}
    with zipfile.ZipFile(tmp_path / "out" / "package.zip") as archive:
        assert set(archive.namelist()) == {
            "manifest.json", "audio.m4a", "transcript.json", "text.txt", "subtitles.srt",
        }  # fmt: skip
