"""Grey steps and primaries come out as they went in, whatever the pixel format that held them."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ffmpeg
import pytest

from dailies.domain.source.media_info import VideoStream
from dailies.media.ffmpeg import FFmpeg
from dailies.media.graphs.film.encoding import keywords
from dailies.media.graphs.pictures.picture import filter_picture, resolve_picture, samples_of
from dailies.media.graphs.pictures.still import image_colours
from tests.integration.media.conftest import Make
from tests.integration.media.films import WHOLE, Bench

Colour = tuple[int, ...]
GREYS: list[Colour] = [(level,) * 3 for level in (0, 20, 40, 128, 200, 252, 255)]
PRIMARIES: list[Colour] = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (0, 255, 255), (255, 0, 255)]
PATCHES = [*GREYS, *PRIMARIES]
SIDE = 16
WIDTH = SIDE * len(PATCHES)
# Two or three bits a colour, or one in all, hold no such steps; half of a float's range is black to a monitor.
COARSE = re.compile(r"mono|(rgb|bgr)(4|8|444|555|565)|xyz|grayf")
AT_ONCE = 64
NEAR = 3  # of 255, beside a neighbouring patch's chroma
CHART = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{SIDE}", "-r", "25"]
BT709 = {"color_matrix": "bt709", "color_primaries": "bt709", "color_transfer": "bt709"}


@pytest.fixture(scope="session")
def chart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One frame, a patch for each colour."""
    path = tmp_path_factory.mktemp("chart") / "chart.rgb"
    path.write_bytes(b"".join(bytes(colour) * SIDE for colour in PATCHES) * SIDE)
    return path


def formats_of(binary: FFmpeg) -> Iterator[str]:
    """Those that FFmpeg can both read and write."""
    listed = subprocess.run([binary.path, "-v", "error", "-pix_fmts"], check=True, capture_output=True, text=True)
    for line in listed.stdout.splitlines():
        if line.startswith("IO") and line[2] == ".":
            yield line.split()[1]


def patches(raw: bytes) -> list[Colour]:
    middle = SIDE // 2
    places = [3 * (middle * WIDTH + number * SIDE + middle) for number in range(len(PATCHES))]
    return [tuple(raw[place : place + 3]) for place in places]


def furthest(found: list[Colour], wanted: list[Colour]) -> int:
    return max(abs(a - b) for one, other in zip(found, wanted, strict=True) for a, b in zip(one, other, strict=True))


def stored(stream: Any, name: str) -> tuple[Any, dict[str, str]]:
    """The chart in a pixel format, exactly, and what a probe says of it."""
    if samples_of(name) != "yuv":
        return stream.filter("scale", flags="accurate_rnd").filter("format", name), {}
    spread = "pc" if name.startswith("yuvj") else "tv"
    stream = stream.filter("scale", flags="accurate_rnd", out_color_matrix="bt709", out_range=spread)
    return stream.filter("format", name), {**BT709, "color_range": spread}


def shown(stream: Any, name: str, hdr: bool) -> Any:
    """Through the product's chain, and as a PNG shows it."""
    stream, facts = stored(stream, name)
    if hdr:
        facts |= {"hdr": "pq", "color_transfer": "smpte2084"}
    size = {"coded_width": WIDTH, "coded_height": SIDE, "width": WIDTH, "height": SIDE}
    about = VideoStream.model_validate({"index": 0, "track": 0, "codec": "a", "pixel_format": name, **size, **facts})
    stream = filter_picture(stream, resolve_picture(about, None, "tonemap", "outputs.a"))
    return image_colours(stream, "png").filter("setparams", range="pc", colorspace="gbr").filter("setsar", 1)


def shown_colours(binary: FFmpeg, chart: Path, names: list[str], *, hdr: bool = False) -> dict[str, list[Colour]]:
    source = ffmpeg.input(str(chart), **keywords(CHART))
    copies = source["0"].filter_multi_output("split", len(names))
    stacked = ffmpeg.concat(*(shown(copies[number], name, hdr) for number, name in enumerate(names)), v=1, a=0)
    words = ffmpeg.output(stacked, "-", f="rawvideo", pix_fmt="rgb24", fps_mode="passthrough").get_args()
    raw = subprocess.run([binary.path, "-v", "error", *words], check=True, capture_output=True, timeout=60).stdout
    size = 3 * WIDTH * SIDE
    frames = [raw[begin : begin + size] for begin in range(0, len(raw), size)]
    return {name: patches(frame) for name, frame in zip(names, frames, strict=True)}


