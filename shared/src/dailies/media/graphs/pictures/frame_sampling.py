"""The head of a filter graph that takes frames at even intervals and decodes no more than it must. Pure."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import ffmpeg

from dailies.domain.pictures.sampling import SLACK_SECONDS, Sampling
from dailies.media.graphs.pictures.one_size import in_one_size, reading
from dailies.media.graphs.pictures.picture import PictureParams
from dailies.media.run.ffmpeg_flags import SOURCE

# What the decoder leaves out, by way: libavcodec's skip_frame. 27 times faster with keyframes alone at GOP 30.
_SKIPPED = {
    "picked": {"skip_frame": "nokey"},
    "keyframes": {"skip_frame": "nokey"},
    "reference": {"skip_frame": "noref"},
    "full": {},
}
#: libavcodec of the first FFmpeg, 8.0, on which filtering packets before they are decoded was tried.
PICKING_SINCE = (62,)
#: Codecs whose decoder leaves out just those frames that no other refers to. H.265's layers may refer to each other.
MARKS_REFERENCES = ("h264",)
# FFmpeg's rationals are of 32 bits: this keeps the last tile of a day within 0.1 ms.
_MOST_DENOMINATOR = 1_000_000


def picked(params: PictureParams, sampling: Sampling) -> tuple[Any, PictureParams]:
    """The picked keyframes, the first at or after each moment; and what is left to do to the picture."""
    # In front of everything else: what isn't shown isn't scaled or converted.
    wanted = f"gte(t-{sampling.start:.6f}+{SLACK_SECONDS:g},selected_n*{sampling.interval_seconds:.9f})"
    return _finished(_decoded(params, sampling).filter("select", expr=wanted), params)


def shown_at_interval(params: PictureParams, sampling: Sampling) -> tuple[Any, PictureParams]:
    """The frame on screen at each moment, so that a still scene comes several times; and what is left to do."""
    rate = (1 / Fraction(sampling.interval_seconds)).limit_denominator(_MOST_DENOMINATOR)
    # A last frame is on screen to the end, however long before it it came; rounding up gives each moment the last frame
    # at or before it.
    stream = _decoded(params, sampling).filter("tpad", stop=-1, stop_mode="clone")
    fps = f"{rate.numerator}/{rate.denominator}"
    begin = f"{sampling.start + SLACK_SECONDS:.6f}"
    stream = stream.filter("fps", fps=fps, start_time=begin, round="up").filter("trim", end_frame=sampling.frames)
    return _finished(stream, params)


def _decoded(params: PictureParams, sampling: Sampling) -> Any:
    options: dict[str, Any] = {**_SKIPPED[sampling.decode], **reading(params)}
    if sampling.decode == "picked":
        # The condition of picked() on packets: the register counts those that passed.
        due = f"gte((pts-startpts)*tb+{SLACK_SECONDS:g},ld(0)*{sampling.interval_seconds:.9f})"
        options[f"bsf:{params.stream}"] = f"noise=drop='if(key*{due},st(0,ld(0)+1)*0,1)'"
    return ffmpeg.input(SOURCE, an=None, **options)[str(params.stream)]


def _finished(stream: Any, params: PictureParams) -> tuple[Any, PictureParams]:
    """In one size and without fields; and what is left to do to the picture."""
    stream = in_one_size(stream, params)
    if not params.deinterlace:
        return stream, params
    # By the frame alone: bwdif would look for motion between frames that are seconds apart.
    stream = stream.filter("estdif", mode="frame", deint="interlaced")
    return stream, params.model_copy(update={"deinterlace": False})
