"""A film that is interlaced in some place is deinterlaced there, wherever it begins otherwise; no other film is."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dailies.domain.edit.chunking import ChunkRules
from dailies.media.ffmpeg import FFmpeg
from tests.integration.media.conftest import Make
from tests.integration.media.films import WHOLE, Bench, bench_of

PIECES = ChunkRules(above_seconds=0, seconds=1)
# Bars that move across by half of their width from field to field: what is combed is torn.
BARS = "geq=lum='if(mod(floor((X+4*N)/16),2),235,16)':cb=128:cr=128,format=yuv420p"
PLAIN = ["-f", "lavfi", "-i", f"color=s=192x96:r=25:d=2,{BARS}"]
FIELDS = ["-f", "lavfi", "-i", f"color=s=192x96:r=50:d=2,{BARS}", "-vf", "interlace=scan=tff:lowpass=0"]
INTERLACED = ["-flags", "+ilme+ildct"]
X264 = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "12", "-g", "25", "-bf", "0"]
MPEG2 = ["-c:v", "mpeg2video", "-q:v", "2", "-g", "12", "-bf", "0"]


@pytest.fixture
def mixed(make: Make, tmp_path: Path) -> Callable[[str], Path]:
    """A file of two seconds of whole pictures, then two of fields, or, ``fields``, the other way round."""

    def of(name: str) -> Path:
        codec = MPEG2 if "mpeg2" in name else X264
        parts = [make("plain.ts", *PLAIN, *codec, "-y"), make("fields.ts", *FIELDS, *codec, *INTERLACED, "-y")]
        if name.startswith("fields"):
            parts.reverse()
        joined = tmp_path / "joined.ts"
        joined.write_bytes(b"".join(part.read_bytes() for part in parts))
        if name.endswith("ts"):
            return joined
        listed = tmp_path / "parts.txt"
        listed.write_text("".join(f"file '{part}'\n" for part in parts))
        return make(name, "-f", "concat", "-safe", "0", "-i", str(listed), "-c", "copy", "-y")

    return of


def combed(bundled: FFmpeg, path: Path) -> list[bool]:
    """Of each frame, whether its lines are of two moments."""
    shown = subprocess.run(
        [bundled.path, "-v", "error", "-i", path, "-fps_mode", "passthrough",
         "-vf", "idet,metadata=print:key=lavfi.idet.single.current_frame:file=-", "-f", "null", "-"],
        check=True, capture_output=True, text=True, timeout=60,
    ).stdout  # fmt: skip
    return [line.endswith(("tff", "bff")) for line in shown.splitlines() if "current_frame=" in line]


@pytest.mark.parametrize("name", ["plain.ts", "fields.ts", "plain.mkv", "plain-mpeg2.ts"])
def test_the_probe_looks_beyond_the_first_picture(bench: Bench, mixed: Callable[[str], Path], name: str) -> None:
    """At pictures whose headers are others than those before."""
    source = mixed(name)
    assert any(combed(bench.toolbox.ffmpeg(), source))
    assert bench.look(source).video[0].interlaced


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"start": 1.0, "end": 3.0},
        {"segments": [{"start": 0.5, "end": 1.5}, {"start": 2.5, "end": 3.5}]},
        {"kind": "timelapse", "duration": 1, "fps": 8, "quality": "high"},
        {"kind": "abr", "quality": "high"},
    ],
    ids=["video", "trim", "edit", "timelapse", "abr"],
)
def test_nothing_comes_out_combed(
    binary: FFmpeg, bundled: FFmpeg, mixed: Callable[[str], Path], wish: dict[str, Any], tmp_path: Path
) -> None:
    """From whole pictures to fields; the whole ones stay as they are."""
    made, certificate, _ = bench_of(binary, tmp_path).make(mixed("plain.mkv"), WHOLE, **wish)
    assert all(check["passed"] or check["advisory"] for check in certificate["checks"])
    if wish.get("kind") == "abr":
        made = made.with_name(certificate["renditions"][0]["playlist"]).with_suffix(".mp4")
    assert sum(combed(bundled, made)) <= 1  # idet takes a cut for one


def test_nor_does_it_in_chunks(bench: Bench, bundled: FFmpeg, mixed: Callable[[str], Path]) -> None:
    """The other way round, a chunk a second."""
    made, _, kinds = bench.make(mixed("fields.mkv"), PIECES)
    assert "chunk" in kinds
    assert sum(combed(bundled, made)) <= 1


def test_a_film_of_whole_pictures_meets_no_deinterlacer(bench: Bench, make: Make) -> None:
    """In its plan, by what the probe says: it costs nothing."""
    for name, codec in (("a.mp4", X264), ("a.ts", MPEG2), ("a.mkv", X264)):
        assert not bench.look(make(name, *PLAIN, *codec, "-y")).video[0].interlaced


def test_a_single_picture_of_a_film_of_fields_may_be_whole(bench: Bench, make: Make, tmp_path: Path) -> None:
    """MPEG-2 says it of each: here all but those of the last half second are, though the headers leave it open."""
    film = make("fields.mkv", *FIELDS, *MPEG2, *INTERLACED, "-y")
    data = bytearray(film.read_bytes())
    extensions = [at for at in range(len(data) - 9) if data[at : at + 4] == b"\0\0\1\xb5" and data[at + 4] >> 4 == 8]
    for at in extensions[:-12]:
        data[at + 8] |= 0x80  # progressive_frame
    source = tmp_path / "hybrid.mkv"
    source.write_bytes(data)
    assert bench.look(source).video[0].interlaced
    for at in extensions:
        data[at + 8] |= 0x80
    source.write_bytes(data)
    assert not bench.look(source).video[0].interlaced
