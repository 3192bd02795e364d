"""A long edit in chunks is the edit in one piece: the same frames at the same times, and the very same sound."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dailies.domain.edit.chunking import ChunkRules
from dailies.domain.errors import QualityNotReached
from dailies.media.ffmpeg import FFmpeg
from tests.integration.media.conftest import Make
from tests.integration.media.films import WHOLE, X264, Bench, samples, similarity, times

PIECES = ChunkRules(above_seconds=0, seconds=1.3)
SEGMENTS = [
    {"start": 3.1, "end": 5.2, "transition": "crossfade", "transition_seconds": 0.4},
    {"start": 0.52, "end": 1.8, "transition": "fade"},
    {"start": 2.5, "end": 2.9},
    {"start": 2, "end": 4.04, "transition": "fade", "transition_seconds": 0.5},
]
WISH: dict[str, Any] = {"segments": SEGMENTS, "preset": "superfast"}


def compared(bench: Bench, bundled: FFmpeg, folder: Path, film: Path, **wish: Any) -> tuple[Any, list[str]]:
    """The certificate and the kinds of the steps of the edit in chunks, which is held against the one in one piece."""
    whole, certificate, kinds = bench.make(film, WHOLE, **wish)
    assert "edit-chunk" not in kinds
    assert certificate["video"]["pieces"] is None
    joined, certificate, kinds = bench.make(film, PIECES, **wish)
    assert times(bundled, joined) == times(bundled, whole)
    # A neighbouring frame of this moving picture has 0.8; two encodes of the same frame differ by this little.
    assert min(similarity(bundled, joined, whole, folder)) > 0.97
    if certificate["audio"] is not None:
        assert samples(bundled, joined) == samples(bundled, whole)
    return certificate, kinds


@pytest.mark.parametrize(
    "name", ["ntsc.mkv", "vfr.mp4", "still.mkv", "pictures_late.mkv", "interlaced.mp4", "open_gop.mp4"]
)
def test_an_edit_in_chunks_is_the_edit_in_one_piece(
    bench: Bench, source: Callable[[str], Path], bundled: FFmpeg, tmp_path: Path, name: str
) -> None:
    """Joints within segments, within a picture that stands still for four seconds, between and beside transitions."""
    certificate, kinds = compared(bench, bundled, tmp_path, source(name), **WISH)
    chunks = kinds.count("edit-chunk")
    assert chunks == 5
    assert kinds.count("cuts") == chunks + 1
    assert certificate["video"]["pieces"] == f"in {chunks} chunks"
    assert [check for check in certificate["checks"] if not check["passed"] and not check["advisory"]] == []


def test_an_older_ffmpeg_does_the_same(
    older_bench: Bench, source: Callable[[str], Path], bundled: FFmpeg, tmp_path: Path
) -> None:
    compared(older_bench, bundled, tmp_path, source("vfr.mp4"), **WISH)


@pytest.mark.parametrize(
    "wish",
    [
        {"normalize": {"integrated_lufs": -20}},
        {"aspect": "9:16", "framing": "pad", "height": 64},
        {"segments": [{"start": 1.5, "end": 5.65}]},
    ],
    ids=["levelled", "framed", "to the end"],
)
def test_whatever_is_asked_of_it(
    bench: Bench, source: Callable[[str], Path], bundled: FFmpeg, tmp_path: Path, wish: dict[str, Any]
) -> None:
    certificate, _ = compared(bench, bundled, tmp_path, source("cfr.mp4"), **{**WISH, **wish})
    if "normalize" in wish:
        assert abs(certificate["loudness"]["integrated_lufs"] + 20) <= 0.1


def test_found_clips_have_the_chunks_that_they_need(
    bench: Bench, source: Callable[[str], Path], make: Make, bundled: FFmpeg, tmp_path: Path
) -> None:
    """Which clips there are decides what is planned for them: no chunk is empty, none is for one that isn't there."""
    bursts = "aevalsrc='0.3*between(t,2,5)*sin(2*PI*300*t)*pow(max(0,sin(2*PI*4*t)),2)':s=48000:d=5.6"
    heard = ["-f", "lavfi", "-i", bursts, "-map", "0:v", "-map", "1:a", "-c:v", "copy", "-c:a", "aac", "-y"]
    talk = make("talk.mp4", "-i", f"file:{source('cfr.mp4')}", *heard)
    wish = {"auto": {"count": 5, "min": 2, "max": 2.4, "transition": "crossfade"}}
    certificate, kinds = compared(bench, bundled, tmp_path, talk, preset="superfast", segments=wish)
    found = len(certificate["segments"])
    assert 0 < found < 5
    filled = int(certificate["video"]["pieces"].split()[1])
    assert found <= filled == kinds.count("edit-chunk")


def test_without_sound_there_is_none(
    bench: Bench, source: Callable[[str], Path], make: Make, bundled: FFmpeg, tmp_path: Path
) -> None:
    silent = make("silent.mp4", "-i", f"file:{source('cfr.mp4')}", "-an", "-c", "copy", "-y")
    certificate, kinds = compared(bench, bundled, tmp_path, silent, **WISH)
    assert not {"edit-mix", "edit-levels", "audio"} & set(kinds)
    assert certificate["audio"] is None


def test_a_container_without_reliable_seeks_stays_in_one_piece(
    bench: Bench, source: Callable[[str], Path], make: Make
) -> None:
    stream = make("stream.ts", "-i", f"file:{source('cfr.mp4')}", "-c", "copy", "-y")
    _, certificate, kinds = bench.make(stream, PIECES, **WISH)
    assert "edit-chunk" not in kinds
    assert certificate["video"]["pieces"] == "in one piece: mpegts can't be sought reliably"


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        ({"setup": "0x0"}, "differ in format"),
        ({"rate": "24"}, "differ in format"),
        ({"gaps": True}, "not at 25 frames"),
    ],
)
def test_chunks_that_do_not_fit_are_not_joined(
    bench: Bench, source: Callable[[str], Path], spoil: dict[str, Any], message: str
) -> None:
    seen: list[str] = []

    def change(kind: str, data: dict[str, Any]) -> None:
        seen.append(kind)
        if kind == "edit-chunk" and seen.count(kind) == 2:
            data.update(spoil)

    with pytest.raises(QualityNotReached, match=message):
        bench.make(source("cfr.mp4"), PIECES, change, **WISH)


def test_a_lost_frame_is_seen_in_the_film(bench: Bench, source: Callable[[str], Path]) -> None:
    """A chunk that claims to be shorter than it is: the next one comes too early."""

    def change(kind: str, data: dict[str, Any]) -> None:
        if kind == "edit-chunk":
            data["frames"] -= 1

    with pytest.raises(QualityNotReached, match="frames"):
        bench.make(source("cfr.mp4"), PIECES, change, **WISH)


def test_a_last_picture_of_less_than_half_a_tick_is_shown(bench: Bench, make: Make, bundled: FFmpeg) -> None:
    """Of 240 frames a second, where the film has 60: asked for alone, the last is a frame of the film all the same."""
    source = make("slow-motion.mp4", "-f", "lavfi", "-i", "testsrc2=s=160x96:r=240:d=1", *X264)
    segments = [{"start": 0.9955, "end": 1.2}, {"start": 0, "end": 0.4}]
    film, certificate, _ = bench.make(source, WHOLE, segments=segments)
    assert len(times(bundled, film)) == certificate["video"]["frames"] == 25
    assert [check["name"] for check in certificate["checks"] if not check["passed"]] == ["clip length"]
