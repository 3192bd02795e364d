"""Chunks joined are the film in one piece: the same frames at the same times, whatever the source's clock."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from fractions import Fraction
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from dailies.domain.chunking import ChunkRules
from dailies.domain.errors import PermanentError, QualityNotReached, SourceRefused
from dailies.domain.media_info import MediaInfo
from dailies.domain.recipe import Recipe
from dailies.domain.stop import StopToken
from dailies.media.ffmpeg import FFmpeg
from dailies.media.toolbox import Toolbox
from dailies.operations import operation_of
from dailies.planning.operation import MAIN_FILE, Artifact, Registry, StepRun, StoredFile, file_sha256
from dailies.planning.plan import compile_plan
from dailies.settings import Settings
from tests.corpus import corpus
from tests.integration.media.conftest import Make

WHOLE = ChunkRules(above_seconds=1e9)
PIECES = ChunkRules(above_seconds=0, seconds=4)
PICTURE = ["-f", "lavfi", "-i", "testsrc2=s=160x96:r={rate}:d=11"]
SOUND = ["-f", "lavfi", "-i", "sine=d=11:r=48000"]
X264 = ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-y"]

# How each source is made, after a picture and a sound of 11 seconds.
SOURCES: dict[str, list[str]] = {
    "cfr.mp4": ["-g", "50"],
    "ntsc.mkv": ["-g", "100"],
    "vfr.mp4": ["-vf", "select='gt(mod(n*7,11),3)',setpts='PTS+0.3/25/TB*sin(N)'", "-fps_mode", "vfr",
                "-enc_time_base", "1/90000"],
    "still.mkv": ["-vf", "select='lt(t,1)+gt(t,9.3)'", "-fps_mode", "vfr", "-enc_time_base", "1/90000"],
    "late.mp4": ["-output_ts_offset", "7.3"],
    "pictures_late.mkv": ["-vf", "setpts=PTS+0.5/TB"],
    "interlaced.mp4": ["-vf", "interlace=scan=tff", "-flags", "+ilme+ildct"],
    "open_gop.mp4": ["-x264-params", "open-gop=1:bframes=5:b-pyramid=normal:keyint=40:min-keyint=40:scenecut=0"],
    "fast.mp4": ["-g", "50"],
}  # fmt: skip
# Where the probe sees no variable rate, FFmpeg's own sync shows the frame after a long still one tick late.
LATE = {"still.mkv": 1}
REAL = [row for row in corpus() if row["file"] == "internal_emulator_transformer_output_180_rotated.mp4"]
RATES = {"ntsc.mkv": "30000/1001", "fast.mp4": "100"}


class Bench:
    """Runs the steps of a plan one by one, artifacts being files of the scratch folder."""

    def __init__(self, toolbox: Toolbox, folder: Path) -> None:
        self.toolbox = toolbox
        self.registry = Registry(lambda kind: operation_of(kind, toolbox))
        self._folder = folder
        self._numbers = count()

    def look(self, source: Path) -> MediaInfo:
        return self.toolbox.probe(source, self._scratch(), StopToken())

    def make(
        self,
        source: Path,
        rules: ChunkRules,
        change: Callable[[str, dict[str, Any]], None] = lambda kind, data: None,
        **output: Any,
    ) -> tuple[Path, dict[str, Any], list[str]]:
        """The output file, its certificate, and the kinds of the steps. ``change`` may spoil what a step found."""
        self.toolbox.chunking = rules
        recipe = Recipe.model_validate({"outputs": {"film": {"kind": "video", "quality": "high", **output}}})
        plan = compile_plan(recipe, self.look(source), self.registry)
        made: dict[str, Artifact] = {}
        for step in plan.steps:
            run = StepRun(
                params=step.params,
                source=source,
                inputs={role: made[needed] for role, needed in step.needs.items()},
                read=lambda artifact, role: Path(artifact.files[role].object),
                scratch=self._scratch(),
                stop=StopToken(),
                progress=lambda _: None,
            )
            [(_, produced)] = list(step.operation.run([run]))
            data = dict(produced.data)
            change(step.kind, data)
            files = {
                role: StoredFile(str(path), path.stat().st_size, file_sha256(path), kind)
                for role, (path, kind) in produced.files.items()
            }
            made[step.id] = Artifact(step.id, step.id, step.kind, data, files)
        film = made[plan.outputs["film"]]
        return Path(film.files[MAIN_FILE].object), dict(film.data), [step.kind for step in plan.steps]

    def _scratch(self) -> Path:
        folder = self._folder / f"step-{next(self._numbers)}"
        folder.mkdir()
        return folder


@pytest.fixture
def bench(bundled: FFmpeg, tmp_path: Path) -> Bench:
    return bench_of(bundled, tmp_path)


def bench_of(binary: FFmpeg, folder: Path) -> Bench:
    settings = Settings(home=folder / "home", ffmpeg=str(binary.path), sandbox="off", threads=2)
    return Bench(Toolbox(settings), folder)


@pytest.fixture
def source(make: Make) -> Callable[[str], Path]:
    def of(name: str) -> Path:
        picture = [word.format(rate=RATES.get(name, "25")) for word in PICTURE]
        return make(name, *picture, *SOUND, *X264, *SOURCES[name])

    return of


def times(bundled: FFmpeg, film: Path) -> list[Fraction]:
    """When each frame is shown, decoded."""
    listed = subprocess.run(
        [bundled.path, "-v", "error", "-copyts", "-i", film, "-map", "0:v", "-fps_mode", "passthrough",
         "-f", "framecrc", "-"],
        check=True, capture_output=True, text=True, timeout=60,
    ).stdout  # fmt: skip
    base = Fraction(next(line.split()[-1] for line in listed.splitlines() if line.startswith("#tb 0")))
    return [int(line.split(",")[2]) * base for line in listed.splitlines() if line[:1].isdigit()]


def similarity(bundled: FFmpeg, one: Path, other: Path, folder: Path) -> list[float]:
    """SSIM of each frame of one film to that of the other."""
    subprocess.run(
        [bundled.path, "-v", "error", "-i", one, "-i", other, "-lavfi",
         "[0:v]settb=1/1000,setpts=N[a];[1:v]settb=1/1000,setpts=N[b];[a][b]ssim=stats_file=ssim.txt",
         "-f", "null", "-"],
        check=True, cwd=folder, timeout=60,
    )  # fmt: skip
    return [float(found) for found in re.findall(r"All:([\d.]+)", (folder / "ssim.txt").read_text())]


def samples(bundled: FFmpeg, film: Path) -> bytes:
    return subprocess.run(
        [bundled.path, "-v", "error", "-i", film, "-map", "0:a", "-f", "s16le", "-"],
        check=True, capture_output=True, timeout=60,
    ).stdout  # fmt: skip


@pytest.mark.parametrize("name", SOURCES)
def test_joined_chunks_are_the_film_in_one_piece(
    bench: Bench, source: Callable[[str], Path], bundled: FFmpeg, tmp_path: Path, name: str
) -> None:
    """As many frames, at the same times, of the same pictures; the very same sound."""
    whole, _, kinds = bench.make(source(name), WHOLE)
    assert kinds == ["probe", "video"]
    joined, certificate, kinds = bench.make(source(name), PIECES)
    assert kinds == ["probe", "audio", "chunk", "chunk", "chunk", "assemble"]
    assert certificate["video"]["pieces"] == "in 3 chunks"
    assert times(bundled, joined) == times(bundled, whole)
    # A neighbouring frame of this moving picture has 0.8; two encodes of the same frame differ by this little.
    assert sum(ssim < 0.97 for ssim in similarity(bundled, joined, whole, tmp_path)) <= LATE.get(name, 0)
    assert samples(bundled, joined) == samples(bundled, whole)


@pytest.mark.skipif(not REAL, reason="DAILIES_MEDIA_CORPUS is not set")
def test_a_real_film_has_no_seam(bench: Bench, bundled: FFmpeg, tmp_path: Path) -> None:
    """Five seconds of a camera's film in five chunks: no frame is further from the film in one piece than SSIM 0.99."""
    [film] = [Path(row["path"]) for row in REAL]
    whole, _, _ = bench.make(film, WHOLE)
    joined, certificate, _ = bench.make(film, ChunkRules(above_seconds=0, seconds=1))
    assert certificate["video"]["pieces"] == "in 5 chunks"
    assert times(bundled, joined) == times(bundled, whole)
    found = similarity(bundled, joined, whole, tmp_path)
    assert len(found) == certificate["video"]["frames"]
    assert min(found) >= 0.99


