"""``convert`` of several files, folders and streams."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from dailies.cli.schemas import schema_texts
from tests.e2e.command import Dailies

Clips = Callable[[str], Path]


@pytest.fixture
def folder(clips: Clips, tmp_path: Path) -> Path:
    """A season: two episodes that can be heard, one that can't be read, and its notes."""
    season = tmp_path / "a season"
    (season / "extras").mkdir(parents=True)
    shutil.copy(clips("quiet.wav"), season / "e1.wav")
    shutil.copy(clips("hd.mp4"), season / "extras" / "e2.mp4")
    (season / "e10.mp3").write_bytes(bytes(range(1, 250)) * 9)
    (season / "notes.txt").write_text("no media")
    return season


def test_a_folder_is_converted_file_by_file(dailies: Dailies, folder: Path, tmp_path: Path) -> None:
    """Each has its result or its error, in one document; the exit code is the worst one's, and folders keep their
    shape. A second call finds all of it made."""
    out = tmp_path / "out"
    document = dailies("convert", folder, folder / "gone.wav", "--to", "opus", "-o", out, code=3)
    jsonschema.validate(document, json.loads(schema_texts()["results.schema.json"]))
    assert [Path(file["source"]).name for file in document["files"]] == ["e1.wav", "e10.mp3", "e2.mp4", "gone.wav"]
    assert [file["error"]["code"] for file in document["files"] if "error" in file] == ["not_media", "source_not_found"]
    assert document["failed"] == 2
    made = {str(path.relative_to(out)) for path in out.rglob("*.opus")}
    assert made == {"e1.opus", "extras/e2.opus"}
    again = dailies("convert", folder / "e1.wav", folder / "extras", "--to", "opus", "-o", out)
    steps = {step["status"] for file in again["files"] for step in file["result"]["steps"]}
    assert steps == {"cached"}


def test_what_was_made_is_no_source(dailies: Dailies, clips: Clips, tmp_path: Path) -> None:
    """A second call for the same folder converts the same files, and an output is never its source."""
    memos = tmp_path / "memos"
    memos.mkdir()
    shutil.copy(clips("quiet.wav"), memos / "memo.wav")
    for _ in range(2):
        document = dailies("convert", memos, "--to", "wav", "--at-once", "2")
        assert [file["source"] for file in document["files"]] == [str(memos / "memo.wav")]
    assert {path.name for path in memos.iterdir()} == {"memo.wav", "memo-converted.wav"}
    result = dailies("convert", memos / "memo.wav", "-o", memos / "memo.opus")
    assert result["outputs"]["output"]["audio"]["codec"] == "opus"


def test_a_pipe_is_a_source_and_a_destination(home: Path, clips: Clips, tmp_path: Path) -> None:
    """The bytes are those of the file that the same call would write; what is said goes to stderr."""
    command = [sys.executable, "-P", "-m", "dailies", "convert"]
    environment = {**os.environ, "DAILIES_HOME": str(home)}
    piped = subprocess.run(
        [*command, "-", "--to", "mp3"], input=clips("quiet.wav").read_bytes(), capture_output=True, check=True,
        env=environment, timeout=110,
    )  # fmt: skip
    assert "✔ -\n" in piped.stderr.decode()
    made = tmp_path / "quiet.mp3"
    subprocess.run([*command, clips("quiet.wav"), "-o", made], capture_output=True, check=True, env=environment)
    assert piped.stdout == made.read_bytes()
    assert [path for path in (home / "scratch").rglob("*") if path.is_file()] == []


def test_ctrl_c_cancels_what_is_under_way(dailies: Dailies, clips: Clips, tmp_path: Path) -> None:
    """SIGINT: exit 130, no job goes on, nothing is left beside the sources or in the scratch space."""
    films = tmp_path / "films"
    films.mkdir()
    for number in range(3):
        shutil.copy(clips("busy.mp4"), films / f"{number}.mp4")
    process = dailies.start("convert", films, "--to", "mp4", "-o", tmp_path / "out", "--at-once", "2", "--json")
    dailies.process("libx264")
    process.send_signal(signal.SIGINT)
    assert dailies.finish(process, 130)["error"]["code"] == "cancelled"
    assert {job["status"] for job in dailies("jobs")} == {"cancelled"}
    assert not (tmp_path / "out").exists()
    assert dailies.leftovers() == []
