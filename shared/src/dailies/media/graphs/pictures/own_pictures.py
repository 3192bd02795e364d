"""Builds what decodes and lists the pictures of a film of ours, beside what hears it. Pure.

All pictures of a film would cost a tenth of its encode; keyframes, of which x264 sets one at least every 250 frames, a
hundredth of that. Between them a decoder that leaves the others out still takes their packets apart.
"""

from __future__ import annotations

from typing import Any

import ffmpeg

#: From the film's start, decoded whole; keyframes alone behind it.
WHOLE_SECONDS = 2.0


def picture_outputs(name: str, listing: str) -> list[Any]:
    """Outputs of a run that decode the pictures of ``file:name``, and list its frames in ``file:listing``."""
    # One thread: several lose the note of a frame that was patched up (frame_list.frame_arguments).
    start = ffmpeg.input(f"file:{name}", an=None, threads=1, t=f"{WHOLE_SECONDS:g}")["v:0"]
    film = ffmpeg.input(f"file:{name}", an=None, threads=1, skip_frame="nokey")["v:0"]
    # A constant rate would have the keyframes doubled, and converted once for each.
    decoded = [ffmpeg.output(each, "-", f="null", fps_mode="passthrough") for each in (start, film)]
    return [*decoded, ffmpeg.output(film, f"file:{listing}", c="copy", f="framecrc")]


def picture_arguments(name: str, listing: str) -> list[str]:
    """The same in a run that does nothing else."""
    arguments: list[str] = ffmpeg.merge_outputs(*picture_outputs(name, listing)).get_args()
    return arguments