def test_an_older_ffmpeg_does_the_same(
    on_path: FFmpeg, source: Callable[[str], Path], bundled: FFmpeg, tmp_path: Path
) -> None:
    """The system's, which is usually years older."""
    bench = bench_of(on_path, tmp_path)
    whole, _, _ = bench.make(source("vfr.mp4"), WHOLE)
    joined, _, _ = bench.make(source("vfr.mp4"), PIECES)
    assert times(bundled, joined) == times(bundled, whole)
    assert samples(bundled, joined) == samples(bundled, whole)


@pytest.mark.parametrize(("start", "end"), [(1.0, None), (2.52, 10.48), (3.2, 9.91)])
def test_a_part_of_a_film_in_chunks(
    bench: Bench, source: Callable[[str], Path], bundled: FFmpeg, tmp_path: Path, start: float, end: float | None
) -> None:
    """A trim at frames or between them gives the same frames in chunks."""
    whole, _, _ = bench.make(source("cfr.mp4"), WHOLE, start=start, end=end)
    joined, _, kinds = bench.make(source("cfr.mp4"), PIECES, start=start, end=end)
    assert kinds.count("chunk") > 1
    assert times(bundled, joined) == times(bundled, whole)
    assert min(similarity(bundled, joined, whole, tmp_path)) > 0.97
    assert samples(bundled, joined) == samples(bundled, whole)


