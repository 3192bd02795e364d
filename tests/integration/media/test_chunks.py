"""Chunks joined are the film in one piece: the same frames at the same times, whatever the source's clock."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dailies.domain.edit.chunking import ChunkRules
from dailies.domain.errors import PermanentError, QualityNotReached, SourceRefused
from dailies.media.ffmpeg import FFmpeg
from tests.corpus import NO_CORPUS, corpus
from tests.integration.media.conftest import Make
from tests.integration.media.films import SOURCES, WHOLE, Bench, samples, similarity, times

PIECES = ChunkRules(above_seconds=0, seconds=2)
#: x264 compares fewer ways to the same pictures: where its frames begin and end is the same.
QUICK = "superfast"
REAL = [row for row in corpus() if row["file"] == "internal_emulator_transformer_output_180_rotated.mp4"]


@pytest.mark.parametrize("name", SOURCES)
def test_joined_chunks_are_the_film_in_one_piece(
    bench: Bench, source: Callable[[str], Path], bundled: FFmpeg, tmp_path: Path, name: str
) -> None:
    """As many frames, at the same times, of the same pictures; the very same sound."""
    whole, _, kinds = bench.make(source(name), WHOLE, preset=QUICK)
    assert kinds == ["probe", "video"]
    joined, certificate, kinds = bench.make(source(name), PIECES, preset=QUICK)
    assert kinds == ["probe", "audio", "chunk", "chunk", "chunk", "assemble"]
    assert certificate["video"]["pieces"] == "in 3 chunks"
    assert times(bundled, joined) == times(bundled, whole)
    # A neighbouring frame of this moving picture has 0.8; two encodes of the same frame differ by this little.
    assert min(similarity(bundled, joined, whole, tmp_path)) >= 0.97
    assert samples(bundled, joined) == samples(bundled, whole)


@pytest.mark.skipif(not REAL, reason=NO_CORPUS)
def test_a_real_film_has_no_seam(bench: Bench, bundled: FFmpeg, tmp_path: Path) -> None:
    """Five chunks of a camera's film: no frame is further from the film in one piece than SSIM 0.99."""
    [film] = [Path(row["path"]) for row in REAL]
    wish: dict[str, Any] = {"end": 2.4, "preset": "veryfast"}
    whole, _, _ = bench.make(film, WHOLE, **wish)
    joined, certificate, _ = bench.make(film, ChunkRules(above_seconds=0, seconds=0.5), **wish)
    assert certificate["video"]["pieces"] == "in 5 chunks"
    assert times(bundled, joined) == times(bundled, whole)
    found = similarity(bundled, joined, whole, tmp_path)
    assert len(found) == certificate["video"]["frames"]
    assert min(found) >= 0.99


def test_an_older_ffmpeg_does_the_same(older_bench: Bench, source: Callable[[str], Path], bundled: FFmpeg) -> None:
    whole, _, _ = older_bench.make(source("vfr.mp4"), WHOLE, preset=QUICK)
    joined, _, _ = older_bench.make(source("vfr.mp4"), PIECES, preset=QUICK)
    assert times(bundled, joined) == times(bundled, whole)
    assert samples(bundled, joined) == samples(bundled, whole)


@pytest.mark.parametrize(("start", "end"), [(0.6, None), (1.28, 5.24), (1.6, 4.95)])
def test_a_part_of_a_film_in_chunks(
    bench: Bench, source: Callable[[str], Path], bundled: FFmpeg, tmp_path: Path, start: float, end: float | None
) -> None:
    """A trim at frames or between them gives the same frames in chunks."""
    whole, _, _ = bench.make(source("cfr.mp4"), WHOLE, start=start, end=end, preset=QUICK)
    joined, _, kinds = bench.make(source("cfr.mp4"), PIECES, start=start, end=end, preset=QUICK)
    assert kinds.count("chunk") > 1
    assert times(bundled, joined) == times(bundled, whole)
    assert min(similarity(bundled, joined, whole, tmp_path)) > 0.97
    assert samples(bundled, joined) == samples(bundled, whole)


def test_a_rotated_and_scaled_film_in_chunks(
    bench: Bench, source: Callable[[str], Path], make: Make, bundled: FFmpeg, tmp_path: Path
) -> None:
    """Every chunk is turned upright, also those that begin in the middle."""
    turned = make("turned.mp4", "-display_rotation", "90", "-i", f"file:{source('cfr.mp4')}", "-c", "copy", "-y")
    whole, _, _ = bench.make(turned, WHOLE, height=120, preset=QUICK)
    joined, certificate, _ = bench.make(turned, PIECES, height=120, preset=QUICK)
    assert (certificate["video"]["width"], certificate["video"]["height"]) == (72, 120)
    assert times(bundled, joined) == times(bundled, whole)
    assert min(similarity(bundled, joined, whole, tmp_path)) > 0.97


