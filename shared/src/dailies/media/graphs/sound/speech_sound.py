"""Builds the FFmpeg run that makes of a track what speech recognition takes, and listens to it meanwhile. Pure."""

from __future__ import annotations

from typing import Any

import ffmpeg

from dailies.domain.source.audio_selection import AudioSelection
from dailies.domain.transcript.chunks import RATE_HZ
from dailies.media.graphs.film.highlight_signals import enveloped
from dailies.media.graphs.sound.audio_chain import select
from dailies.media.run.ffmpeg_flags import SOURCE


def speech_arguments(selection: AudioSelection, name: str) -> list[str]:
    """The track as 16-bit PCM without a header in the file ``name``, and its envelope on stdout; one decode.

    ``selection``: mixed to mono. The file's sample n stands n / 16,000 seconds after the source's start.
    """
    track = select(ffmpeg.input(SOURCE, vn=None)[str(selection.stream)], selection)
    copies: Any = track.filter_multi_output("asplit", 2)
    # Headerless: WAV has no room for the length of a day, and only we read it.
    heard = copies[0].filter("aformat", sample_rates=RATE_HZ, sample_fmts="s16", channel_layouts="mono")
    arguments: list[str] = ffmpeg.merge_outputs(
        ffmpeg.output(heard, f"file:{name}", f="s16le", acodec="pcm_s16le"),
        ffmpeg.output(enveloped(copies[1]), "-", f="null"),
    ).get_args()
    return arguments
