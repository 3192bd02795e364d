"""Which samples of a source a step works on: one track, mapped to channels, and a window of it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from dailies.domain.model import Model
from dailies.domain.source.channel_layouts import LAYOUTS, STEREO_LAYOUTS, Matrix, fold, halves, kept_as, positions_of
from dailies.domain.source.media_info import AudioStream

SampleFormat = Literal["u8", "s16", "s32", "s64", "flt", "dbl", "u8p", "s16p", "s32p", "s64p", "fltp", "dblp"]


class AudioSelection(Model):
    """A track by its stream index, and the channels it becomes: those of ``layout``, by its name.

    ``source_layout`` are the positions of the track's channels; None: they have no meaning that is known. ``matrix``
    None: they are kept.

    ``sample_format`` is the one that all filters work in. It is fixed because filters that share a stream would
    otherwise agree on the narrowest, and an output's samples would depend on its neighbours.
    """

    stream: int
    sample_rate_hz: int
    source_channels: int
    source_layout: tuple[str, ...] | None
    layout: str
    matrix: Matrix | None = None
    sample_format: SampleFormat = "fltp"

    @property
    def channels(self) -> int:
        return len(LAYOUTS[self.layout])


class Window(Model):
    """Seconds on the source's clock; ``end`` None is the end of the source."""

    start: float = 0.0
    end: float | None = None

    @property
    def whole(self) -> bool:
        return self.start == 0.0 and self.end is None


def select_audio(stream: AudioStream, kept: Collection[str], wanted: int | None = None) -> AudioSelection:
    """``stream`` in the layout of ``kept`` that is nearest to its own, or mixed to ``wanted`` channels, 1 or 2."""
    source = positions_of(stream.layout, stream.channels)
    mixed = wanted is not None or source is None
    layout = STEREO_LAYOUTS[(wanted or 2) - 1] if mixed or source is None else kept_as(source, kept)
    return AudioSelection(
        stream=stream.index,
        sample_rate_hz=stream.sample_rate_hz,
        source_channels=stream.channels,
        source_layout=source,
        layout=layout,
        matrix=halves(stream.channels, wanted or 2) if source is None else fold(source, LAYOUTS[layout]),
    )


def mean_of(stream: AudioStream) -> AudioSelection:
    """The plain mean of all channels of ``stream``: its shape, not its sound."""
    selection = select_audio(stream, STEREO_LAYOUTS, 1)
    return selection.model_copy(update={"matrix": halves(stream.channels, 1) if stream.channels > 1 else None})


def channel_of(stream: AudioStream, number: int) -> AudioSelection:
    """The channel of ``stream`` of that number, from 0, as mono."""
    row = tuple(1.0 if own == number else 0.0 for own in range(stream.channels))
    return select_audio(stream, STEREO_LAYOUTS, 1).model_copy(update={"matrix": (row,)})
