"""Builds the FFmpeg runs that look and listen for highlights, and reads what they print. Pure."""

from __future__ import annotations

import math
from typing import Any

import ffmpeg

from dailies.domain.edit.speech import ENVELOPE_HZ
from dailies.domain.source.audio_selection import AudioSelection
from dailies.media.graphs.sound.audio_chain import select
from dailies.media.run.ffmpeg_flags import SOURCE
from dailies.media.run.lines import number

#: The band that tells vowels (ITU-T G.712's telephone channel), and a rate that holds it.
_BAND_HZ, _RATE_HZ = (300, 3400), 8000
_LEVEL = "lavfi.astats.Overall.RMS_level"
_SCORE = "lavfi.scd.score"
#: Of scdet's 0–100: below it, pictures a second apart differ because something moves.
_CHANGE = 8.0
#: Pictures are compared this far apart at least, so that each pair says the same; small ones say enough.
_APART_SECONDS, _WIDTH = 0.4, 160


def envelope_arguments(selection: AudioSelection) -> list[str]:
    """RMS of the speech band, every 50 ms of the track, on stdout."""
    return _to_null(enveloped(select(ffmpeg.input(SOURCE, vn=None)[str(selection.stream)], selection)))


def enveloped(stream: Any) -> Any:
    """The sound ``stream``, through filters that write its envelope to stdout."""
    stream = stream.filter("aformat", sample_rates=_RATE_HZ)
    stream = stream.filter("highpass", f=_BAND_HZ[0]).filter("lowpass", f=_BAND_HZ[1])
    stream = stream.filter("asetnsamples", _RATE_HZ // ENVELOPE_HZ, p=0)
    stream = stream.filter("astats", metadata=1, reset=1, measure_perchannel="none", measure_overall="RMS_level")
    return stream.filter("ametadata", mode="print", key=_LEVEL, file="-")


def scene_arguments(stream: int, *, keyframes: bool) -> list[str]:
    """How much each picture differs from the one before, on stdout.

    Encoders begin a scene with a keyframe, and decoding nothing else is 27 times faster; ``keyframes`` False takes all
    that others refer to, for files with too few.
    """
    video = ffmpeg.input(SOURCE, an=None, skip_frame="nokey" if keyframes else "noref")[str(stream)]
    video = video.filter("select", expr=f"isnan(prev_selected_t)+gte(t-prev_selected_t,{_APART_SECONDS:g})")
    video = video.filter("scale", _WIDTH, -2, flags="area").filter("format", "gray").filter("scdet", threshold=_CHANGE)
    video = video.filter("metadata", mode="print", key=_SCORE, file="-")
    return _to_null(video, fps_mode="passthrough")


def shot_arguments(stream: int) -> list[str]:
    """How much each frame differs from the one before, on stdout: all are decoded, so each change is where it is."""
    video = ffmpeg.input(SOURCE, an=None)[str(stream)]
    video = video.filter("scale", _WIDTH, -2, flags="area").filter("format", "gray").filter("scdet", threshold=_CHANGE)
    video = video.filter("metadata", mode="print", key=_SCORE, file="-")
    return _to_null(video, fps_mode="passthrough")


class EnvelopeReader:
    """Collects the levels: hand its :meth:`line` every line of stdout."""

    def __init__(self) -> None:
        self.levels_dbfs: list[float] = []

    def line(self, line: str) -> None:
        name, separator, value = line.partition("=")
        if separator and name == _LEVEL:
            self.levels_dbfs.append(number(value))


class SceneReader:
    """Collects the changes of scene, in seconds: hand its :meth:`line` every line of stdout."""

    def __init__(self) -> None:
        self.changes: list[float] = []
        self._at = math.nan

    def line(self, line: str) -> None:
        if line.startswith("frame:"):
            self._at = number(line.rpartition("pts_time:")[2])
        elif line.startswith(_SCORE + "="):
            score = number(line.partition("=")[2])
            if score >= _CHANGE and math.isfinite(self._at):
                self.changes.append(round(self._at, 3))


def _to_null(stream: Any, **options: Any) -> list[str]:
    arguments: list[str] = ffmpeg.output(stream, "-", f="null", **options).get_args()
    return arguments
