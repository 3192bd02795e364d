"""Builds the FFmpeg run that shows what is drawn, on a picture of one grey. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import ffmpeg

_WIDTH, _HEIGHT = 640, 360


def drawn_share(samples: bytes) -> float:
    """The share of a picture that isn't of its most frequent grey, 0-1."""
    return 1 - max(Counter(samples).values()) / len(samples) if samples else 0.0


def blank_arguments(draw: Callable[[Any], Any], seconds: float, name: str) -> list[str]:
    """The one picture at ``seconds`` as raw grey samples in ``file:name``."""
    # Whose clock has milliseconds.
    blank = ffmpeg.input(f"color=c=0x808080:s={_WIDTH}x{_HEIGHT}:r=1000:d=0.01", f="lavfi")
    stream = blank.filter("format", "gray").filter("setpts", f"PTS+{seconds:.3f}/TB")
    stream = draw(stream).filter("format", "gray")
    arguments: list[str] = ffmpeg.output(
        stream, f"file:{name}", f="rawvideo", vcodec="rawvideo", **{"frames:v": 1}
    ).get_args()
    return arguments
