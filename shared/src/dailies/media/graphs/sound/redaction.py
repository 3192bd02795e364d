"""Builds the FFmpeg run that lays a track out as samples, in which some can be made unheard. Pure."""

from __future__ import annotations

import ffmpeg

from dailies.domain.source.audio_selection import AudioSelection
from dailies.media.graphs.sound.audio_chain import select
from dailies.media.run.ffmpeg_flags import SOURCE


def track_arguments(selection: AudioSelection, name: str) -> list[str]:
    """The track as 32-bit floats in the WAV file ``name``: sample n stands n / rate seconds after the start."""
    track = select(ffmpeg.input(SOURCE, vn=None)[str(selection.stream)], selection)
    # RF64 where it grows over 4 GB: five hours of stereo do.
    arguments: list[str] = ffmpeg.output(
        track, f"file:{name}", acodec="pcm_f32le", f="wav", rf64="auto", map_metadata=-1, fflags="+bitexact"
    ).get_args()
    return arguments