@pytest.mark.parametrize("hdr", [False, True], ids=["SDR", "tonemapped"])
def test_every_pixel_format_shows_its_colours(bundled: FFmpeg, chart: Path, hdr: bool) -> None:
    """RGB, grey and YUV of all depths, packed and planar, limited and full: the same picture of each."""
    show_the_same(bundled, chart, [name for name in formats_of(bundled) if not (hdr and name.endswith("be"))], hdr=hdr)


def test_an_older_ffmpeg_shows_the_same_colours(on_path: FFmpeg, chart: Path) -> None:
    """Its filters negotiate no ranges."""
    show_the_same(on_path, chart, [name for name in formats_of(on_path) if not name.endswith("be")], hdr=False)


def show_the_same(binary: FFmpeg, chart: Path, formats: list[str], *, hdr: bool) -> None:
    names = [name for name in formats if not COARSE.match(name)]
    assert len(names) > 80
    wanted = shown_colours(binary, chart, ["yuv444p", "gbrp"], hdr=hdr)
    off = {}
    for first in range(0, len(names), AT_ONCE):
        for name, found in shown_colours(binary, chart, names[first : first + AT_ONCE], hdr=hdr).items():
            # Grey has no primaries; at half and quarter resolution of chroma a patch has its neighbour's at its edge.
            many = len(GREYS) if samples_of(name) == "grey" else len(PATCHES)
            expected = wanted["yuv444p"] if hdr else PATCHES
            far = furthest(found[:many], expected[:many])
            if far > (8 if re.search(r"41[01]|gbrap", name) else NEAR):
                off[name] = (far, found)
    assert off == {}
    assert furthest(wanted["gbrp"], wanted["yuv444p"]) <= NEAR


def tagged(matrix: str, transfer: str) -> str:
    tags = f"setparams=colorspace={matrix}:color_primaries=bt709:color_trc={transfer}:range=tv"
    return f"scale=out_color_matrix={matrix}:out_range=tv,format=yuv444p,{tags}"


SOURCES = {
    "screen.mov": ["-c:v", "qtrle", "-pix_fmt", "rgb24"],
    "screen.mp4": ["-c:v", "libx264rgb", "-qp", "0"],
    "grey.mkv": ["-c:v", "ffv1", "-pix_fmt", "gray"],
    "grey.avi": ["-c:v", "rawvideo", "-pix_fmt", "gray"],
    "jpeg.mov": ["-c:v", "mjpeg", "-q:v", "1", "-pix_fmt", "yuvj444p"],
    "obs.mp4": ["-c:v", "libx264", "-qp", "0", "-vf", tagged("bt709", "iec61966-2-1")],
    "pal.mp4": ["-c:v", "libx264", "-qp", "0", "-vf", tagged("bt470bg", "bt470bg")],
}  # fmt: skip


@pytest.mark.parametrize("name", SOURCES)
def test_real_files_show_their_colours(bench: Bench, make: Make, bundled: FFmpeg, chart: Path, name: str) -> None:
    """A screen recording's dark grey stays as dark; what is tagged with another SDR curve is taken for BT.709's."""
    source = make(name, *CHART, "-i", f"file:{chart}", *SOURCES[name], "-y")
    wanted = GREYS if name.startswith("grey") else PATCHES
    as_rgb = "zscale=matrixin=709:rangein=limited:matrix=gbr:range=full,format=gbrp,format=rgb24"
    still: dict[str, Any] = {"kind": "thumbnail", "at": 0, "format": "png"}
    for wish, graph in ((still, "format=rgb24"), ({"quality": None, "crf": 1}, as_rgb)):
        made, certificate, _ = bench.make(source, WHOLE, **wish)
        assert [check["name"] for check in certificate["checks"] if not check["passed"]] == []
        words = ["-i", str(made), "-frames:v", "1", "-vf", graph, "-pix_fmt", "rgb24", "-f", "rawvideo", "-"]
        raw = subprocess.run([bundled.path, "-v", "error", *words], check=True, capture_output=True, timeout=60).stdout
        assert furthest(patches(raw)[: len(wanted)], wanted) <= NEAR, patches(raw)
