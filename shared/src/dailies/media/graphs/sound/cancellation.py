"""Builds the FFmpeg run that holds a mix against the channels it is made of, and reads what it prints. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import ffmpeg

from dailies.domain.source.audio_selection import AudioSelection, Window
from dailies.domain.source.channel_layouts import Matrix
from dailies.media.graphs.sound.audio_chain import select, sought
from dailies.media.run.ffmpeg_flags import SOURCE

_LEVEL = re.compile(r"lavfi\.astats\.(\d+)\.RMS_level=(\S+)")
#: Power under which a channel is silent: -100 dBFS.
_SILENT = 1e-10
#: What FFmpeg's pan takes (af_pan.c, MAX_CHANNELS).
MOST_CHANNELS = 64


def cancellation_arguments(selection: AudioSelection, windows: Sequence[Window]) -> list[str]:
    """Listen to ``windows`` of the track's channels, and of what they are mixed to, behind them."""
    unmixed = selection.model_copy(update={"matrix": None})
    parts = [
        select(sought(SOURCE, windows, number)[str(selection.stream)], unmixed).filter("aformat", sample_fmts="dblp")
        for number in range(len(windows))
    ]
    joined: Any = parts[0] if len(parts) == 1 else ffmpeg.concat(*parts, v=0, a=1)
    if selection.matrix is not None:
        joined = joined.filter("pan", args=_beside(selection.matrix))
    levels = joined.filter("astats", metadata=1, measure_perchannel="RMS_level", measure_overall="none")
    arguments: list[str] = ffmpeg.output(levels.filter("ametadata", mode="print", file="-"), "-", f="null").get_args()
    return arguments


def _beside(matrix: Matrix) -> str:
    """All channels and behind them their mix. By number: sixteen of them have no layout that amerge could take."""
    channels = len(matrix[0])
    kept = [f"c{n}=c{n}" for n in range(channels)]
    mixes = [
        f"c{channels + number}=" + "+".join(f"{gain:.9g}*c{n}" for n, gain in enumerate(row) if gain)
        for number, row in enumerate(matrix)
        if any(row)  # the others are silent
    ]
    return "|".join([f"{channels + len(matrix)}C", *kept, *mixes])


class CancellationReader:
    """Collects what ``astats`` prints: hand its :meth:`line` every line of stdout."""

    def __init__(self) -> None:
        self._powers: dict[int, float] = {}

    def line(self, line: str) -> None:
        found = _LEVEL.match(line)
        if found is not None:
            level = float(found[2])
            self._powers[int(found[1])] = 10 ** (level / 10) if math.isfinite(level) else 0.0

    def kept_db(self, matrix: Matrix) -> float | None:
        """The mix's power over that of channels which have nothing in common, dB; None: they are silent."""
        channels = len(matrix[0])
        heard = [self._powers.get(n + 1, 0.0) for n in range(channels + len(matrix))]
        expected = math.fsum(gain * gain * heard[n] for row in matrix for n, gain in enumerate(row))
        if expected < _SILENT:
            return None
        mixed = math.fsum(heard[channels:])
        return 10 * math.log10(mixed / expected) if mixed > 0 else -math.inf
