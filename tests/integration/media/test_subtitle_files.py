"""FFmpeg reads what we write: as many subtitles, at their times, with their words, whatever these are."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from dailies.domain.subtitles.ass import read_dialogue, write_ass
from dailies.domain.subtitles.cues import Cue
from dailies.domain.subtitles.srt import write_srt
from dailies.domain.subtitles.style import SubtitleStyle
from dailies.domain.subtitles.vtt import write_vtt
from dailies.media.ffmpeg import FFmpeg
from tests.unit.domain.subtitles.attacks import ATTACKS
from tests.unit.domain.subtitles.test_formats import attacked

FILES: dict[str, Callable[[Sequence[Cue]], str]] = {
    "srt": write_srt,
    "webvtt": write_vtt,
    "ass": lambda cues: write_ass(cues, SubtitleStyle()),
}


def heard_by(binary: Path, text: str, form: str, folder: Path) -> list[Cue | None]:
    """The events as FFmpeg passes them on."""
    path = folder / "text"
    path.write_text(text, encoding="utf-8")
    said = subprocess.run(
        [binary, "-v", "error", "-f", form, "-i", path, "-c:s", "ass", "-ignore_readorder", "1", "-f", "ass", "-"],
        check=True, capture_output=True, timeout=60,
    ).stdout.decode()  # fmt: skip
    # FFmpeg leaves braces of other formats as they are.
    lines = [line for line in said.splitlines() if line.startswith("Dialogue: ")]
    return [read_dialogue(line.removeprefix("Dialogue: "), comments=form == "ass") for line in lines]


@pytest.mark.parametrize("form", FILES)
def test_ffmpeg_reads_what_attacks_as_text(bundled: FFmpeg, form: str, tmp_path: Path) -> None:
    for name, attack in ATTACKS.items():
        cues = attacked(attack)
        found = heard_by(bundled.path, FILES[form](cues), form, tmp_path)
        assert None not in found, name
        read = [cue for cue in found if cue is not None]
        assert [(cue.start_ms, cue.end_ms, cue.align) for cue in read] == [
            (cue.start_ms, cue.end_ms, cue.align) for cue in cues
        ], name
        assert [" ".join(cue.texts) for cue in read] == [" ".join(cue.texts) for cue in cues], name
