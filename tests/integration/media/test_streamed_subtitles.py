"""Subtitles of an HLS ladder: FFmpeg, as a player, reads them at the times of its pictures."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from dailies.domain.subtitles.cues import cue
from dailies.domain.subtitles.srt import read_srt, write_srt
from dailies.domain.subtitles.vtt import read_vtt
from dailies.media.ffmpeg import FFmpeg
from dailies.media.graphs.film.hls import read_master
from dailies.media.graphs.text.hls_text import divided, read_text_playlist, write_segment
from dailies.operations.steps.abr_text import AbrTextOperation
from dailies.planning.operation import MAIN_FILE, Artifact, Operation
from tests.integration.media.films import WHOLE, Bench
from tests.integration.media.test_spoken_films import talk as talk  # noqa: PLC0414 - a fixture
from tests.integration.media.test_spoken_subtitles import (
    bench as bench,  # noqa: PLC0414 - a fixture
    made,
)
from tests.made import ffmpeg

# The annotation is the test here: mypy holds the class against its protocol.
STEP: type[Operation] = AbrTextOperation


def laid_out(artifact: Artifact, folder: Path) -> Path:
    """The master playlist, with its files beside it."""
    folder.mkdir()
    for role, file in artifact.files.items():
        (folder / ("index.m3u8" if role == MAIN_FILE else role)).write_bytes(Path(file.object).read_bytes())
    return folder / "index.m3u8"


def streamed(bench: Bench, source: Path, folder: Path, **wish: Any) -> Path:
    asked = {"kind": "abr", "quality": "low", "sides": [90], "text_track": {}, **wish}
    outputs, _ = bench.make_all(source, WHOLE, {"stream": asked})
    certificate = outputs["stream"].data
    assert [check for check in certificate["checks"] if not (check["passed"] or check["advisory"])] == []
    assert {"text playlist", "text rendition", "segments"} <= {check["name"] for check in certificate["checks"]}
    assert certificate["kind"] == "abr"
    return laid_out(outputs["stream"], folder)


def seen(binary: FFmpeg, master: Path) -> list[tuple[str, int, int]]:
    """What FFmpeg reads of the text through the master playlist, on the stream's own clock: where pictures begin at 0.

    By itself it counts from the encoder's delay of the sound.
    """
    text = subprocess.run(
        [binary.path, "-v", "error", "-copyts", "-i", master, "-map", "0:s:0", "-f", "srt", "-"],
        check=True, capture_output=True, timeout=60,
    ).stdout.decode()  # fmt: skip
    return [(cue.texts[0], cue.start_ms, cue.end_ms) for cue in read_srt(text)]


def test_what_is_said_is_read_at_its_time(bench: Bench, bundled: FFmpeg, talk: Path, tmp_path: Path) -> None:
    cues, _, _ = made(bench, talk)
    master = streamed(bench, talk, tmp_path / "stream")
    assert seen(bundled, master) == [(cue.texts[0], cue.start_ms, cue.end_ms) for cue in cues]
    variants, others = read_master(master.read_text())
    assert {attributes["SUBTITLES"] for attributes in variants.values()} == {"text"}
    assert others == ["audio.m3u8", "text.m3u8"]
    assert 'TYPE=SUBTITLES,GROUP-ID="text",NAME="Subtitles (en)",LANGUAGE="en"' in master.read_text()
    assert (master.parent / "text-00.vtt").read_text().startswith(
        "WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n\n00:00:0"
    )  # fmt: skip


def test_pictures_that_begin_late_have_their_text_on_time(
    bench: Bench, bundled: FFmpeg, talk: Path, tmp_path: Path
) -> None:
    late = tmp_path / "late.mkv"
    ffmpeg("-itsoffset", "0.7", "-i", talk, "-i", talk, "-map", "0:v", "-map", "1:a", "-c", "copy", late)
    cues, _, _ = made(bench, late)
    master = streamed(bench, late, tmp_path / "stream", segment_seconds=2)
    assert seen(bundled, master) == [(cue.texts[0], cue.start_ms, cue.end_ms) for cue in cues]


def test_nobody_speaks_and_the_stream_is_whole(bench: Bench, bundled: FFmpeg, tmp_path: Path) -> None:
    silent = tmp_path / "silent.mkv"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=160x90:r=10:d=4", "-f", "lavfi", "-i", "anullsrc", "-t", "4", "-c:v",
           "libx264", "-c:a", "flac", silent)  # fmt: skip
    master = streamed(bench, silent, tmp_path / "stream")
    assert read_vtt((master.parent / "text-00.vtt").read_text()) == ()


def test_a_note_over_the_whole_film_is_in_each_segment(bench: Bench, bundled: FFmpeg, tmp_path: Path) -> None:
    """However many others begin meanwhile; what a track has behind the film's last picture nobody sees."""
    lines = [cue(1000 * n, 1000 * n + 800, f"line {n}") for n in range(1, 62)]
    cues = [cue(0, 61_900, "note"), *lines, *(cue(59_000, 60_500, f"sign {n}") for n in range(12))]
    behind = cue(70_000, 71_000, "behind")
    (tmp_path / "own.srt").write_text(write_srt([*cues, behind]))
    film = tmp_path / "film.mkv"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=160x90:r=5:d=62", "-i", tmp_path / "own.srt", "-c:v", "libx264",
           "-c:s", "srt", film)  # fmt: skip
    master = streamed(bench, film, tmp_path / "stream")
    texts = [{each.text for each in read_vtt(path.read_text())} for path in sorted(master.parent.glob("text-*.vtt"))]
    assert ["note" in text for text in texts] == [True, True]
    assert set.union(*texts) == {each.text for each in cues}


def test_a_subtitle_over_a_boundary_is_in_both_segments() -> None:
    """And in no other; a very long film has sixty segments, whose lengths are all of it."""
    cues = [cue(1000, 2000, "first"), cue(59_000, 61_000, "between"), cue(61_000, 62_000, "second")]
    segments = divided(cues, 120.0)
    texts = [[each.text for each in segment.cues] for segment in segments]
    assert texts == [["first", "between"], ["between", "second"]]
    assert [read_vtt(write_segment(segment, 0)) for segment in segments] == [segment.cues for segment in segments]
    long = divided(cues, 86_400.5)
    assert len(long) == 60
    assert sum(segment.seconds for segment in long) == pytest.approx(86_400.5)
    assert read_text_playlist("#EXTM3U\n#EXTINF:60.000000,\ntext-00.vtt\n#EXT-X-ENDLIST\n") == [("text-00.vtt", 60.0)]
