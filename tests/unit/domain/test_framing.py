"""Shapes: what is cropped, what is padded, and that nothing is enlarged."""

from __future__ import annotations

from typing import Any

import pytest

from dailies.domain.framing import frame_picture


@pytest.mark.parametrize(
    ("size", "aspect", "mode", "height", "picture", "frame"),
    [
        ((1920, 1080), "9:16", "crop", 1080, (608, 1080), (608, 1080)),
        ((1920, 1080), "9:16", "crop", None, (608, 1080), (608, 1080)),
        ((1920, 1080), "9:16", "crop", 540, (304, 540), (304, 540)),
        ((1920, 1080), "9:16", "pad", None, (1080, 608), (1080, 1920)),
        ((1920, 1080), "9:16", "pad", 1080, (608, 342), (608, 1080)),
        ((640, 360), "9:16", "pad", 1920, (640, 360), (640, 1138)),
        ((1080, 1920), "16:9", "crop", None, (1080, 608), (1080, 608)),
        ((1920, 1080), "1:1", "auto", None, (1080, 1080), (1080, 1080)),
        ((1920, 1080), "9:16", "auto", 720, (404, 228), (404, 720)),
        ((1366, 768), "16:9", "crop", None, (1366, 768), (1366, 768)),
        ((1920, 1080), None, "crop", 720, (1280, 720), (1280, 720)),
        ((320, 180), None, "auto", 720, (320, 180), (320, 180)),
    ],
)
def test_a_picture_in_its_frame(
    size: tuple[int, int], aspect: str | None, mode: Any, height: int | None, picture: Any, frame: Any
) -> None:
    found = frame_picture(size, aspect, mode, height)
    assert (found.picture, found.frame) == (picture, frame)
    assert found.padded is (picture != frame)


@pytest.mark.parametrize("size", [(1920, 1080), (1081, 1919), (321, 181), (4096, 2160), (176, 144)])
@pytest.mark.parametrize("aspect", ["9:16", "16:9", "1:1", "4:5", "21:9", "4:1", "1:4"])
@pytest.mark.parametrize("height", [None, 64, 720, 4320])
def test_any_shape_is_even_and_never_enlarged(size: tuple[int, int], aspect: str, height: int | None) -> None:
    """Cropped parts are a part of the picture; a padded picture is inside its frame and keeps its shape."""
    wide, tall = (int(side) for side in aspect.split(":"))
    for mode in ("crop", "pad"):
        found = frame_picture(size, aspect, mode, height)
        assert all(side % 2 == 0 and side >= 2 for side in (*found.picture, *found.frame))
        assert found.picture[0] <= found.frame[0]
        assert found.picture[1] <= found.frame[1]
        kept = (size[0] * found.crop[0], size[1] * found.crop[1])
        assert found.picture[0] <= kept[0] + 1
        assert found.picture[1] <= kept[1] + 1
        if found.frame[0] > 60 and found.frame[1] > 60:
            assert abs(found.frame[0] / found.frame[1] / (wide / tall) - 1) < 0.05
