"""Test cards with a colour in each corner, every kind of output that is made of pictures, and what it shows."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

from dailies.domain.source.media_info import Cropping
from dailies.media.ffmpeg import FFmpeg
from dailies.media.graphs.pictures.storyboard import read_vtt
from tests.integration.media.films import Bench

COLOURS = {
    "red": (255, 0, 0), "lime": (0, 255, 0), "blue": (0, 0, 255), "yellow": (255, 255, 0),
    "magenta": (255, 0, 255), "gray": (128, 128, 128), "black": (0, 0, 0),
}  # fmt: skip
#: Top left, top right, bottom left, bottom right.
CORNERS = ("red", "lime", "blue", "yellow")
TAGS = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709,format=yuv420p"
NOTHING = (0, 0, 0, 0)
SOUND = ["-f", "lavfi", "-i", "sine=r=48000"]
X264 = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "12", "-c:a", "aac"]

_HEADER = re.compile(rb"P6\n(\d+) (\d+)\n255\n")

#: What is asked for, by kind. Parts of two seconds of a source of four, where there are parts.
WISHES: dict[str, dict[str, Any]] = {
    "video": {"quality": "high", "preset": "superfast"},
    "trim": {"quality": "high", "preset": "superfast", "start": 1.0, "end": 3.0},
    "edit": {
        "quality": "high",
        "preset": "superfast",
        "segments": [{"start": 0.5, "end": 1.5}, {"start": 2.5, "end": 3.5}],
    },
    "abr": {"kind": "abr", "quality": "high"},
    "timelapse": {"kind": "timelapse", "duration": 1, "fps": 8, "quality": "high"},
    "thumbnail": {"kind": "thumbnail", "at": 1.0, "format": "png"},
    "best": {"kind": "thumbnail", "format": "png"},
    "gif": {"kind": "gif", "duration": 4, "fps": 5, "width": 480},
    "storyboard": {"kind": "storyboard", "interval": 1.0, "format": "png", "width": 1024},
}


def card(width: int, height: int, crop: Cropping = NOTHING, *, seconds: float = 4, corner: int = 24) -> list[str]:
    """An input: a grey picture with a colour in each corner, in a margin of magenta that is to be cropped."""
    left, top, right, bottom = crop
    wide, tall = width - left - right, height - top - bottom
    graph = [f"color=c=magenta:s={width}x{height}:r=25:d={seconds}", _box(left, top, wide, tall, "gray")]
    for number, colour in enumerate(CORNERS):
        across = left + (wide - corner) * (number % 2)
        down = top + (tall - corner) * (number // 2)
        graph.append(_box(across, down, corner, corner, colour))
    return ["-f", "lavfi", "-i", ",".join([*graph, TAGS]), *SOUND, "-t", f"{seconds}"]


def shown(bundled: FFmpeg, bench: Bench, source: Path, wish: str, **more: Any) -> list[tuple[tuple[int, int], Any]]:
    """Size and corner colours of each frame that an output shows, whose certificate has passed."""
    rules = more.pop("rules", bench.toolbox.chunking)
    made, certificate, _ = bench.make(source, rules, **{**WISHES[wish], **more})
    assert all(check["passed"] or check["advisory"] for check in certificate["checks"]), certificate["checks"]
    if wish == "abr":
        made = made.with_name(certificate["renditions"][0]["playlist"]).with_suffix(".mp4")
    if wish == "storyboard":
        cues = read_vtt(made.read_text())
        return [look for cue in cues for look in looks(bundled, made.with_name(cue.file), *_tile(cue.area))]
    return looks(bundled, made)


def looks(bundled: FFmpeg, path: Path, *graph: str) -> list[tuple[tuple[int, int], Any]]:
    """Size and corner colours of each frame of a film or a picture."""
    raw = subprocess.run(
        [bundled.path, "-v", "error", "-i", path, "-fps_mode", "passthrough", *graph, "-f", "image2pipe", "-c:v", "ppm",
         "-"],
        check=True, capture_output=True, timeout=60,
    ).stdout  # fmt: skip
    found, at = [], 0
    while at < len(raw):
        header = _HEADER.match(raw, at)
        assert header is not None
        width, height, begin = int(header[1]), int(header[2]), header.end()
        at = begin + 3 * width * height
        picture = raw[begin:at]
        found.append(((width, height), tuple(_colour(picture, width, *place) for place in _insets(width, height))))
    return found


def _insets(width: int, height: int) -> list[tuple[int, int]]:
    across, down = (min(6, (side - 1) // 2) for side in (width, height))
    return [(x, y) for y in (down, height - 1 - down) for x in (across, width - 1 - across)]


def _colour(raw: bytes, width: int, x: int, y: int) -> str:
    """The name of the nearest."""
    at = 3 * (y * width + x)
    pixel = raw[at : at + 3]
    return min(COLOURS, key=lambda name: sum((a - b) ** 2 for a, b in zip(COLOURS[name], pixel, strict=True)))


def _tile(area: tuple[int, int, int, int]) -> list[str]:
    x, y, width, height = area
    return ["-vf", f"crop={width}:{height}:{x}:{y}"]


def _box(x: int, y: int, width: int, height: int, colour: str) -> str:
    return f"drawbox=x={x}:y={y}:w={width}:h={height}:c={colour}:t=fill"
