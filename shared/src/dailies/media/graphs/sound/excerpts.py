"""Builds the FFmpeg run that listens to a few excerpts for the quality score, and reads what it prints. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import ffmpeg

from dailies.domain.checks.quality import BANDS_HZ, CLIP_LEVEL, Sound
from dailies.domain.source.audio_selection import AudioSelection, Window
from dailies.media.graphs.sound.audio_chain import select, sought
from dailies.media.run.ffmpeg_flags import SOURCE

#: Source and output are compared at one rate, so that bands mean the same in both.
_RATE_HZ = 48_000
#: Statistics are cumulative and printed once a frame: with frames of 1 s the last is as good as a summary.
_FRAME_SAMPLES = 48_000

_PREFIX = "lavfi.astats."


def sound_arguments(
    windows: Sequence[Window], channels: int, *, name: str = SOURCE, selection: AudioSelection | None = None
) -> list[str]:
    """Listen to ``windows`` of ``name``, as :func:`heard_into` does, in a run that does nothing else."""
    arguments: list[str] = heard_into("-", windows, channels, name=name, selection=selection).get_args()
    return arguments


def heard_into(
    file: str,
    windows: Sequence[Window],
    channels: int,
    *,
    name: str = SOURCE,
    selection: AudioSelection | None = None,
) -> Any:
    """The output of a run that listens to ``windows`` of ``name``: of the selected track, or of the first one of a file
    of ours. Its lines come into ``file``.

    ``channels`` are those after the selection's mapping. Costs about 0.2 CPU seconds for three times two seconds.
    """
    parts = [_excerpt(name, windows, number, selection) for number in range(len(windows))]
    joined = parts[0] if len(parts) == 1 else ffmpeg.concat(*parts, v=0, a=1)
    both = joined.filter_multi_output("asplit", 2)
    # Clipping is counted before the downmix: 1 where any channel is at full scale, so RMS² is the part of samples.
    # The downmix is a pan, as asking for a mono layout would make FFmpeg mix down in front of both.
    clipped = both[1].filter("aeval", _any_clipped(channels), c="mono")
    mono = both[0].filter("pan", args=_mean(channels)).filter_multi_output("asplit", 2)
    # The lowest order at which the band below a codec's cut-off doesn't hide what is missing above it.
    edges = " ".join(str(low) for low, _ in BANDS_HZ)
    bands = mono[1].filter_multi_output("acrossover", split=edges, order="8th")
    merged = ffmpeg.filter(
        [mono[0], *(bands[n] for n in range(1 + len(BANDS_HZ))), clipped], "amerge", inputs=len(BANDS_HZ) + 3
    )
    merged = merged.filter("asetnsamples", _FRAME_SAMPLES, p=0)
    merged = merged.filter(
        "astats", metadata=1, measure_perchannel="RMS_level+RMS_trough", measure_overall="none"
    ).filter("ametadata", mode="print", file=file)
    return ffmpeg.output(merged, "-", f="null")


class SoundReader:
    """Collects what ``astats`` prints: hand its :meth:`line` every line of stdout."""

    def __init__(self) -> None:
        self._last: dict[str, float] = {}

    def line(self, line: str) -> None:
        name, separator, value = line.partition("=")
        if separator and name.startswith(_PREFIX):
            try:
                self._last[name.removeprefix(_PREFIX)] = float(value)
            except ValueError:
                return

    def sound(self) -> Sound | None:
        """None when nothing was decoded, or nothing but digital silence."""
        level = self._last.get("1.RMS_level", -math.inf)
        if not math.isfinite(level):
            return None
        # Channels: the whole, under the lowest band, the bands, clipped samples.
        clipped = self._last.get(f"{len(BANDS_HZ) + 3}.RMS_level", -math.inf)
        return Sound(
            level_dbfs=level,
            trough_dbfs=self._last.get("1.RMS_trough", -math.inf),
            bands_dbfs=tuple(self._last.get(f"{n + 3}.RMS_level", -math.inf) for n in range(len(BANDS_HZ))),
            clipped=10.0 ** (clipped / 10.0),
        )


def _excerpt(name: str, windows: Sequence[Window], number: int, selection: AudioSelection | None) -> Any:
    source = sought(name, windows, number)
    stream = source["a:0"] if selection is None else select(source[str(selection.stream)], selection)
    return stream.filter("aformat", sample_fmts="dblp", sample_rates=_RATE_HZ)


def _mean(channels: int) -> str:
    return "mono|c0=" + "+".join(f"{1 / channels:.6f}*c{n}" for n in range(channels))


def _any_clipped(channels: int) -> str:
    terms = [f"gte(abs(val({n})),{CLIP_LEVEL})" for n in range(channels)]
    expression = terms[0]
    for term in terms[1:]:
        expression = f"max({expression},{term})"
    return expression
