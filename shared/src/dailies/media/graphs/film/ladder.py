"""Builds the FFmpeg run of an adaptive ladder: one decode, every rendition and the audio encoded from it. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import ffmpeg

from dailies.domain.model import Model
from dailies.media.graphs.film.encoding import keywords, video_arguments
from dailies.media.graphs.film.rendering import AudioBranch
from dailies.media.graphs.pictures.one_size import decoded, reading
from dailies.media.graphs.pictures.picture import PictureParams, deinterlace, filter_picture, steady
from dailies.media.graphs.sound.audio_chain import select
from dailies.media.graphs.sound.loudness import gain_chain
from dailies.media.run.ffmpeg_flags import SOURCE

#: The tracks' files are named after the renditions, ``720p.mp4``, and this.
AUDIO = "audio"
#: Renditions by the shorter side, pixels, where the recipe names none.
DEFAULT_SIDES = (1080, 720, 480, 360)
# kbit/s at most, over twice its own length of buffer: the highest that Apple's HLS Authoring Specification (Video
# encoding requirements, bit rate variants) has for a picture of so many lines, and in its proportion above 1080.
_MAX_KBPS = {234: 145, 270: 365, 360: 730, 432: 1100, 540: 2000, 720: 4500, 1080: 7800, 1440: 13_000}
_MOST_KBPS = 26_000
# The same: key frames should be present every two seconds.
_KEYFRAME_SECONDS = 2.0


class Rung(Model):
    """One rendition, ``name`` for its files."""

    name: str
    width: int
    height: int
    max_kbps: int


def choose_rungs(whole: PictureParams, sides: Sequence[int] | None) -> tuple[Rung, ...]:
    """The renditions by shorter side, the largest first; those above the source become one of its own size.

    ``whole`` is the picture unscaled.
    """
    short = min(whole.width, whole.height)
    asked = sorted({min(side, short) for side in sides or DEFAULT_SIDES}, reverse=True)
    return tuple(_rung(whole, side, short) for side in asked)


def _rung(whole: PictureParams, side: int, short: int) -> Rung:
    scale = side / short
    width, height = (max(2, round(length * scale / 2) * 2) for length in (whole.width, whole.height))
    kbps = next((rate for lines, rate in _MAX_KBPS.items() if side <= lines), _MOST_KBPS)
    return Rung(name=f"{side}p", width=width, height=height, max_kbps=kbps)


def ladder_arguments(
    picture: PictureParams | None,
    rungs: Sequence[Rung],
    quality: str,
    audio: AudioBranch | None,
    segment_seconds: float,
    rate: str,
) -> list[str]:
    """A playlist and a fragmented MP4 for each rung and for the audio, ``file:720p.m3u8`` and ``720p.mp4``.

    ``picture`` is of the first rung's size, at ``rate`` frames per second; None: the audio alone.
    """
    outputs = []
    if picture is not None:
        stream = decoded(ffmpeg.input(SOURCE, an=None, **reading(picture)), picture)
        if picture.deinterlace:
            stream = deinterlace(stream)
        # A constant rate, as segments of even length need it, from the source's start: a player with sound and no
        # picture stalls. FFmpeg's own guess of it rests on the first frames.
        stream = steady(stream, rate, start=0.0)
        stream = filter_picture(stream, picture.model_copy(update={"deinterlace": False}))
        copies = stream.filter_multi_output("split", len(rungs)) if len(rungs) > 1 else [stream]
        for number, rung in enumerate(rungs):
            # From the converted picture: HDR is mapped and colours are changed once.
            scaled = copies[number] if number == 0 else _smaller(copies[number], rung)
            options = [*video_arguments(quality), *_rate_arguments(rung, segment_seconds)]
            outputs.append(_track(scaled, rung.name, segment_seconds, options))
    if audio is not None:
        sound = select(ffmpeg.input(SOURCE, vn=None)[str(audio.selection.stream)], audio.selection)
        if audio.level is not None:
            sound = gain_chain(sound, audio.level, audio.encoding.sample_rate_hz)
        outputs.append(_track(sound, AUDIO, segment_seconds, audio.encoding.arguments()))
    arguments: list[str] = ffmpeg.merge_outputs(*outputs).get_args()
    return arguments


def _smaller(stream: Any, rung: Rung) -> Any:
    return stream.filter("scale", rung.width, rung.height, flags="bicubic").filter("setsar", 1)


def _rate_arguments(rung: Rung, segment_seconds: float) -> list[str]:
    # A whole number of keyframes a segment, at the same times in all renditions: players switch between them there.
    keyframes = math.ceil(segment_seconds / _KEYFRAME_SECONDS)
    return [
        "-force_key_frames", f"expr:gte(t,n_forced*{segment_seconds:g}/{keyframes})",
        "-fps_mode", "cfr",
        "-sc_threshold", "0",  # a keyframe at a scene cut would be at another frame in another size
        "-maxrate", f"{rung.max_kbps}k", "-bufsize", f"{2 * rung.max_kbps}k",
    ]  # fmt: skip


def _track(stream: Any, name: str, segment_seconds: float, options: Sequence[str]) -> Any:
    words = keywords(options)
    return ffmpeg.output(
        stream,
        f"file:{name}.m3u8",
        **words,
        f="hls",
        hls_segment_type="fmp4",
        hls_playlist_type="vod",
        hls_time=f"{segment_seconds:g}",
        hls_flags="single_file+independent_segments",
        hls_segment_filename=f"{name}.mp4",
        # Shifted to 0, tracks with B-frames or an encoder's delay would start late, each by another amount; the edit
        # list takes care of both.
        avoid_negative_ts="disabled",
        fflags="+bitexact",
        map_metadata=-1,
        map_chapters=-1,
    )
