"""The head of a graph that has all pictures in one size."""

from __future__ import annotations

from typing import Any

import ffmpeg
import pytest

from dailies.domain.source.media_info import VideoStream
from dailies.media.graphs.pictures.one_size import decoded, reading
from dailies.media.graphs.pictures.picture import resolve_picture


def head(**facts: Any) -> tuple[str, dict[str, int]]:
    known = {"index": 0, "track": 0, "codec": "h264", "pixel_format": "yuv420p", **facts}
    params = resolve_picture(VideoStream.model_validate(known), None, "refuse", "outputs.a")
    arguments = ffmpeg.output(decoded(ffmpeg.input("in"), params), "out").get_args()
    graph = arguments[arguments.index("-filter_complex") + 1] if "-filter_complex" in arguments else ""
    return graph.replace("\\", ""), reading(params)


@pytest.mark.parametrize(
    ("facts", "size", "canvas"),
    [
        ({}, (720, 576), "720:576"),
        ({"rotation": 90, "width": 576, "height": 720}, (576, 720), "576:720"),
        ({"coded_width": 719, "width": 719}, (719, 576), "720:576"),
        ({"cropping": (8, 0, 8, 0), "width": 704}, (720, 576), "720:576"),
    ],
    ids=["square", "turned", "odd", "cropped"],
)
def test_pictures_are_fitted_into_the_first_ones_size(
    facts: dict[str, Any], size: tuple[int, int], canvas: str
) -> None:
    """Upright, in their own shape, without beginning the filters anew."""
    wide, tall = size
    known = {"coded_width": 720, "coded_height": 576, "width": 720, "height": 576, **facts}
    graph, options = head(**known)
    assert f"h=max(2,round(min({tall},{wide}/a))):interl=-1:w=max(2,round(min({wide},{tall}*a)))" in graph
    assert f"pad={canvas}:(ow-iw)/2:(oh-ih)/2:eval=frame" in graph
    assert options == {"reinit_filter": 0}


def test_samples_that_are_not_square_fill_the_same_picture() -> None:
    """A broadcast of 720 × 576 samples that goes on in 544 × 576 shows the same width."""
    graph, _ = head(coded_width=720, coded_height=576, width=1024, height=576, sample_aspect_ratio="64:45")
    assert "scale=flags=bicubic:h=576:interl=-1:w=720" in graph


def test_rgb_has_one_size_as_it_is() -> None:
    """No codec of it changes that, and each conversion would cost exactness."""
    assert head(coded_width=64, coded_height=64, width=64, height=64, pixel_format="bgra") == ("", {})