def test_a_rotated_and_scaled_film_in_chunks(
    bench: Bench, source: Callable[[str], Path], make: Make, bundled: FFmpeg, tmp_path: Path
) -> None:
    """Every chunk is turned upright, also those that begin in the middle."""
    turned = make("turned.mp4", "-display_rotation", "90", "-i", f"file:{source('cfr.mp4')}", "-c", "copy", "-y")
    whole, _, _ = bench.make(turned, WHOLE, height=120)
    joined, certificate, _ = bench.make(turned, PIECES, height=120)
    assert (certificate["video"]["width"], certificate["video"]["height"]) == (72, 120)
    assert times(bundled, joined) == times(bundled, whole)
    assert min(similarity(bundled, joined, whole, tmp_path)) > 0.97


def test_a_normalised_film_in_chunks(bench: Bench, source: Callable[[str], Path], bundled: FFmpeg) -> None:
    """The sound is levelled in one piece, and its loudness measured again on the joined film."""
    wish: Any = {"normalize": {"integrated_lufs": -20}}
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
    joined, certificate, kinds = bench.make(silent, PIECES)
    assert "audio" not in kinds
    assert certificate["audio"] is None
    assert len(times(bundled, joined)) == 275
    joined, _, _ = bench.make(source("cfr.mp4"), PIECES, quality=None, height=72)
    assert samples(bundled, joined) == samples(bundled, source("cfr.mp4"))


def test_a_container_without_reliable_seeks_stays_in_one_piece(
    bench: Bench, source: Callable[[str], Path], make: Make
) -> None:
    """The certificate has the reason."""
    stream = make("stream.ts", "-i", f"file:{source('cfr.mp4')}", "-c", "copy", "-y")
    _, certificate, kinds = bench.make(stream, PIECES)
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
        bench.make(short, PIECES)
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
        bench.make(source("cfr.mp4"), PIECES, change)


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
        bench.make(source("cfr.mp4"), PIECES, change)
    assert not isinstance(failed.value, SourceRefused)
