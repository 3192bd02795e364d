"""Text tracks of a source as files: the same words at the same times, also of what was cut out of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pysubs2
import pytest

from dailies.domain.edit.chunking import ChunkRules
from dailies.domain.errors import InvalidRecipe, SourceRefused
from dailies.domain.subtitles.cues import Cue
from dailies.domain.subtitles.srt import read_srt
from dailies.media.ffmpeg import FFmpeg
from dailies.operations.deliverables.subtitles import SubtitlesOperation
from dailies.operations.text.subtitle_files import read
from dailies.planning.operation import Deliverable
from tests.integration.media.films import Bench, bench_of
from tests.made import ffmpeg

WHOLE = ChunkRules(seconds=60, above_seconds=1e9)
# The annotation is the test here: mypy holds the class against its protocol.
SUBTITLES: type[Deliverable] = SubtitlesOperation
SRT = """1
00:00:00,250 --> 00:00:01,417
Plain text,
<i>leaning</i> text

2
00:00:02,003 --> 00:00:03,999
5 & 6 {braces} -- {{{}

3
00:00:04,100 --> 00:00:06,100
{\\an8}日本語 and עברית

4
00:00:06,500 --> 00:00:07,750
the last
"""
PICTURE = ["-f", "lavfi", "-i", "testsrc2=s=64x64:r=25:d=8"]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("srt") / "track.srt"
    path.write_text(SRT, encoding="utf-8")
    return path


@pytest.fixture
def bench(bundled: FFmpeg, tmp_path: Path) -> Bench:
    return bench_of(bundled, tmp_path)


@pytest.fixture
def film(written: Path, tmp_path: Path) -> Callable[..., Path]:
    def make(name: str, codec: str, *more: str) -> Path:
        path = tmp_path / name
        ffmpeg(*PICTURE, "-i", written, "-map", "0", "-map", "1", "-c:v", "libx264", "-preset",
               "ultrafast", "-c:s", codec, *more, path)  # fmt: skip
        return path

    return make


def made(bench: Bench, source: Path, **wish: Any) -> tuple[tuple[Cue, ...], dict[str, Any], Path]:
    """The subtitles read back, the certificate, and the file."""
    path, certificate, _ = bench.make(source, WHOLE, **{"kind": "subtitles", "format": "srt", **wish})
    assert [check for check in certificate["checks"] if not (check["passed"] or check["advisory"])] == []
    return read(path, wish.get("format", "srt")), certificate, path


TIMES = [(250, 1417), (2003, 3999), (4100, 6100), (6500, 7750)]
TEXTS = ["Plain text,\nleaning text", "5 & 6 {braces} -- {{{}", "日本語 and עברית", "the last"]


@pytest.mark.parametrize(
    ("name", "codec", "more"),
    [
        ("a.mp4", "mov_text", ()),
        ("a.mkv", "subrip", ()),
        ("b.mkv", "webvtt", ()),
        ("late.mkv", "subrip", ("-output_ts_offset", "7.3")),
        ("late.mp4", "mov_text", ("-output_ts_offset", "7.3")),
    ],
)
def test_a_track_is_taken_out_to_the_millisecond(
    bench: Bench, film: Callable[..., Path], name: str, codec: str, more: tuple[str, ...]
) -> None:
    """Of each container and codec, on the source's own clock, its start subtracted."""
    cues, certificate, _ = made(bench, film(name, codec, *more))
    assert [(cue.start_ms, cue.end_ms) for cue in cues] == TIMES
    assert [cue.text for cue in cues] == TEXTS
    assert certificate["text"]["subtitles"] == 4
    assert certificate["text"]["overlaps"] == 0
    assert certificate["duration_seconds"] == 7.75
    assert cues[0].lines[1][0].italic


@pytest.mark.parametrize("form", ["srt", "vtt", "ass"])
def test_every_format_has_the_same_text_at_the_same_times(bench: Bench, film: Callable[..., Path], form: str) -> None:
    """Read by pysubs2 too, for which ASS has hundredths of a second."""
    cues, certificate, path = made(bench, film("a.mkv", "subrip"), format=form)
    assert [cue.text for cue in cues] == TEXTS
    assert [cue.align for cue in cues] == [2, 2, 8, 2]
    others = pysubs2.load(str(path))
    assert len(others) == len(TIMES)
    for event, (start, end) in zip(others, TIMES, strict=True):
        assert abs(event.start - start) <= 5
        assert abs(event.end - end) <= 5
    assert {check["name"] for check in certificate["checks"]} >= {"text", "read by FFmpeg", "characters_per_second"}


def test_the_language_chooses_the_track(bench: Bench, written: Path, tmp_path: Path) -> None:
    """By its two letters or three; by number too; what there is not is refused and said."""
    source = tmp_path / "two.mkv"
    dutch = tmp_path / "dutch.srt"
    dutch.write_text("1\n00:00:01,000 --> 00:00:02,000\nHallo\n", encoding="utf-8")
    ffmpeg(*PICTURE, "-i", written, "-i", dutch, "-map", "0", "-map", "1", "-map", "2", "-c:s", "subrip",
           "-metadata:s:s:0", "language=eng", "-metadata:s:s:1", "language=dut", source)  # fmt: skip
    for wish in ({"language": "nl"}, {"language": "nl-BE"}, {"language": "nld"}, {"subtitle_track": 1}):
        cues, certificate, _ = made(bench, source, **wish)
        assert [cue.text for cue in cues] == ["Hallo"]
        assert certificate["language"] == "nl"
    with pytest.raises(SourceRefused, match="no subtitles in fr, it has dut, eng") as refused:
        made(bench, source, language="fr")
    assert refused.value.error_code == "no_subtitles"
    with pytest.raises(InvalidRecipe, match="no track 2, the source has 2"):
        made(bench, source, subtitle_track=2)


def test_a_source_without_text_is_refused(bench: Bench, tmp_path: Path) -> None:
    source = tmp_path / "none.mkv"
    ffmpeg(*PICTURE, source)
    with pytest.raises(SourceRefused, match="no subtitle track") as refused:
        made(bench, source, text_from="track")
    assert refused.value.error_code == "no_subtitles"
    with pytest.raises(SourceRefused, match="nobody speaks"):
        made(bench, source)


def test_subtitles_of_a_trim_are_those_of_its_film(bench: Bench, film: Callable[..., Path]) -> None:
    cues, _, _ = made(bench, film("a.mkv", "subrip"), start=2, end=7)
    assert [(cue.start_ms, cue.end_ms) for cue in cues] == [(3, 1999), (2100, 4100), (4500, 5000)]


def test_subtitles_of_an_edit_are_those_of_its_film(bench: Bench, film: Callable[..., Path]) -> None:
    """Segments in another order, with a crossfade: each cue where its pictures are."""
    segments = [
        {"start": 4, "end": 8, "transition": "crossfade", "transition_seconds": 0.4},
        {"start": 0, "end": 3.8},
    ]
    source = film("a.mp4", "mov_text")
    cues, _, _ = made(bench, source, segments=segments)
    shown = [(cue.text.split("\n")[0], cue.start_ms, cue.end_ms) for cue in cues]
    # The first part lasts 4 s, of which the last 0.4 are shared.
    assert shown == [
        (TEXTS[2], 100, 2100), (TEXTS[3], 2500, 3750), ("Plain text,", 3850, 5017), (TEXTS[1], 5603, 7400),
    ]  # fmt: skip
    film_of_it, certificate, kinds = bench.make(source, WHOLE, segments=segments)
    assert film_of_it.exists()
    assert certificate["duration_seconds"] == pytest.approx(7.4, abs=0.05)
    assert "cuts" in kinds


def test_speed_moves_the_times(bench: Bench, film: Callable[..., Path]) -> None:
    cues, _, _ = made(bench, film("a.mkv", "subrip"), speed=2)
    assert [(cue.start_ms, cue.end_ms) for cue in cues] == [(125, 708), (1002, 2000), (2050, 3050), (3250, 3875)]


def test_what_breaks_the_rules_is_said_and_delivered(bench: Bench, film: Callable[..., Path]) -> None:
    """A track is somebody's work: it isn't broken anew."""
    cues, certificate, _ = made(bench, film("a.mkv", "subrip"), max_line_length=20, characters_per_second=8)
    assert [cue.text for cue in cues] == TEXTS
    checks = {check["name"]: check for check in certificate["checks"]}
    assert checks["max_line_length"]["advisory"]
    assert not checks["max_line_length"]["passed"]
    assert checks["max_line_length"]["measured"] == "75.0 % within, the worst 22"
    json.dumps(certificate)


def test_a_window_without_text_is_an_empty_file(bench: Bench, film: Callable[..., Path]) -> None:
    for form in ("srt", "vtt", "ass"):
        cues, certificate, _ = made(bench, film("a.mkv", "subrip"), format=form, start=7.9)
        assert cues == ()
        assert certificate["text"]["subtitles"] == 0


def test_srt_of_others_is_read_as_ffmpeg_reads_it(written: Path) -> None:
    assert [(cue.start_ms, cue.end_ms, cue.text) for cue in read_srt(SRT)] == [
        (*times, text) for times, text in zip(TIMES, TEXTS, strict=True)
    ]
