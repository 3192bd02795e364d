"""Builds the FFmpeg run that puts encoded pictures and sound into one file. Pure."""

from __future__ import annotations

import ffmpeg


def film_arguments(pictures: str, sound: str | None, name: str) -> list[str]:
    """The encoded pictures and sound, as they are, in ``file:name`` with its index in front."""
    streams = [ffmpeg.input(f"file:{pictures}")["v:0"]]
    if sound is not None:
        streams.append(ffmpeg.input(f"file:{sound}")["a:0"])
    arguments: list[str] = ffmpeg.output(
        *streams, f"file:{name}", c="copy", f="mp4", movflags="+faststart",
        fflags="+bitexact", map_metadata=-1, map_chapters=-1,
    ).get_args()  # fmt: skip
    return arguments
