"""One FFmpeg run for many outputs of one source: each stream is decoded once, each output encoded once. Pure.

Audio is always decoded from the first sample and cut by timestamps, never by seeking: a decoder that starts in
the middle gives other first samples, and fusing would then change an output's bytes. Pictures are exact after a
keyframe, so their input seeks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import ffmpeg

from dailies.domain.loudness.level import Level
from dailies.domain.source.audio_selection import AudioSelection, Window
from dailies.media.graphs.film.encoding import VIDEO_PRESET, AudioEncoding, keywords, video_arguments
from dailies.media.graphs.pictures.one_size import decoded, reading
from dailies.media.graphs.pictures.picture import PictureParams, deinterlace, filter_picture, steady
from dailies.media.graphs.sound.audio_chain import cut, select
from dailies.media.graphs.sound.loudness import gain_chain
from dailies.media.run.ffmpeg_flags import SOURCE

# An input may end this much after the last window: a demuxer's clock and the stream's differ by a little.
_INPUT_SLACK_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class AudioBranch:
    selection: AudioSelection
    encoding: AudioEncoding
    level: Level | None = None


@dataclass(frozen=True, slots=True)
class PictureBranch:
    """``params`` None: the stream ``stream`` is copied. ``rate``: of the film, frames per second.

    ``reach``: how long before its start a picture may have come that is on screen then, in seconds. ``draw``: what is
    drawn on the finished pictures, whose times begin with the film.
    """

    stream: int
    params: PictureParams | None
    quality: str | int
    preset: str = VIDEO_PRESET
    rate: str = "30/1"
    reach: float = 0.0
    draw: Callable[[Any], Any] | None = None


@dataclass(frozen=True, slots=True)
class Rendering:
    """One output file, named ``name`` in the scratch folder."""

    name: str
    muxer: str
    window: Window
    audio: AudioBranch | None
    picture: PictureBranch | None


def render_arguments(renderings: Sequence[Rendering]) -> list[str]:
    """FFmpeg's arguments after the global flags. The order of ``renderings`` is the order of the outputs."""
    return _Graph(renderings).arguments()


class _Graph:
    """The two inputs, and each stream of them split for the outputs that use it."""

    def __init__(self, renderings: Sequence[Rendering]) -> None:
        self._renderings = renderings
        ends = [rendering.window.end for rendering in renderings]
        end = None if None in ends else max(end for end in ends if end is not None)
        encoded = [r for r in renderings if r.picture is not None and r.picture.params is not None]
        starts = [max(0.0, r.window.start - r.picture.reach) for r in encoded if r.picture is not None]
        self._seek = min(starts, default=0.0)
        self._audio_input = ffmpeg.input(SOURCE, vn=None, **_until(end))
        shown = {r.picture.stream: r.picture.params for r in encoded if r.picture and r.picture.params}
        options = {name: value for params in shown.values() for name, value in reading(params).items()}
        source = ffmpeg.input(SOURCE, an=None, **options, **_from(self._seek), **_until(end, self._seek))
        selections = [r.audio.selection for r in renderings if r.audio is not None and not r.audio.encoding.copied]
        # Each way of hearing a track has a copy of its own: equal filters would be one, which can't be read twice.
        ways = list(dict.fromkeys(selections))
        tracks = {
            track: _copies(self._audio_input[str(track)], "asplit", sum(way.stream == track for way in ways))
            for track in {way.stream: None for way in ways}
        }
        self._sounds = {
            way: _copies(select(tracks[way.stream].pop(0), way), "asplit", selections.count(way)) for way in ways
        }
        pictures = [r.picture.stream for r in encoded if r.picture is not None]
        self._pictures = {
            stream: _copies(decoded(source, params), "split", pictures.count(stream))
            for stream, params in shown.items()
        }

    def arguments(self) -> list[str]:
        outputs = [self._output(rendering) for rendering in self._renderings]
        arguments: list[str] = ffmpeg.merge_outputs(*outputs).get_args()
        return arguments

    def _output(self, rendering: Rendering) -> Any:
        streams: list[Any] = []
        options: list[str] = []
        if rendering.picture is not None:
            stream, wanted = self._picture(rendering.picture, rendering.window)
            streams.append(stream)
            options += wanted
        if rendering.audio is not None:
            streams.append(self._sound(rendering.audio, rendering.window))
            options += rendering.audio.encoding.arguments()
        options += ["-f", rendering.muxer, *_muxer_options(rendering.muxer)]
        return ffmpeg.output(*streams, f"file:{rendering.name}", **keywords(options))

    def _picture(self, picture: PictureBranch, window: Window) -> tuple[Any, list[str]]:
        if picture.params is None:
            # An input of its own: a seek for another output's trim would cut the front off the copy.
            return ffmpeg.input(SOURCE, an=None)[str(picture.stream)], ["-c:v", "copy"]
        stream = self._pictures[picture.stream].pop()
        if picture.params.deinterlace:
            stream = deinterlace(stream)
        stream = _cut_picture(stream, picture.rate, window, self._seek)
        options = video_arguments(picture.quality, picture.preset)
        stream = filter_picture(stream, picture.params.model_copy(update={"deinterlace": False}))
        return stream if picture.draw is None else picture.draw(stream), options

    def _sound(self, audio: AudioBranch, window: Window) -> Any:
        if audio.encoding.copied:
            return self._audio_input[str(audio.selection.stream)]
        stream = cut(self._sounds[audio.selection].pop(), window)
        if audio.level is not None:
            stream = gain_chain(stream, audio.level, audio.encoding.sample_rate_hz)
        return stream


def _copies(stream: Any, splitter: str, count: int) -> list[Any]:
    if count == 1:
        return [stream]
    split = stream.filter_multi_output(splitter, count)
    return [split[number] for number in range(count)]


def _muxer_options(muxer: str) -> list[str]:
    # The index in front lets a player start before the file has arrived (ISO/IEC 14496-12 leaves its place free).
    fast = ["-movflags", "+faststart"] if muxer in ("mp4", "ipod") else []
    # No dates and no random serial numbers: the same job gives the same bytes.
    return [*fast, "-fflags", "+bitexact", "-map_metadata", "-1", "-map_chapters", "-1"]


def _cut_picture(stream: Any, rate: str, window: Window, seek: float) -> Any:
    if window.end is not None:
        # To the end that was asked for, however long before it the last frame came.
        stream = stream.filter("tpad", stop=-1, stop_mode="clone")
    stream = steady(stream, rate, start=window.start - seek, eof_action="pass")
    if window.end is not None:
        frames = max(1, round((window.end - window.start) * Fraction(rate)))
        stream = stream.filter("trim", end_frame=frames)
    return stream if window.start == 0 else stream.filter("setpts", "PTS-STARTPTS")


def _from(seek: float) -> dict[str, str | None]:
    # From the keyframe on: what is on screen at the start may have begun before, and an accurate seek would drop it.
    return {"noaccurate_seek": None, "ss": _seconds(seek)} if seek > 0 else {}


def _until(end: float | None, seek: float = 0.0) -> dict[str, str]:
    return {} if end is None else {"t": _seconds(end - seek + _INPUT_SLACK_SECONDS)}


def _seconds(value: float) -> str:
    return f"{value:.6f}"
