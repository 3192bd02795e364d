"""Builds the FFmpeg runs that take single pictures out of a source. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ffmpeg

from dailies.domain.pictures.poster import HEIGHT, WIDTH
from dailies.domain.pictures.sampling import SLACK_SECONDS
from dailies.media.graphs.film.encoding import MAX_RATE
from dailies.media.graphs.pictures.one_size import decoded, reading
from dailies.media.graphs.pictures.picture import PictureParams, crop_to_shown, deinterlace, filter_picture
from dailies.media.run.ffmpeg_flags import SOURCE

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


#: How much more than one frame a candidate needs: its neighbour.
NEXT_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Moment:
    """A time ``at`` of the source, in seconds, and where decoding for it begins: at the keyframe before ``run_up``
    seconds earlier, where that leads to a frame at or before it; None: with the source, whose first frame is then
    taken for all before it."""

    at: float
    run_up: float | None = None


def still_arguments(params: PictureParams, moment: Moment, form: str, name: str) -> list[str]:
    """The picture on screen at a moment, upright and in the image format's own colours, as ``file:name``."""
    # Between its neighbours: the filter that follows leaves one frame of them.
    stream = _on_screen(params, moment, deinterlaced=params.deinterlace)
    stream = filter_picture(stream, params.model_copy(update={"deinterlace": False}))
    return image_output(image_colours(stream, form), name, f="image2", update=1, **{"frames:v": 1}, **_ENCODERS[form])


def candidate_arguments(params: PictureParams, moment: Moment, name: str) -> list[str]:
    """The small grey frame on screen at a moment and the next, as raw bytes: what poster.py judges by."""
    return _arguments(_candidate(_on_screen(params, moment, more=NEXT_SECONDS), params, name))


def candidates_arguments(params: PictureParams, times: Sequence[float], names: Sequence[str]) -> list[str]:
    """The same for several moments in one decode from the source's start, each as a file of its name."""
    whole = decoded(ffmpeg.input(SOURCE, an=None, **reading(params)), params).filter_multi_output("split", len(times))
    shown = (_held(whole[number], at + SLACK_SECONDS) for number, at in enumerate(times))
    return _arguments(*(_candidate(each, params, name) for each, name in zip(shown, names, strict=True)))


def _candidate(shown: Any, params: PictureParams, name: str) -> Any:
    small = crop_to_shown(shown, params).filter("scale", w=WIDTH, h=HEIGHT, flags="area")
    small = small.filter("format", pix_fmts="gray")
    return _written(small, name, f="rawvideo", fps_mode="passthrough", **{"frames:v": 2})


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
    return image_output(
        upright, name, f="image2", update=1, **{"frames:v": 1, "vcodec": "mjpeg", "qscale:v": 3, "flags:v": "+bitexact"}
    )


def _on_screen(params: PictureParams, moment: Moment, *, more: float = 0.0, deinterlaced: bool = False) -> Any:
    """The last frame at or before the moment, and those of ``more`` seconds."""
    seek = 0.0 if moment.run_up is None else max(0.0, moment.at - moment.run_up)
    # From the keyframe on: what is on screen may have begun long ago, and an accurate seek would drop it.
    options = {"noaccurate_seek": None, "ss": f"{seek:.6f}"} if seek > 0 else {}
    picture = decoded(ffmpeg.input(SOURCE, an=None, **options, **reading(params)), params)
    if deinterlaced:
        picture = deinterlace(picture)
    begin = moment.at - seek + SLACK_SECONDS
    if moment.run_up is not None:
        # An index is in the order of decoding: a seek into a long still may lead behind it, and nothing is left here.
        picture = picture.filter("trim", end=f"{begin + more:.6f}")
    return _held(picture, begin)


def _held(picture: Any, begin: float) -> Any:
    """The last of the frames at or before ``begin``, and those behind it."""
    # The last frame is on screen for ever, however short the file says it is.
    picture = picture.filter("tpad", stop=-1, stop_mode="clone")
    # Rounding up gives each tick the last frame at or before it; the first tick is the moment.
    rate = f"min(source_fps,{MAX_RATE})"
    return picture.filter("fps", fps=rate, start_time=f"{begin:.6f}", round="up")


def image_colours(stream: Any, form: str) -> Any:
    """From BT.709 to what image files mean: BT.601 full range (JFIF), limited (WebP), or RGB (PNG)."""
    if form == "png":
        return stream.filter("scale", in_color_matrix="bt709", flags=_EXACT).filter("format", pix_fmts="rgb24")
    spread = "pc" if form == "jpeg" else "tv"
    to = {"out_color_matrix": "bt601", "out_range": spread}
    stream = stream.filter("scale", in_color_matrix="bt709", flags=_EXACT, **to)
    stream = stream.filter("format", pix_fmts="yuvj420p" if form == "jpeg" else "yuv420p")
    return stream.filter("setparams", colorspace="smpte170m", range=spread)


def image_output(stream: Any, name: str, **options: Any) -> list[str]:
    return _arguments(_written(stream, name, **options))


def _written(stream: Any, name: str, **options: Any) -> Any:
    return ffmpeg.output(stream, f"file:{name}", fflags="+bitexact", map_metadata=-1, map_chapters=-1, **options)


def _arguments(*outputs: Any) -> list[str]:
    arguments: list[str] = ffmpeg.merge_outputs(*outputs).get_args()
    return arguments
