"""An animated preview shows the film's own frames, at its own times and in its own colours."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from dailies.domain.edit.chunking import ChunkRules
from dailies.domain.errors import InvalidRecipe, SourceRefused
from dailies.media.ffmpeg import FFmpeg
from dailies.media.graphs.pictures.picture import PictureParams
from dailies.operations.deliverables.gif import GifOperation, GifParams, gif_arguments, read_webp
from dailies.planning.operation import Deliverable
from tests.integration.media.films import Bench

WHOLE = ChunkRules(seconds=60, above_seconds=1e9)
# The annotation is the test here: mypy holds the class against its protocol.
GIF: type[Deliverable] = GifOperation
PICTURE = PictureParams(
    stream=0, width=160, height=90, scaled=True, deinterlace=False, tonemap=False, converted=False,
    input_transfer="bt709", input_matrix="bt709", input_primaries="bt709", input_range="limited",
)  # fmt: skip


def params(form: str, **changes: Any) -> GifParams:
    wish = {"picture": PICTURE, "start": 20, "seconds": 2, "run_up": 12, "fps": 10, "format": form, **changes}
    return GifParams.model_validate(wish)


def made(bench: Bench, film: Path, **wish: Any) -> tuple[Path, dict[str, Any]]:
    path, certificate, _ = bench.make(film, WHOLE, **{"kind": "gif", "width": 64, **wish})
    assert [check for check in certificate["checks"] if not check["passed"]] == []
    return path, certificate


def first_frame(binary: FFmpeg, file: Path) -> bytes:
    written = ("-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "rgb24", "-")
    command = [str(binary.path), "-v", "error", "-i", str(file), *written]
    return subprocess.run(command, check=True, capture_output=True).stdout


@pytest.mark.parametrize(
    ("form", "chain"),
    [
        ("gif", ["split=2", "palettegen=stats_mode=diff", "paletteuse=bayer_scale=4:diff_mode=rectangle:dither=bayer"]),
        ("webp", ["out_color_matrix=bt601", "libwebp_anim"]),
    ],
)
def test_the_arguments_are_these(form: str, chain: list[str]) -> None:
    """From a keyframe before the window, the frame on screen at each tick, and no more of them than asked."""
    text = " ".join(gif_arguments(params(form), f"preview.{form}"))
    head, _, rest = text.partition(" -filter_complex ")
    assert head == "-an -noaccurate_seek -ss 8.000000 -t 14.500000 -i file:source"
    for step in ["tpad=stop=-1:stop_mode=clone", "fps=fps=10:round=up:start_time=12.", "trim=end_frame=20", *chain]:
        assert step in rest
    assert "-map_metadata -1" in rest
    assert "-ss" not in gif_arguments(params(form, start=3), "preview")


@pytest.mark.parametrize("form", ["gif", "webp"])
@pytest.mark.parametrize("which", ["bench", "older_bench"])
def test_a_preview_has_the_frames_asked_for(
    form: str, which: str, request: pytest.FixtureRequest, source: Callable[[str], Path]
) -> None:
    """Ten a second, for as long as asked, in a size that follows the aspect: by FFmpeg 5 and by a new one."""
    bench: Bench = request.getfixturevalue(which)
    _, certificate = made(bench, source("cfr.mp4"), format=form, start=1, duration=2)
    assert certificate["kind"] == "gif"
    assert certificate["frames"] == 20
    assert certificate["duration_seconds"] == pytest.approx(2, abs=0.02)
    assert certificate["picture"]["width"] == 64


@pytest.mark.parametrize(("form", "still"), [("gif", "png"), ("webp", "webp")])
def test_its_first_frame_is_the_one_on_screen(
    bench: Bench, bundled: FFmpeg, source: Callable[[str], Path], form: str, still: str
) -> None:
    """In the colours of a thumbnail of that moment, but for a palette's 256 or WebP's loss."""
    preview, _ = made(bench, source("cfr.mp4"), format=form, start=3.3, duration=1, width=1024)
    thumbnail, _, _ = bench.make(source("cfr.mp4"), WHOLE, kind="thumbnail", at=3.3, format=still)
    other, _, _ = bench.make(source("cfr.mp4"), WHOLE, kind="thumbnail", at=4.1, format=still)
    shown = first_frame(bundled, preview)
    off, further = (
        fmean(abs(a - b) for a, b in zip(shown, first_frame(bundled, file), strict=True)) for file in (thumbnail, other)
    )
    assert off < 6
    assert off < further


def test_it_is_shorter_where_the_film_ends(bench: Bench, source: Callable[[str], Path]) -> None:
    """And refused where it has ended before; a source without pictures has no preview."""
    film = source("cfr.mp4")
    seconds = bench.look(film).duration_seconds or 0.0
    _, certificate = made(bench, film, start=seconds - 0.5, duration=5)
    assert certificate["frames"] == 5
    with pytest.raises(InvalidRecipe, match="start"):
        made(bench, film, start=seconds + 1)


def test_where_nothing_moves_it_is_small(bench: Bench, source: Callable[[str], Path]) -> None:
    """A still is one picture for the whole time, though it came long before the start."""
    _, certificate = made(bench, source("still.mkv"), format="webp", start=2, duration=2)
    assert certificate["frames"] == 1
    assert certificate["duration_seconds"] == pytest.approx(2, abs=0.02)
    _, certificate = made(bench, source("still.mkv"), start=2, duration=2)
    assert certificate["duration_seconds"] == pytest.approx(2, abs=0.11)


def test_what_is_no_webp_has_no_frames() -> None:
    """Cut off or empty: the certificate then says 0×0."""
    for data in (b"", b"RIFF", b"RIFF\0\0\0\0WEBPVP8X"):
        assert read_webp(data)[1] == []


def test_sound_alone_has_no_preview(bench: Bench, make: Callable[..., Path]) -> None:
    """As with every kind that is made of pictures."""
    with pytest.raises(SourceRefused) as refused:
        made(bench, make("tone.wav", "-f", "lavfi", "-i", "sine=d=1"))
    assert refused.value.error_code == "no_video"
