"""The head of every audio graph: the same samples on the same clock, whoever reads them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ffmpeg

from dailies.domain.source.audio_selection import AudioSelection, Window
from dailies.domain.source.channel_layouts import LAYOUTS, USUAL_LAYOUTS, Matrix, Positions
from dailies.media.run.ffmpeg_flags import told_apart

#: How far sound may be off the source's clock before it is brought back, s. Over the larger, shorter than any frame
#: of a picture, silence is put in or samples are left out, at once: a gap stays where it is. From the smaller on, more
#: than the rounding of any container's clock, a clock that drifts is followed by resampling, unheard.
_JUMP_SECONDS, _DRIFT_SECONDS = 0.016, 0.003
#: The most that resampling stretches, and the time in which it makes up for a drift, s.
_MOST_STRETCH, _CATCH_UP_SECONDS = 0.03, 0.2
_ONE = 0.999999999
#: FFmpeg has names for these and no way to mix them: such a track goes by the usual names of as many channels.
_UNKNOWN_TO_RESAMPLERS = frozenset(("BIL", "BIR", "SSL", "SSR", "TTL", "TTR"))


def select(stream: Any, selection: AudioSelection) -> Any:
    """Put the track on the source's clock and map its channels.

    Gaps and a late start are filled with silence and overlaps dropped, so sample n stands n / rate seconds
    after the source's start and audio stays in step with the pictures.
    """
    names = selection.source_layout
    if names is not None and _UNKNOWN_TO_RESAMPLERS & set(names):
        names = LAYOUTS[USUAL_LAYOUTS[len(names)]]
        kept = "|".join(map(str, range(len(names))))
        stream = stream.filter("channelmap", map=kept, channel_layout="+".join(names))
    # Two resamplers, as FFmpeg 5 begins anew at first_pts when one that has it starts to stretch. A part that is in
    # other channels than the track's first is brought to those without clipping (rematrix_maxval), by either.
    jumps = {"async": 1, "min_hard_comp": _JUMP_SECONDS, "rematrix_maxval": 1}
    stretch = {"min_comp": _DRIFT_SECONDS, "max_soft_comp": _MOST_STRETCH, "comp_duration": _CATCH_UP_SECONDS}
    stream = stream.filter("aresample", selection.sample_rate_hz, **jumps, **stretch)
    stream = stream.filter("aresample", **jumps, first_pts=0)
    wanted: dict[str, str] = {"sample_fmts": selection.sample_format}
    if names is not None:
        wanted["channel_layouts"] = "+".join(names)
    stream = stream.filter("aformat", **wanted)
    if selection.matrix is None:
        return stream
    return stream.filter("pan", args=_pan(LAYOUTS[selection.layout], selection.matrix))


def sought(name: str, windows: Sequence[Window], number: int) -> Any:
    """The input ``name`` without its pictures, for one of a graph's ``windows``, which may be the same again.

    From a seek to the window's start: fast, and right to a packet.
    """
    window = windows[number]
    limits: dict[str, Any] = {"vn": None, **told_apart(windows[:number].count(window))}
    if window.start > 0:
        limits["ss"] = f"{window.start:.6f}"
    if window.end is not None:
        limits["t"] = f"{window.end - window.start:.6f}"
    return ffmpeg.input(name, **limits)


def cut(stream: Any, window: Window) -> Any:
    """The samples of ``window``, its first at time 0."""
    if window.whole:
        return stream
    limits = {} if window.end is None else {"end": f"{window.end:.6f}"}
    return stream.filter("atrim", start=f"{window.start:.6f}", **limits).filter("asetpts", "PTS-STARTPTS")


def _pan(positions: Positions, matrix: Matrix) -> str:
    # Where all gains are 1, FFmpeg takes a short cut that mixes channels when they change places (9.0). This is 1 to
    # a sample, and none to the short cut.
    mixes = [
        f"{position}=" + "+".join(f"{min(gain, _ONE):.9g}*c{n}" for n, gain in enumerate(row) if gain)
        for position, row in zip(positions, matrix, strict=True)
        if any(row)  # the others are silent
    ]
    return "|".join(["+".join(positions), *mixes])
