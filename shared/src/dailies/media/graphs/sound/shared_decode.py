"""Builds the FFmpeg run that decodes a track once for all that listens to the whole of it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import ffmpeg

from dailies.domain.source.audio_selection import AudioSelection
from dailies.media.graphs.sound.audio_chain import select
from dailies.media.graphs.sound.loudness import metered
from dailies.media.graphs.sound.waveform import peaked
from dailies.media.run.ffmpeg_flags import SOURCE


@dataclass(frozen=True, slots=True)
class Meter:
    """Loudness blocks on stdout, the sample peak in stderr's summary (media/graphs/sound/loudness.py)."""

    selection: AudioSelection


@dataclass(frozen=True, slots=True)
class Peaks:
    """Peaks into the file ``name`` (media/graphs/sound/waveform.py)."""

    selection: AudioSelection
    samples_per_point: int
    name: str


def hearing_arguments(listeners: Sequence[Meter | Peaks]) -> list[str]:
    """One decode of their track, which is the same for all; each hears what it would alone. At most one meter."""
    track = ffmpeg.input(SOURCE, vn=None)[str(listeners[0].selection.stream)]
    copies = track.filter_multi_output("asplit", len(listeners)) if len(listeners) > 1 else [track]
    outputs = []
    for number, one in enumerate(listeners):
        sound = select(copies[number], one.selection)
        # Doubles are what comes out of the meter: the default of 16 bits would cost a conversion for nothing.
        heard = metered(sound) if isinstance(one, Meter) else peaked(sound, one.samples_per_point, one.name)
        codec = {"acodec": "pcm_f64le"} if isinstance(one, Meter) else {}
        outputs.append(ffmpeg.output(heard, "-", f="null", **codec))
    arguments: list[str] = ffmpeg.merge_outputs(*outputs).get_args()
    return arguments
