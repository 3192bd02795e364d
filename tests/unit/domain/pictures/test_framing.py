"""Shapes: what is cropped, what is padded, and that nothing is enlarged."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from dailies.domain.pictures.framing import MOST_SIDE, frame_picture


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
        ((20_000, 1000), None, "auto", None, (16_382, 818), (16_382, 818)),
        ((300, 20_000), None, "auto", None, (246, 16_382), (246, 16_382)),
        ((20_000, 1000), "16:9", "pad", None, (16_382, 818), (16_382, 9214)),
        ((20_000, 4000), "4:1", "crop", None, (16_000, 4000), (16_000, 4000)),
    ],
)
def test_a_picture_in_its_frame(
    size: tuple[int, int], aspect: str | None, mode: Any, height: int | None, picture: Any, frame: Any
) -> None:
    found = frame_picture(size, aspect, mode, height)
    assert (found.picture, found.frame) == (picture, frame)
    assert found.padded is (picture != frame)


@given(
    st.tuples(st.integers(1, 300_000), st.integers(1, 300_000)),
    st.none() | st.sampled_from(["9:16", "4:1", "1:4", "1:1"]),
    st.sampled_from(["crop", "pad", "auto"]),
    st.none() | st.integers(32, 2160).map(lambda half: 2 * half),
)
def test_no_side_is_longer_than_encoders_take(
    size: tuple[int, int], aspect: str | None, mode: Any, height: int | None
) -> None:
    """A strip of a picture, or one of a few samples that are stretched eight times."""
    found = frame_picture(size, aspect, mode, height)
    assert all(2 <= side <= MOST_SIDE and side % 2 == 0 for side in (*found.picture, *found.frame))
    assert all(small <= large for small, large in zip(found.picture, found.frame, strict=True))


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
