"""What the toolbox does about an FFmpeg that stands still, and how long it lets one run."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from dailies.domain.errors import SourceRefused
from dailies.domain.stop import StopToken
from dailies.media.ffmpeg import FFmpeg
from dailies.media.toolbox import Toolbox, wall_seconds
from dailies.settings import Settings
from tests.integration.media.conftest import null_run, script

THREADED = 'case "$*" in *"-threads 1"*) exit 0;; esac'


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    path.write_bytes(bytes(1000))
    return path


def toolbox(bundled: FFmpeg, folder: Path, *lines: str) -> Toolbox:
    """With a program in FFmpeg's place that notes each start."""
    made = Toolbox(Settings(home=folder, sandbox="off"))
    [program] = script(folder / "ffmpeg", f"echo start >> {folder / 'starts'}", *lines)
    made.__dict__["_ffmpeg"] = dataclasses.replace(bundled, path=Path(program))
    made.still_seconds = 0.5
    return made


def starts(folder: Path) -> int:
    return len((folder / "starts").read_text().splitlines())


def run(tools: Toolbox, scratch: Path, source: Path) -> None:
    tools.run(null_run(), scratch=scratch, source=source, stop=StopToken(), media_seconds=2.0, on_line=lambda _: None)


def test_a_run_that_stands_still_is_tried_once_another_way(
    bundled: FFmpeg, scratch: Path, source: Path, tmp_path: Path
) -> None:
    """With decoders that have no threads: the frames are the same."""
    run(toolbox(bundled, tmp_path, THREADED, "exec sleep 600"), scratch, source)
    assert starts(tmp_path) == 2


@pytest.mark.parametrize(("line", "tries"), [("", 2), ("echo a line", 1)], ids=["twice", "half told"])
def test_then_it_is_a_refusal(
    line: str, tries: int, bundled: FFmpeg, scratch: Path, source: Path, tmp_path: Path
) -> None:
    """Who has already heard lines of the first try would hear them twice."""
    with pytest.raises(SourceRefused, match="stood still") as caught:
        run(toolbox(bundled, tmp_path, line, "exec sleep 600"), scratch, source)
    assert (caught.value.error_code, starts(tmp_path)) == ("stood_still", tries)


def test_the_limit_is_that_of_the_work() -> None:
    """An hour that is listened to may take less than one that is encoded, and neither a day."""
    heard, encoded = wall_seconds(null_run(), 10), wall_seconds([*null_run(), "-c:v", "libx264"], 10)
    assert 300 < heard < encoded < 1000
