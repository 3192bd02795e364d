"""Which samples of a source a step works on: one track, mapped to channels, and a window of it."""

from __future__ import annotations

from typing import Literal

from dailies.domain.media_info import AudioStream
from dailies.domain.model import Model

Mapping = Literal["source", "mono", "stereo", "spread"]
MAX_KEPT_CHANNELS = 8
SampleFormat = Literal["u8", "s16", "s32", "s64", "flt", "dbl", "u8p", "s16p", "s32p", "s64p", "fltp", "dblp"]


class AudioSelection(Model):
    """A track by its stream index, and the channels it becomes.

    ``source`` keeps them; ``mono`` and ``stereo`` downmix by ITU-R BS.775-4 coefficients (FFmpeg's resampler).
    ``spread`` is for more than eight channels, which no file format gives a common meaning: odd channels go
    left and even ones right, at equal parts.

    ``sample_format`` is the one that the track decodes to, as FFmpeg names it. It is fixed because filters that
    share a stream would otherwise agree on the narrowest, and an output's samples would depend on its neighbours.
    """

    stream: int
    mapping: Mapping
    source_channels: int
    channels: int
    sample_format: SampleFormat = "fltp"


class Window(Model):
    """Seconds on the source's clock; ``end`` None is the end of the source."""

    start: float = 0.0
    end: float | None = None

    @property
    def whole(self) -> bool:
        return self.start == 0.0 and self.end is None


def select_audio(stream: AudioStream, wanted: int | None, limit: int) -> AudioSelection:
    """Map ``stream`` to ``wanted`` channels (None: as many as it has), at most ``limit``."""
    channels = wanted or stream.channels
    if channels > limit:
        channels = min(limit, 2)
    mapping: Mapping = "source"
    if stream.channels > MAX_KEPT_CHANNELS:
        channels = min(channels, 2) if wanted else 2
        mapping = "spread"
    elif channels != stream.channels:
        mapping = "mono" if channels == 1 else "stereo"
    return AudioSelection(stream=stream.index, mapping=mapping, source_channels=stream.channels, channels=channels)
