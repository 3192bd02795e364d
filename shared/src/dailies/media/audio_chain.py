"""The head of every audio graph: the same samples on the same clock, whoever reads them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ffmpeg

from dailies.domain.audio_selection import AudioSelection, Window
from dailies.media.guard import told_apart

_DOWNMIX = {"mono": "mono", "stereo": "stereo"}


def select(stream: Any, selection: AudioSelection) -> Any:
    """Put the track on the source's clock and map its channels.

    Gaps and a late start are filled with silence and overlaps dropped, so sample n stands n / rate seconds
    after the source's start and audio stays in step with the pictures.
    """
    stream = stream.filter("aresample", **{"async": 1, "first_pts": 0})
    wanted: dict[str, str] = {"sample_fmts": selection.sample_format}
    if selection.mapping in _DOWNMIX:
        wanted["channel_layouts"] = _DOWNMIX[selection.mapping]
    stream = stream.filter("aformat", **wanted)
    if selection.mapping == "spread":
        stream = stream.filter("pan", args=_spread(selection.source_channels, selection.channels))
    return stream


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


def _spread(source_channels: int, channels: int) -> str:
    if channels == 1:
        return "mono|c0=" + "+".join(f"{1 / source_channels:.6f}*c{n}" for n in range(source_channels))
    sides = [range(0, source_channels, 2), range(1, source_channels, 2)]
    mixes = ["+".join(f"{1 / len(side):.6f}*c{n}" for n in side) for side in sides]
    return f"stereo|c0={mixes[0]}|c1={mixes[1]}"