def test_a_normalised_film_in_chunks(bench: Bench, source: Callable[[str], Path], bundled: FFmpeg) -> None:
    """The sound is levelled in one piece, and its loudness measured again on the joined film."""
    wish: Any = {"normalize": {"integrated_lufs": -20}, "preset": QUICK}
    whole, _, _ = bench.make(source("cfr.mp4"), WHOLE, **wish)
    joined, certificate, _ = bench.make(source("cfr.mp4"), PIECES, **wish)
    assert abs(certificate["loudness"]["integrated_lufs"] + 20) <= 0.1
    assert certificate["loudness"]["mode"] == "linear"
    names = {check["name"] for check in certificate["checks"]}
    assert {"integrated loudness", "true peak", "frames", "A/V offset", "A/V offset at the end"} <= names
    # Not byte for byte: short sound by itself is levelled by its own encode, beside pictures by a pilot.
    assert len(samples(bundled, joined)) == len(samples(bundled, whole))


def test_a_silent_film_and_copied_sound(
    bench: Bench, source: Callable[[str], Path], make: Make, bundled: FFmpeg
) -> None:
    """Without audio there is none; AAC that nothing is asked of is copied."""
    silent = make("silent.mp4", "-i", f"file:{source('cfr.mp4')}", "-an", "-c", "copy", "-y")
    joined, certificate, kinds = bench.make(silent, PIECES, preset=QUICK)
    assert "audio" not in kinds
    assert certificate["audio"] is None
    assert len(times(bundled, joined)) == 140
    joined, _, _ = bench.make(source("cfr.mp4"), PIECES, quality=None, height=72)
    assert samples(bundled, joined) == samples(bundled, source("cfr.mp4"))


def test_a_container_without_reliable_seeks_stays_in_one_piece(
    bench: Bench, source: Callable[[str], Path], make: Make
) -> None:
    """The certificate has the reason."""
    stream = make("stream.ts", "-i", f"file:{source('cfr.mp4')}", "-c", "copy", "-y")
    _, certificate, kinds = bench.make(stream, PIECES, preset=QUICK)
    assert kinds == ["probe", "video"]
    assert certificate["video"]["pieces"] == "in one piece: mpegts can't be sought reliably"


def test_a_film_that_is_cut_off_is_refused(
    bench: Bench, source: Callable[[str], Path], make: Make, tmp_path: Path
) -> None:
    """Its index promises more than there is: chunks without a frame are no film with a hole."""
    fast = make("index_first.mp4", "-i", f"file:{source('cfr.mp4')}", "-c", "copy", "-movflags", "+faststart", "-y")
    short = tmp_path / "short.mp4"
    short.write_bytes(fast.read_bytes()[: fast.stat().st_size * 6 // 10])
    with pytest.raises(SourceRefused) as refused:
        bench.make(short, PIECES, preset=QUICK)
    assert refused.value.error_code == "source_truncated"


@pytest.mark.parametrize(
    "spoil",
    [lambda data: data.update(first_tick=data["first_tick"] + 1), lambda data: data.update(setup="0x0")],
    ids=["a gap", "another format"],
)
def test_chunks_that_do_not_fit_are_not_joined(
    bench: Bench, source: Callable[[str], Path], spoil: Callable[[dict[str, Any]], None]
) -> None:
    """A frame that is missing at a joint, or parameter sets that differ, would show as a seam."""
    seen: list[str] = []

    def change(kind: str, data: dict[str, Any]) -> None:
        seen.append(kind)
        if seen.count("chunk") == 2 and kind == "chunk":
            spoil(data)

    with pytest.raises(QualityNotReached, match="chunks of the film"):
        bench.make(source("cfr.mp4"), PIECES, change, preset=QUICK)


def test_a_lost_chunk_fails_the_join_and_not_the_source(
    bench: Bench, source: Callable[[str], Path], tmp_path: Path
) -> None:
    """What FFmpeg can't read there are our own files."""
    made = iter(range(100))

    def change(kind: str, data: dict[str, Any]) -> None:
        if kind == "chunk" and next(made) == 2:
            for chunk in tmp_path.rglob("chunk.nut"):
                chunk.write_bytes(b"nothing")

    with pytest.raises(PermanentError) as failed:
        bench.make(source("cfr.mp4"), PIECES, change, preset=QUICK)
    assert not isinstance(failed.value, SourceRefused)
