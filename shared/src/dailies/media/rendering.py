"""One FFmpeg run for many outputs of one source: each stream is decoded once, each output encoded once. Pure.

Audio is always decoded from the first sample and cut by timestamps, never by seeking: a decoder that starts in
the middle gives other first samples, and fusing would then change an output's bytes. Pictures are exact after a
keyframe, so their input seeks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ffmpeg

from dailies.domain.audio_selection import AudioSelection, Window
from dailies.domain.levelling import Level
from dailies.media.audio_chain import cut, select
from dailies.media.encoding import AudioEncoding, video_arguments
from dailies.media.guard import SOURCE
from dailies.media.loudness import gain_chain
from dailies.media.picture import PictureParams, filter_picture

# An input may end this much after the last window: a demuxer's clock and the stream's differ by a little.
_INPUT_SLACK_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class AudioBranch:
    selection: AudioSelection
    encoding: AudioEncoding
    level: Level | None = None


@dataclass(frozen=True, slots=True)
class PictureBranch:
    """``params`` None: the stream ``stream`` is copied."""

    stream: int
    params: PictureParams | None
    quality: str


@dataclass(frozen=True, slots=True)
class Rendering:
    """One output file, named ``name`` in the scratch folder."""

    name: str
    muxer: str
    window: Window
    audio: AudioBranch | None
    picture: PictureBranch | None


def render_arguments(renderings: Sequence[Rendering], threads: int | None = None) -> list[str]:
    """FFmpeg's arguments after the global flags. The order of ``renderings`` is the order of the outputs."""
    ends = [rendering.window.end for rendering in renderings]
    end = None if None in ends else max(end for end in ends if end is not None)
    audio_input = ffmpeg.input(SOURCE, vn=None, **_until(end))
    pictures = [r for r in renderings if r.picture is not None and r.picture.params is not None]
    seek = min((r.window.start for r in pictures), default=0.0)
    picture_input = ffmpeg.input(SOURCE, an=None, **_from(seek), **_until(end, seek))
    outputs = [_output(r, audio_input, picture_input, seek, threads) for r in renderings]
    arguments: list[str] = ffmpeg.merge_outputs(*outputs).get_args()
    return arguments


def _output(rendering: Rendering, audio_input: Any, picture_input: Any, seek: float, threads: int | None) -> Any:
    streams: list[Any] = []
    options: list[str] = []
    picture, audio = rendering.picture, rendering.audio
    if picture is not None:
        stream = picture_input[str(picture.stream)]
        if picture.params is None:
            options += ["-c:v", "copy"]
        else:
            stream = filter_picture(_cut_picture(stream, rendering.window, seek), picture.params)
            options += video_arguments(picture.quality, threads)
        streams.append(stream)
    if audio is not None:
        stream = audio_input[str(audio.selection.stream)]
        if not audio.encoding.copied:
            stream = cut(select(stream, audio.selection), rendering.window)
            if audio.level is not None:
                stream = gain_chain(stream, audio.level, audio.encoding.sample_rate_hz)
        options += audio.encoding.arguments()
        streams.append(stream)
    options += ["-f", rendering.muxer, *_muxer_options(rendering.muxer)]
    return ffmpeg.output(*streams, f"file:{rendering.name}", **_keywords(options))


def _muxer_options(muxer: str) -> list[str]:
    # The index in front lets a player start before the file has arrived (ISO/IEC 14496-12 leaves its place free).
    fast = ["-movflags", "+faststart"] if muxer in ("mp4", "ipod") else []
    # No dates and no random serial numbers: the same job gives the same bytes.
    return [*fast, "-fflags", "+bitexact", "-map_metadata", "-1", "-map_chapters", "-1"]


def _keywords(options: Sequence[str]) -> dict[str, str]:
    return {name.removeprefix("-"): value for name, value in zip(options[::2], options[1::2], strict=True)}


def _cut_picture(stream: Any, window: Window, seek: float) -> Any:
    if window.whole:
        return stream
    limits = {} if window.end is None else {"end": _seconds(window.end - seek)}
    stream = stream.filter("trim", start=_seconds(window.start - seek), **limits)
    return stream.filter("setpts", f"PTS-{_seconds(window.start - seek)}/TB")


def _from(seek: float) -> dict[str, str]:
    return {"ss": _seconds(seek)} if seek > 0 else {}


def _until(end: float | None, seek: float = 0.0) -> dict[str, str]:
    return {} if end is None else {"t": _seconds(end - seek + _INPUT_SLACK_SECONDS)}


def _seconds(value: float) -> str:
    return f"{value:.6f}"
