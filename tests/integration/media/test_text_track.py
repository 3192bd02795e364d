"""A film carries its source's subtitles as a track that a player can switch on: the same words, in the film's time."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from dailies.domain.subtitles.ass import write_ass
from dailies.domain.subtitles.cues import Cue, Span
from dailies.domain.subtitles.plain_text import plain_lines
from dailies.domain.subtitles.srt import read_srt
from dailies.domain.subtitles.style import SubtitleStyle
from dailies.media.ffmpeg import FFmpeg
from dailies.operations.steps.text_track import TextTrackOperation
from dailies.planning.operation import Operation
from tests.integration.media.films import WHOLE, Bench, bench_of
from tests.integration.media.test_subtitles import SRT, TEXTS, TIMES
from tests.made import ffmpeg
from tests.unit.domain.subtitles.attacks import ATTACKS

# The annotation is the test here: mypy holds the class against its protocol.
STEP: type[Operation] = TextTrackOperation


@pytest.fixture
def bench(bundled: FFmpeg, tmp_path: Path) -> Bench:
    return bench_of(bundled, tmp_path)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Eight seconds with pictures that are copied, sound, a track of text, tags and a chapter."""
    text, labels, path = tmp_path / "t.srt", tmp_path / "labels.txt", tmp_path / "source.mkv"
    text.write_text(SRT, encoding="utf-8")
    labels.write_text(";FFMETADATA1\ntitle=Rushes\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=8000\ntitle=One\n")
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x64:r=25:d=8", "-f", "lavfi", "-i", "sine=d=8:r=48000", "-i", text,
           "-i", labels, "-map", "0", "-map", "1", "-map", "2", "-map_metadata", "3", "-c:v", "libx264",
           "-pix_fmt", "yuv420p", "-c:s", "subrip", "-metadata:s:s:0", "language=eng", path)  # fmt: skip
    return path


def switched_on(binary: FFmpeg, film: Path) -> list[tuple[str, int, int]]:
    """The words of the track, and when they are shown."""
    said = subprocess.run(
        [binary.path, "-v", "error", "-i", film, "-map", "0:s:0", "-f", "srt", "-"],
        check=True, capture_output=True, timeout=60,
    ).stdout.decode()  # fmt: skip
    return [(cue.text.split("\n")[0], cue.start_ms, cue.end_ms) for cue in read_srt(said)]


def made(bench: Bench, source: Path, **wish: Any) -> tuple[Path, dict[str, Any], list[str]]:
    film, certificate, kinds = bench.make(source, WHOLE, kind="video", text_track={"language": "en"}, **wish)
    checks = {check["name"]: check for check in certificate["checks"]}
    assert [name for name, check in checks.items() if not (check["passed"] or check["advisory"])] == []
    assert checks["pictures and sound"]["measured"] == "the same"
    assert checks["text track"]["measured"].endswith("at their times")
    assert checks["metadata"]["passed"]
    assert certificate["kind"] == "video"
    return film, certificate, kinds


def test_a_film_carries_the_words_of_its_source(bench: Bench, bundled: FFmpeg, source: Path) -> None:
    """Beside pictures that are copied, its tags and chapters; the track says its language."""
    film, _, kinds = made(bench, source)
    assert switched_on(bundled, film) == [
        (text.split("\n")[0], *times) for text, times in zip(TEXTS, TIMES, strict=True)
    ]
    info = bench.look(film)
    assert [(other.codec, other.language) for other in info.other if other.kind == "subtitle"] == [("mov_text", "eng")]
    assert info.tags["title"] == "Rushes"
    assert [chapter.title for chapter in info.chapters] == ["One"]
    assert set(kinds) >= {"video", "text-track", "subtitles", "subtitle-track"}


def test_the_track_is_in_the_time_of_a_trim_and_of_an_edit(bench: Bench, bundled: FFmpeg, source: Path) -> None:
    film, _, _ = made(bench, source, start=2, end=7)
    assert switched_on(bundled, film) == [(TEXTS[1], 3, 1999), (TEXTS[2], 2100, 4100), (TEXTS[3], 4500, 5000)]
    film, certificate, kinds = made(bench, source, segments=[{"start": 4, "end": 8}, {"start": 0, "end": 2}])
    assert switched_on(bundled, film) == [(TEXTS[2], 100, 2100), (TEXTS[3], 2500, 3750), ("Plain text,", 4250, 5417)]
    assert certificate["duration_seconds"] == pytest.approx(6, abs=0.05)
    assert "edit" in kinds


def test_a_part_without_words_has_no_track(bench: Bench, source: Path) -> None:
    film, _, _ = made(bench, source, start=7.8)
    assert [other.kind for other in bench.look(film).other if other.kind == "subtitle"] == []


def test_what_attacks_formats_is_the_text_of_a_track(bench: Bench, bundled: FFmpeg, tmp_path: Path) -> None:
    """Each attack is one subtitle at its time, and none is lost or added, whatever it orders."""
    cues = [
        Cue(2000 * number + 1000, 2000 * number + 2000, lines)
        for number, attack in enumerate(ATTACKS.values())
        if (lines := tuple((Span(line),) for line in plain_lines(attack)))
    ]
    (tmp_path / "attacks.ass").write_text(write_ass(cues, SubtitleStyle()), encoding="utf-8")
    source = tmp_path / "attacked.mkv"
    seconds = f"{2 * len(ATTACKS) + 2}"
    ffmpeg("-f", "lavfi", "-i", f"color=s=64x64:r=5:d={seconds}", "-i", tmp_path / "attacks.ass", "-map", "0", "-map",
           "1", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:s", "copy", source)  # fmt: skip
    film, certificate, _ = bench.make(source, WHOLE, kind="video", text_track={})
    assert [check for check in certificate["checks"] if not (check["passed"] or check["advisory"])] == []
    said = subprocess.run(
        [bundled.path, "-v", "error", "-i", film, "-map", "0:s:0", "-c:s", "ass", "-f", "ass", "-"],
        check=True, capture_output=True, timeout=60,
    ).stdout.decode()  # fmt: skip
    events = [line for line in said.splitlines() if line.startswith("Dialogue: ")]
    assert len(events) == len(cues)
