"""From the picture's shape to the shape that is asked for: what is cut off, or where black bars go. Pure geometry."""

from __future__ import annotations

import math

from dailies.domain.model import Model
from dailies.domain.recipe.edit_recipe import FramingMode

#: ``auto`` crops as long as this part of the picture is left, and pads else: less is another picture.
_LEAST_KEPT = 0.5
#: Pixels a side: x264 takes 16,384, WebP 16,383. Longer pictures, strips or stretched samples, are scaled down.
MOST_SIDE = 16_382
#: Shapes this close are the same: 1366 × 768 is 16:9.
_SAME = 0.01


class Framing(Model):
    """``crop``: the part kept of the picture's width and height, 0–1, from its middle; 1, 1 for bars.

    ``picture`` is the size it is scaled to, ``frame`` the film's: larger where there are bars. Pixels, even.
    """

    crop: tuple[float, float]
    picture: tuple[int, int]
    frame: tuple[int, int]

    @property
    def padded(self) -> bool:
        return self.picture != self.frame


def frame_picture(size: tuple[int, int], aspect: str | None, mode: FramingMode, height: int | None) -> Framing:
    """Fit a picture of ``size`` (upright, square pixels) into ``aspect`` at ``height`` pixels; it is never enlarged,
    and no side is longer than :data:`MOST_SIDE`.

    Without ``aspect`` the picture keeps its shape. Without ``height`` a crop keeps the picture's own scale, and the
    longest side of a padded frame is the picture's longest.
    """
    width, tall = size
    shape = width / tall if aspect is None else _ratio(aspect)
    if aspect is None or abs(shape * tall / width - 1) < _SAME:
        scale = min(1.0, MOST_SIDE / max(width, tall), height / tall if height is not None else 1.0)
        plain = (_even(width * scale), _even(tall * scale))
        return Framing(crop=(1.0, 1.0), picture=plain, frame=plain)
    kept = (min(1.0, shape * tall / width), min(1.0, width / shape / tall))
    if mode == "crop" or (mode == "auto" and kept[0] * kept[1] >= _LEAST_KEPT):
        parts = (round(kept[0], 6), round(kept[1], 6))
        left = cropped_size((_even(width), _even(tall)), parts)
        scale = min(1.0, MOST_SIDE / max(left), height / left[1] if height is not None else 1.0)
        cropped = left if scale == 1.0 else (_even(left[0] * scale), _even(left[1] * scale))
        return Framing(crop=parts, picture=cropped, frame=cropped)
    longest = min(max(width, tall), MOST_SIDE)
    frame_tall = longest / max(shape, 1.0) if height is None else min(float(height), MOST_SIDE / shape)
    # The scale at which the picture just fits; where that enlarges it, the frame shrinks instead.
    scale = min(frame_tall * shape / width, frame_tall / tall)
    frame_tall /= max(scale, 1.0)
    scale = min(scale, 1.0)
    frame = (_even(frame_tall * shape), _even(frame_tall))
    picture = (min(_even(width * scale), frame[0]), min(_even(tall * scale), frame[1]))
    return Framing(crop=(1.0, 1.0), picture=picture, frame=frame)


def cropped_size(size: tuple[int, int], parts: tuple[float, float]) -> tuple[int, int]:
    """What a crop to ``parts`` leaves of an even ``size``: the nearest even sides, as picture.py crops."""
    across, down = (max(2, math.floor(side * part / 2 + 0.5) * 2) for side, part in zip(size, parts, strict=True))
    return across, down


def _ratio(aspect: str) -> float:
    wide, tall = aspect.split(":")
    return int(wide) / int(tall)


def _even(side: float) -> int:
    # The same rounding as for a height alone: down, so that nothing is enlarged by a pixel.
    return max(2, round(side) // 2 * 2)
