"""Builds the FFmpeg runs that take single pictures out of a source. Pure."""

from __future__ import annotations

from typing import Any

import ffmpeg

from dailies.domain.poster import HEIGHT, WIDTH
from dailies.media.guard import SOURCE
from dailies.media.picture import PictureParams, filter_picture

#: Media type and file extension by format.
IMAGES = {"jpeg": ("image/jpeg", "jpg"), "png": ("image/png", "png"), "webp": ("image/webp", "webp")}
#: Pixels, of the longer side: what podcast directories show. Nothing is enlarged.
_COVER_SIDE = 1500
# JPEG's -q:v 2 is the finest of mjpeg's usual scale; WebP's 85 looks the same at two thirds of the size.
_ENCODERS: dict[str, dict[str, Any]] = {
    "jpeg": {"vcodec": "mjpeg", "qscale:v": 2},
    "png": {"vcodec": "png"},
    "webp": {"vcodec": "libwebp", "quality": 85},
}
# swscale's quick ways are off by 2 of 255; beside a picture's encode the exact ones cost nothing.
_EXACT = "bicubic+accurate_rnd+full_chroma_int"


def still_arguments(params: PictureParams, at: float, form: str, name: str) -> list[str]:
    """The picture shown at ``at`` seconds, upright and in the image format's own colours, as ``file:name``."""
    stream = filter_picture(_picture(params.stream, at), params)
    return _output(image_colours(stream, form), name, f="image2", update=1, **{"frames:v": 1}, **_ENCODERS[form])


def candidate_arguments(stream: int, at: float, name: str) -> list[str]:
    """Two small grey frames from ``at`` on, as raw bytes: what domain/poster.py judges by."""
    small = _picture(stream, at).filter("scale", w=WIDTH, h=HEIGHT, flags="area").filter("format", pix_fmts="gray")
    return _output(small, name, f="rawvideo", fps_mode="passthrough", **{"frames:v": 2})


def cover_arguments(stream: int, name: str) -> list[str]:
    """The attached picture ``stream`` as a JPEG of at most 1500 × 1500 pixels, without what came along with it."""
    small = ffmpeg.input(SOURCE, an=None)[str(stream)].filter(
        "scale",
        w=f"min(iw,{_COVER_SIDE})",
        h=f"min(ih,{_COVER_SIDE})",
        force_original_aspect_ratio="decrease",
        out_range="pc",
    )
    upright = small.filter("format", pix_fmts="yuvj420p").filter("sidedata", mode="delete")
    return _output(
        upright, name, f="image2", update=1, **{"frames:v": 1, "vcodec": "mjpeg", "qscale:v": 3, "flags:v": "+bitexact"}
    )


def _picture(stream: int, at: float) -> Any:
    return ffmpeg.input(SOURCE, an=None, **({"ss": f"{at:.6f}"} if at > 0 else {}))[str(stream)]


def image_colours(stream: Any, form: str) -> Any:
    """From BT.709 to what image files mean: BT.601 full range (JFIF), limited (WebP), or RGB (PNG)."""
    if form == "png":
        return stream.filter("scale", in_color_matrix="bt709", flags=_EXACT).filter("format", pix_fmts="rgb24")
    spread = "pc" if form == "jpeg" else "tv"
    to = {"out_color_matrix": "bt601", "out_range": spread}
    stream = stream.filter("scale", in_color_matrix="bt709", flags=_EXACT, **to)
    stream = stream.filter("format", pix_fmts="yuvj420p" if form == "jpeg" else "yuv420p")
    return stream.filter("setparams", colorspace="smpte170m", range=spread)


def _output(stream: Any, name: str, **options: Any) -> list[str]:
    arguments: list[str] = ffmpeg.output(
        stream, f"file:{name}", fflags="+bitexact", map_metadata=-1, map_chapters=-1, **options
    ).get_args()
    return arguments
