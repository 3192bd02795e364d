"""Builds the FFmpeg run of a timelapse. Pure."""

from __future__ import annotations

import ffmpeg

from dailies.domain.pictures.sampling import Lapse
from dailies.media.graphs.film.encoding import keywords, video_arguments
from dailies.media.graphs.pictures.frame_sampling import picked, shown_at_interval
from dailies.media.graphs.pictures.picture import PictureParams, filter_picture


def timelapse_arguments(
    params: PictureParams,
    sampling: Lapse,
    quality: str,
    name: str,
    *,
    deflicker: bool = False,
    smooth: bool = False,
) -> list[str]:
    """The sampled frames as ``file:name``, MP4 without sound."""
    stream, params = (picked if sampling.decode == "picked" else shown_at_interval)(params, sampling)
    over, under = sampling.rate.split("/")
    # A time base that has the frames' own times: in a coarser one they would be rounded, and some lost.
    stream = stream.filter("settb", expr=f"{under}/{over}").filter("setpts", expr="N").filter("fps", fps=sampling.rate)
    if deflicker:
        stream = stream.filter("deflicker", size=5, mode="pm")
    if smooth:
        stream = stream.filter("tmix", frames=3, weights="1 2 1")
    # Last, as it writes the colour tags, which the two before it lose.
    stream = filter_picture(stream, params)
    arguments: list[str] = ffmpeg.output(
        stream,
        f"file:{name}",
        **keywords(video_arguments(quality)),
        f="mp4",
        movflags="+faststart",
        fflags="+bitexact",
        map_metadata=-1,
        map_chapters=-1,
        **{"frames:v": sampling.frames},
    ).get_args()
    return arguments
