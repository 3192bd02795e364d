"""Builds the FFmpeg runs of a chunk, a part of a film that is encoded by itself, and of the join of all. Pure.

Every picture of the film is in just one chunk, on one clock: the source's, not a seek's (``-copyts``). The frames are
put on the ticks of the frame rate before they are divided, by a rule that looks at neighbours only. So it doesn't
matter where the decoder began, and the ticks of the chunks meet without gap or overlap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Any

import ffmpeg

from dailies.domain.source.audio_selection import Window
from dailies.media.graphs.film.encoding import keywords, video_arguments
from dailies.media.graphs.pictures.one_size import decoded, reading
from dailies.media.graphs.pictures.picture import PictureParams, deinterlace, filter_picture, steady
from dailies.media.run.ffmpeg_flags import SOURCE, Policy, input_flags

#: NUT keeps any time as it is; MP4 would round a start that isn't 0 to a millisecond.
MUXER = "nut"
_CLOCK = ["-copyts", "-start_at_zero"]
_LISTING = ["-c", "copy", "-avoid_negative_ts", "disabled", "-f", "framecrc", "-"]
_MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Chunk:
    """``opens``: its start is the film's own, so the picture on screen then fills.

    ``rate`` in frames per second; ``reach``: how long before its start a picture may have come that is on screen then.
    """

    stream: int
    params: PictureParams
    quality: str | int
    preset: str
    window: Window
    opens: bool
    rate: str
    reach: float


def chunk_arguments(chunk: Chunk, name: str, *, sought: bool = True) -> list[str]:
    """Encode the chunk as ``file:name``, timestamps as in the source. ``sought`` False: decode from the start."""
    options: dict[str, str | None] = {}
    if sought and chunk.window.start > chunk.reach:
        # From the keyframe on: the picture that is shown at the chunk's start may be much older than it.
        options |= {"noaccurate_seek": None, "ss": _seconds(chunk.window.start - chunk.reach)}
    stream = decoded(ffmpeg.input(SOURCE, an=None, **reading(chunk.params), **options), chunk.params)
    if chunk.params.deinterlace:
        stream = deinterlace(stream)
    start, end = chunk.window.start, chunk.window.end
    if end is not None:
        # To its end, however long before it the last frame came.
        stream = stream.filter("tpad", stop=-1, stop_mode="clone")
    stream = steady(stream, chunk.rate, start=start if chunk.opens else None, eof_action="pass")
    stream = _trim(stream, {"start": None if chunk.opens else start, "end": end})
    stream = filter_picture(stream, chunk.params.model_copy(update={"deinterlace": False}))
    arguments: list[str] = ffmpeg.output(
        stream,
        f"file:{name}",
        **keywords(video_arguments(chunk.quality, chunk.preset)),
        f=MUXER,
        # Decoding begins before the first picture is shown, at a negative time: nothing must be moved for it.
        avoid_negative_ts="disabled",
        fflags="+bitexact",
        map_metadata=-1,
        map_chapters=-1,
    ).get_args()
    return [*_CLOCK, *arguments]


def list_arguments(policy: Policy) -> list[str]:
    """List the packets of a chunk of ours on its own clock."""
    flags = input_flags(policy, demuxers=(MUXER,))
    return ["-copyts", *flags, "-f", MUXER, "-i", SOURCE, *_LISTING]


def film_list_arguments(stream: int) -> list[str]:
    """List the packets of a joined film's pictures on its own clock."""
    return ["-copyts", "-i", SOURCE, "-map", f"0:{stream}", *_LISTING]


class ChunkReader:
    """Collects what ``framecrc`` prints of one stream: hand its :meth:`line` every line of stdout.

    ``setup`` is the checksum of the decoder's set-up: H.264's parameter sets.
    """

    def __init__(self) -> None:
        self.setup = ""
        self._base = Fraction(1)
        self._shown: list[int] = []
        self._duration = 0

    def line(self, line: str) -> None:
        if line.startswith("#extradata 0:"):
            self.setup = line.rpartition(",")[2].strip()
        elif line.startswith("#tb 0:"):
            self._base = Fraction(line.split(":")[1].strip())
        elif line[:1].isdigit():
            _, _, shown, duration, *_ = line.split(",")
            self._shown.append(int(shown))
            self._duration = self._duration or int(duration)

    @property
    def rate(self) -> Fraction:
        """Frames a second: one over the first frame's duration."""
        return 1 / (self._duration * self._base)

    def ticks(self, rate: Fraction) -> list[int]:
        """The tick of each frame at ``rate`` ticks a second, in order of display."""
        return sorted(round(shown * self._base * rate) for shown in self._shown)


def tick_at(seconds: float, rate: Fraction) -> int:
    """The tick where FFmpeg's ``trim`` cuts at ``seconds``: the nearest, halves up (libavutil's AV_ROUND_NEAR_INF)."""
    return floor(Fraction(round(seconds * _MICROSECONDS), _MICROSECONDS) * rate + Fraction(1, 2))


def concat_list(pieces: Sequence[tuple[str, int]], rate: Fraction) -> str:
    """FFmpeg's ffconcat script of chunks: name and frames of each. The names are ours and plain.

    A duration is the difference of rounded times, so that rounding never adds up.
    """
    lines, done = ["ffconcat version 1.0"], 0
    for name, frames in pieces:
        duration = _micros(done + frames, rate) - _micros(done, rate)
        done += frames
        lines += [f"file {name}", f"duration {duration // _MICROSECONDS}.{duration % _MICROSECONDS:06d}"]
    return "\n".join(lines) + "\n"


def join_arguments(policy: Policy, name: str, sound: str | None) -> list[str]:
    """Copy the listed chunks, and the sound in the file ``sound``, into the MP4 ``file:name``."""
    # concat opens what the list names, which is why no source may be one: this list and its files are our own.
    arguments = ["-copyts", *input_flags(policy, demuxers=("concat", MUXER)), "-f", "concat", "-i", SOURCE]
    if sound is not None:
        arguments += ["-i", f"file:{sound}"]
    arguments += ["-map", "0:v", *(["-map", "1:a"] if sound is not None else []), "-c", "copy"]
    arguments += ["-f", "mp4", "-movflags", "+faststart"]  # the index in front: playback starts before the end has come
    return [*arguments, "-fflags", "+bitexact", "-map_metadata", "-1", "-map_chapters", "-1", f"file:{name}"]


def _trim(stream: Any, limits: dict[str, float | None]) -> Any:
    wanted = {side: _seconds(value) for side, value in limits.items() if value is not None}
    return stream.filter("trim", **wanted) if wanted else stream


def _micros(ticks: int, rate: Fraction) -> int:
    return round(ticks * _MICROSECONDS / rate)


def _seconds(value: float) -> str:
    return f"{value:.6f}"
