"""Subtitles drawn into a film: seen when they are to be seen, in our font, and nothing else is changed."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from dailies.domain.errors import InvalidRecipe, SourceRefused
from dailies.domain.subtitles.cues import Cue
from dailies.domain.subtitles.glyphs import covered, lacking
from dailies.domain.subtitles.srt import write_srt
from dailies.media.ffmpeg import FFmpeg
from dailies.media.run.fonts import font_files
from tests.integration.media.films import WHOLE, Bench, bench_of
from tests.made import ffmpeg
from tests.unit.domain.subtitles.attacks import ATTACKS
from tests.unit.domain.subtitles.test_formats import attacked

SIZE = (320, 180)
SRT = "1\n00:00:01,000 --> 00:00:02,000\nGrüße, мир\n\n2\n00:00:03,000 --> 00:00:04,000\n{\\an8}above\n"


def source_of(folder: Path, text: str, name: str = "source.mkv") -> Path:
    """Six grey seconds with a tone and the text as a track."""
    (folder / "t.srt").write_text(text, encoding="utf-8")
    path = folder / name
    ffmpeg("-f", "lavfi", "-i", "color=c=gray:s={}x{}:r=10:d=6".format(*SIZE), "-f", "lavfi", "-i", "sine=d=6:r=48000",
           "-i", folder / "t.srt", "-map", "0", "-map", "1", "-map", "2", "-c:v", "libx264", "-pix_fmt", "yuv420p",
           "-c:s", "subrip", path)  # fmt: skip
    return path


@pytest.fixture
def bench(binary: FFmpeg, tmp_path: Path) -> Bench:
    return bench_of(binary, tmp_path)


def drawn(binary: FFmpeg, film: Path, seconds: float) -> tuple[float, float]:
    """The shares of the upper and of the lower half of a frame that aren't the grey."""
    frame = subprocess.run(
        [binary.path, "-v", "error", "-ss", f"{seconds}", "-i", film, "-frames:v", "1", "-f", "rawvideo", "-pix_fmt",
         "gray", "-"],
        check=True, capture_output=True, timeout=60,
    ).stdout  # fmt: skip
    assert len(frame) == SIZE[0] * SIZE[1]
    grey = frame[0]
    half = len(frame) // 2
    upper, lower = (sum(abs(sample - grey) > 24 for sample in part) / half for part in (frame[:half], frame[half:]))
    return upper, lower


def made(bench: Bench, source: Path, burn_in: dict[str, Any] | None = None, **wish: Any) -> tuple[Path, dict[str, Any]]:
    film, certificate, _ = bench.make(source, WHOLE, kind="video", quality="high", burn_in=burn_in or {}, **wish)
    checks = {check["name"]: check for check in certificate["checks"]}
    assert [name for name, check in checks.items() if not (check["passed"] or check["advisory"])] == []
    assert "visible" in checks["burnt in"]["expected"]
    return film, certificate


def test_words_are_seen_when_they_are_said_and_where(bench: Bench, bundled: FFmpeg, tmp_path: Path) -> None:
    """Below, above where the track says so, and at no other time."""
    film, certificate = made(bench, source_of(tmp_path, SRT))
    assert drawn(bundled, film, 0.5) == (0, 0)
    assert drawn(bundled, film, 2.5) == (0, 0)
    upper, lower = drawn(bundled, film, 1.5)
    assert upper == 0
    assert lower > 0.002
    upper, lower = drawn(bundled, film, 3.5)
    assert upper > 0.002
    assert lower == 0
    assert certificate["duration_seconds"] == pytest.approx(6, abs=0.1)


def test_a_trim_shows_them_at_its_own_time(bench: Bench, bundled: FFmpeg, tmp_path: Path) -> None:
    film, _ = made(bench, source_of(tmp_path, SRT), start=0.7, end=2.5)
    assert drawn(bundled, film, 0.1) == (0, 0)
    assert drawn(bundled, film, 0.8)[1] > 0.002
    assert drawn(bundled, film, 1.5) == (0, 0)


def test_looks_are_as_asked(bench: Bench, bundled: FFmpeg, tmp_path: Path) -> None:
    """A larger font on a box covers more, at the top."""
    source = source_of(tmp_path, SRT.split("\n\n", maxsplit=1)[0] + "\n")
    plain, _ = made(bench, source)
    boxed, _ = made(bench, source, {"font_size": 12, "background_color": "#000000", "positioning": "top"})
    assert drawn(bundled, boxed, 1.5)[0] > 4 * drawn(bundled, plain, 1.5)[1]


def test_no_text_draws_anything_but_text(bundled: FFmpeg, tmp_path: Path) -> None:
    """What attacks is drawn as letters below: no boxes, no colours, no places of its own."""
    font = covered(font_files()[0].read_bytes())
    cues: list[Cue] = []
    for name, attack in ATTACKS.items():
        [_, *middle, _] = attacked(attack)
        if middle and not lacking(middle[0].text, font) and name != "a long word":
            cues.append(Cue(200 * len(cues), 200 * len(cues) + 200, middle[0].lines[:2]))
    assert len(cues) > 20
    bench = bench_of(bundled, tmp_path)
    film, _ = made(bench, source_of(tmp_path, write_srt(cues)), {"font_size": 5})
    for number in range(min(len(cues), 29)):
        assert drawn(bundled, film, 0.2 * number + 0.1)[0] < 0.06, cues[number].text


def test_what_the_font_lacks_is_refused(bundled: FFmpeg, tmp_path: Path) -> None:
    """Else the machine's fonts would decide, or empty boxes."""
    source = source_of(tmp_path, "1\n00:00:01,000 --> 00:00:02,000\n日本語 ok\n")
    with pytest.raises(SourceRefused, match="lacks 3 of their characters, such as 日 本 語") as refused:
        made(bench_of(bundled, tmp_path), source)
    assert refused.value.error_code == "no_glyphs"


def test_an_edit_is_refused(bundled: FFmpeg, tmp_path: Path) -> None:
    source = source_of(tmp_path, SRT)
    with pytest.raises(InvalidRecipe, match="ask for text_track"):
        made(bench_of(bundled, tmp_path), source, segments=[{"start": 0, "end": 2}])
