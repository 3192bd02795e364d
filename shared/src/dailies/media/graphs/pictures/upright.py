"""Where a coded picture's sides and margins are once a player has turned it upright. Pure geometry."""

from __future__ import annotations

from dailies.domain.source.media_info import VideoStream


def upright_size(stream: VideoStream) -> tuple[int, int]:
    size = (stream.coded_width, stream.coded_height)
    return size[::-1] if stream.rotation in (90, 270) else size


def shown_part(stream: VideoStream) -> tuple[int, int, int, int]:
    """Column, row, width and height of what is shown of the upright picture, before samples are made square."""
    left, top, right, bottom = stream.cropping or (0, 0, 0, 0)
    turned = [
        (left, top, right, bottom),
        (bottom, left, top, right),
        (right, bottom, left, top),
        (top, right, bottom, left),
    ]
    left, top, right, bottom = turned[stream.rotation // 90]
    wide, tall = upright_size(stream)
    if stream.flipped and stream.rotation in (90, 270):
        left, right = right, left  # as FFmpeg does it: turned, then mirrored across, or down where it was half a turn
    elif stream.flipped:
        top, bottom = bottom, top
    return left, top, wide - left - right, tall - top - bottom
