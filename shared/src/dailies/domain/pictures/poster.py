"""Which of a few frames makes the best poster: sharp, well exposed, and not in the middle of a transition. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean, pvariance

#: Frames are judged as small grey pictures, one byte a pixel: enough to tell a blurred from a sharp one.
WIDTH, HEIGHT = 160, 90
FRAME_BYTES = WIDTH * HEIGHT
#: How many moments of a source are looked at: at least, and at most, where they are this many seconds apart.
FEWEST, MOST, APART_SECONDS = 3, 12, 0.5
# Grey levels, of 255. Under the first a picture is called black, from the second on it is well lit.
_BLACK, _LIT = 20.0, 60.0
_BURNT, _WHITE = 215.0, 245.0
# Standard deviation of grey levels that a picture with content has; a title card on black has about 30.
_CONTRAST = 35.0
# Mean change of a pixel to the next frame that halves the score: a pan has 3 to 6, a cut 30 and more.
_UNREST = 10.0


@dataclass(frozen=True, slots=True)
class Look:
    """How a frame looks: grey levels and their change to the frame after it."""

    brightness: float
    contrast: float
    sharpness: float
    change: float

    @property
    def score(self) -> float:
        """0 for a black or an empty picture; only comparisons within one source mean anything."""
        exposure = _ramp(self.brightness, _BLACK, _LIT) * (1 - _ramp(self.brightness, _BURNT, _WHITE))
        content = _ramp(self.contrast, 0.0, _CONTRAST)
        steady = 1 / (1 + (self.change / _UNREST) ** 2)
        return exposure * content * steady * math.log1p(self.sharpness)


def candidate_times(duration: float | None) -> list[float]:
    """The moments to look at, in seconds: evenly spread, none at the very ends, where titles and fades are."""
    if not duration:
        return [0.0]
    count = min(MOST, max(FEWEST, round(duration / APART_SECONDS)))
    return [round((n + 0.5) * duration / count, 3) for n in range(count)]


def look(frames: bytes) -> Look | None:
    """Judge the first of ``frames`` (grey, ``WIDTH`` × ``HEIGHT``) by the second; None when there is none."""
    first, second = frames[:FRAME_BYTES], frames[FRAME_BYTES : 2 * FRAME_BYTES]
    if len(first) < FRAME_BYTES:
        return None
    change = fmean(abs(a - b) for a, b in zip(first, second, strict=True)) if len(second) == FRAME_BYTES else 0.0
    return Look(fmean(first), math.sqrt(pvariance(first)), _sharpness(first), change)


def best(looks: Mapping[float, Look]) -> float:
    """The time of the best frame, the earliest of equals. ``looks`` has at least one."""
    return max(sorted(looks), key=lambda time: round(looks[time].score, 6))


def _sharpness(frame: bytes) -> float:
    """Variance of the Laplacian (Pech-Pacheco et al., ICPR 2000): edges raise it, blur takes it away."""
    values = [
        4 * frame[at] - frame[at - 1] - frame[at + 1] - frame[at - WIDTH] - frame[at + WIDTH]
        for row in range(1, HEIGHT - 1)
        for at in range(row * WIDTH + 1, row * WIDTH + WIDTH - 1)
    ]
    return pvariance(values)


def _ramp(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low)))
