"""A film whose pictures change their size midway comes out in one, each picture in its own shape between black bars."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dailies.domain.edit.chunking import ChunkRules
from dailies.media.ffmpeg import FFmpeg
from tests.integration.media.cards import CORNERS, WISHES, X264, card, looks, shown
from tests.integration.media.conftest import Make
from tests.integration.media.films import WHOLE, Bench, bench_of, times

LYING, STANDING = (320, 180), (180, 320)
#: Between bars the corners of the frame are black; the picture's own are further in.
BARS = ("black",) * 4
PIECES = ChunkRules(above_seconds=0, seconds=1)
VPX = ["-b:v", "2M", "-crf", "8", "-deadline", "realtime", "-cpu-used", "8", "-g", "25", "-c:a", "libopus"]
CODECS = {
    "turned.webm": ["-c:v", "libvpx", *VPX],
    "turned9.webm": ["-c:v", "libvpx-vp9", *VPX],
    "turned.ts": [*X264, "-g", "25", "-bf", "0"],
    "turned.mp4": [*X264, "-g", "25", "-bf", "0"],
}


@pytest.fixture
def turned(make: Make, tmp_path: Path) -> Callable[[str], Path]:
    """One of ``CODECS``: two seconds lying, two seconds standing, joined without encoding."""

    def of(name: str) -> Path:
        part = f"part.{'ts' if name.endswith('mp4') else name.split('.')[1]}"
        parts = [make(part, *card(*size, seconds=2), *CODECS[name], "-y") for size in (LYING, STANDING)]
        if name.endswith("ts"):
            path = tmp_path / name
            path.write_bytes(b"".join(each.read_bytes() for each in parts))
            return path
        listed = tmp_path / "parts.txt"
        listed.write_text("".join(f"file '{each}'\n" for each in parts))
        return make(name, "-f", "concat", "-safe", "0", "-i", str(listed), "-c", "copy", "-y")

    return of


@pytest.mark.parametrize(
    ("name", "wish"),
    [*(("turned.webm", wish) for wish in WISHES if wish != "gif"), ("turned.ts", "edit"), ("turned.ts", "abr")],
)
def test_all_frames_come_in_one_size(
    binary: FFmpeg, bundled: FFmpeg, turned: Callable[[str], Path], name: str, wish: str, tmp_path: Path
) -> None:
    """The size it begins in, in the film's order; nothing is squeezed, nothing is lost."""
    bench = bench_of(binary, tmp_path)
    found = shown(bundled, bench, turned(name), wish, rules=WHOLE)
    assert {size for size, _ in found} == {LYING}
    before = [corners for _, corners in found if corners != BARS]
    assert set(before) <= {CORNERS}
    if wish not in ("thumbnail", "best"):
        assert found == [(LYING, CORNERS)] * len(before) + [(LYING, BARS)] * (len(found) - len(before))
        assert len(before) == pytest.approx(len(found) / 2, abs=2)


@pytest.mark.parametrize("rules", [WHOLE, PIECES], ids=["whole", "chunks"])
@pytest.mark.parametrize("name", CODECS)
def test_a_picture_keeps_its_shape_between_its_bars(
    bench: Bench, bundled: FFmpeg, turned: Callable[[str], Path], name: str, rules: ChunkRules
) -> None:
    """Of each codec, in one piece and in chunks of a second: 180 × 320 is 101 × 180 in the middle of 320 × 180."""
    made, certificate, _ = bench.make(turned(name), rules)
    assert all(check["passed"] for check in certificate["checks"])
    assert len(times(bundled, made)) == pytest.approx(100, abs=2)
    assert [colours for _, colours in looks(bundled, made)][:48] == [CORNERS] * 48
    inner = looks(bundled, made, "-vf", "select='gte(n,54)',crop=100:180:110:0")
    assert set(inner) == {((100, 180), CORNERS)}


def test_a_call_that_begins_small_comes_in_the_size_that_it_soon_has(
    bench: Bench, bundled: FFmpeg, make: Make, tmp_path: Path
) -> None:
    """Recordings of calls rise in a few seconds; and what changes its size is never copied."""
    parts = [
        make("part.webm", *card(*size, seconds=seconds), *CODECS["turned.webm"], "-y")
        for size, seconds in (((160, 90), 0.8), (LYING, 3.2))
    ]
    listed = tmp_path / "parts.txt"
    listed.write_text("".join(f"file '{part}'\n" for part in parts))
    source = make("call.webm", "-f", "concat", "-safe", "0", "-i", str(listed), "-c", "copy", "-y")
    video = bench.look(source).video[0]
    assert (video.width, video.height, video.changes_size) == (*LYING, True)
    assert {size for size, _ in shown(bundled, bench, source, "video", rules=WHOLE)} == {LYING}


def test_a_broadcast_fills_the_same_picture_from_fewer_samples(
    binary: FFmpeg, bundled: FFmpeg, make: Make, tmp_path: Path
) -> None:
    """From 720 × 576 samples to 544 × 576 of another shape, here a quarter of them: 16:9 all the time."""
    quick = [*X264, "-g", "25", "-bf", "0"]
    parts = [
        make("part.ts", *card(width, 288, seconds=2), "-vf", f"setsar={aspect}", *quick, "-y")
        for width, aspect in ((360, "64/45"), (272, "32/17"))
    ]
    source = tmp_path / "broadcast.ts"
    source.write_bytes(b"".join(part.read_bytes() for part in parts))
    found = shown(bundled, bench_of(binary, tmp_path), source, "video", rules=WHOLE)
    assert set(found) == {((512, 288), CORNERS)}


def test_a_depth_that_changes_is_no_end(bundled: FFmpeg, bench: Bench, make: Make, tmp_path: Path) -> None:
    """Eight bits, then ten: one film."""
    quick = [*X264, "-g", "25", "-bf", "0"]
    parts = [
        make("part.ts", *card(*LYING, seconds=2), "-vf", f"format={form}", *quick, "-y")
        for form in ("yuv420p", "yuv420p10le")
    ]
    source = tmp_path / "depth.ts"
    source.write_bytes(b"".join(part.read_bytes() for part in parts))
    assert set(shown(bundled, bench, source, "video", rules=WHOLE)) == {(LYING, CORNERS)}
