"""Builds the FFmpeg runs of an edit: the sound joined; the pictures cut, joined and encoded; both in a film. Pure.

Each segment is an input of its own that seeks to shortly before it and is cut by timestamps: seeking decides how much
is decoded, never which frames are shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor
from typing import Any

import ffmpeg

from dailies.domain.edit.edit_list import Cut, EditList
from dailies.domain.source.audio_selection import AudioSelection
from dailies.media.graphs.film.chunking import MUXER
from dailies.media.graphs.film.encoding import keywords
from dailies.media.graphs.pictures.one_size import decoded, reading
from dailies.media.graphs.pictures.picture import PictureParams, filter_picture, tag_bt709
from dailies.media.graphs.sound.audio_chain import select
from dailies.media.run.ffmpeg_flags import SOURCE, told_apart

#: Half of the shortest frame that there is, 1/240 s: what timestamps may be off by between a packet and its frame.
_FRAME_SLACK_SECONDS = 0.001
#: An input is read this much past its segment: packets lie in the order of decoding, not of display.
_INPUT_SLACK_SECONDS = 2.0
#: Ramps at a cut, long enough not to click and too short to hear: a cut through a wave is a step.
_CUT_RAMP_SECONDS = 0.008
#: How far before a segment its input begins, by whether the container has an index that seeks are right by. Sound
#: decoders need a few packets to come right, and a transport stream may start to decode only a keyframe later.
RUN_UP_SECONDS = {True: 1.0, False: 12.0}
INDEXED = frozenset({"mp4", "matroska"})


def mix_arguments(
    edit: EditList, selection: AudioSelection, rate_hz: int, gains_db: Sequence[float], run_up: float, name: str
) -> list[str]:
    """The sound of the film as ``file:name``, 32-bit float WAV (no gain can clip it), to the sample as long as its
    pictures. ``gains_db``: of each cut."""
    parts = [_sound(edit, number, selection, rate_hz, gain, run_up) for number, gain in enumerate(gains_db)]

    def crossed(before: Any, part: Any, cut: Cut) -> Any:
        length = edit.samples(cut.at + cut.overlap, rate_hz) - edit.samples(cut.at, rate_hz)
        # Equal power: two different sounds add up to the loudness of either (qsin² + qsin² = 1).
        return ffmpeg.filter([before, part], "acrossfade", nb_samples=length, curve1="qsin", curve2="qsin")

    stream = _joined(edit, parts, _joined_sound, crossed)
    arguments: list[str] = ffmpeg.output(
        stream, f"file:{name}", acodec="pcm_f32le", f="wav", rf64="auto", map_metadata=-1, fflags="+bitexact"
    ).get_args()
    return arguments


@dataclass(frozen=True, slots=True)
class FilmBranch:
    """The pictures of one film, as ``file:name``. ``encoder`` are the output options (``-c:v libx264 -crf 18``)."""

    params: PictureParams
    encoder: Sequence[str]
    name: str
    muxer: str = "mp4"


def pictures_arguments(edit: EditList, films: Sequence[FilmBranch], run_up: float | None) -> list[str]:
    """The pictures decoded and cut once, then joined and encoded for each film. ``run_up`` None: without seeking.

    The films are of the same track.
    """
    shown = [_shown(edit, number, films[0].params, run_up) for number in range(len(edit.cuts))]
    copies = [[part] if len(films) == 1 else part.filter_multi_output("split", len(films)) for part in shown]
    outputs = [_film(edit, film, [copy[number] for copy in copies]) for number, film in enumerate(films)]
    arguments: list[str] = ffmpeg.merge_outputs(*outputs).get_args()
    return arguments


def _film(edit: EditList, film: FilmBranch, shown: Sequence[Any]) -> Any:
    parts = [_picture(cut, film.params, part) for cut, part in zip(edit.cuts, shown, strict=True)]

    def crossed(before: Any, part: Any, cut: Cut) -> Any:
        rate = edit.rate
        timing = {"duration": _seconds(cut.overlap / rate), "offset": _seconds(cut.at / rate)}
        return ffmpeg.filter([before, part], "xfade", transition="fade", **timing)

    stream = _joined(edit, parts, lambda few: _counted(ffmpeg.concat(*few, v=1, a=0), edit), crossed)
    if len(parts) > 1:
        stream = tag_bt709(stream)
    options = keywords(film.encoder)
    if film.muxer == MUXER:
        # Decoding begins before the first picture is shown, at a negative time: nothing must be moved for it.
        options["avoid_negative_ts"] = "disabled"
    return ffmpeg.output(
        stream, f"file:{film.name}", **options, f=film.muxer, fflags="+bitexact", map_metadata=-1, map_chapters=-1
    )


def _joined(edit: EditList, parts: Sequence[Any], join: Any, cross: Any) -> Any:
    """The parts in order: those that are cut to one another joined at once, crossfades one by one."""
    pending = [parts[0]]
    for cut, part in zip(edit.cuts[1:], parts[1:], strict=True):
        if cut.overlap:
            before = pending[0] if len(pending) == 1 else join(pending)
            pending = [cross(before, part, cut)]
        else:
            pending.append(part)
    return pending[0] if len(pending) == 1 else join(pending)


def _joined_sound(parts: Sequence[Any]) -> Any:
    return ffmpeg.concat(*parts, v=0, a=1)


def _counted(stream: Any, edit: EditList) -> Any:
    """Frame n at n / rate: joining rounds times to the microsecond."""
    over, under = edit.rate.numerator, edit.rate.denominator
    return (
        stream.filter("settb", expr=f"{under}/{over}").filter("setpts", expr="N").filter("fps", fps=f"{over}/{under}")
    )


def _input(edit: EditList, number: int, run_up: float | None, **options: Any) -> tuple[Any, float]:
    """The source around a cut, and when its clock's zero is on the source's."""
    limits = [_limits(edit, place, run_up) for place in range(number + 1)]
    own, seek = limits.pop()
    return ffmpeg.input(SOURCE, **options, **told_apart(limits.count((own, seek))), **own), seek


def _limits(edit: EditList, number: int, run_up: float | None) -> tuple[dict[str, str], float]:
    cut = edit.cuts[number]
    seek = 0.0 if run_up is None else max(0.0, cut.start - run_up)
    if cut.skipped and run_up is not None:
        # Before the frame that is shown first, which may have begun long ago. Whole seconds are whole on any clock, so
        # that the frames' times are rounded as they are without the part before.
        seek = max(0.0, floor(cut.start + float(cut.skipped / edit.rate) - cut.longest - run_up))
    limits = {"t": _seconds(cut.end - seek + _INPUT_SLACK_SECONDS)}
    if seek > 0:
        limits["ss"] = _seconds(seek)
    return limits, seek


def _shown(edit: EditList, number: int, params: PictureParams, run_up: float | None) -> Any:
    cut = edit.cuts[number]
    source, seek = _input(edit, number, run_up, an=None, **reading(params))
    first, last = cut.start - seek - _FRAME_SLACK_SECONDS, cut.end - seek - _FRAME_SLACK_SECONDS
    stream = decoded(source, params).filter("trim", start=_seconds(max(first, 0.0)), end=_seconds(last))
    stream = stream.filter("setpts", f"PTS{seek - cut.start:+.6f}/TB")
    # On the film's grid, also a last picture that is shown for less than half a tick; then exactly as many frames as
    # were counted, the last one held if it lasts longer.
    rate = f"{edit.rate.numerator}/{edit.rate.denominator}"
    stream = stream.filter("fps", fps=rate, start_time=0, eof_action="pass")
    stream = stream.filter("tpad", stop=-1, stop_mode="clone")
    if not cut.skipped:
        return stream.filter("trim", end_frame=cut.frames)
    # The first frame stands for those before it, which were not decoded and are not shown.
    stream = stream.filter("trim", start_frame=cut.skipped, end_frame=cut.skipped + cut.frames)
    return stream.filter("setpts", "PTS-STARTPTS")


def _picture(cut: Cut, params: PictureParams, stream: Any) -> Any:
    stream = filter_picture(stream, params)
    if cut.fade_in:
        stream = stream.filter("fade", t="in", s=0, n=cut.fade_in)
    if cut.fade_out:
        stream = stream.filter("fade", t="out", s=cut.frames - cut.fade_out, n=cut.fade_out)
    return stream


def _sound(edit: EditList, number: int, selection: AudioSelection, rate_hz: int, gain_db: float, run_up: float) -> Any:
    cut = edit.cuts[number]
    source, seek = _input(edit, number, run_up, vn=None)
    length = edit.samples(cut.at + cut.frames, rate_hz) - edit.samples(cut.at, rate_hz)
    stream = select(source[str(selection.stream)], selection)
    stream = stream.filter("atrim", start=_seconds(edit.window(number)[0] - seek)).filter("asetpts", "PTS-STARTPTS")
    # Sound may end before the pictures do; each cut is as long as they are all the same.
    stream = stream.filter("apad").filter("atrim", end_sample=length)
    if gain_db:
        stream = stream.filter("volume", f"{gain_db:.4f}dB", precision="double")
    after = edit.cuts[number + 1].overlap if number + 1 < len(edit.cuts) else 0
    if not cut.overlap:
        stream = stream.filter("afade", t="in", ss=0, ns=_ramp(edit, cut.fade_in, rate_hz))
    if not after:
        out = _ramp(edit, cut.fade_out, rate_hz)
        stream = stream.filter("afade", t="out", ss=max(length - out, 0), ns=out)
    return stream


def _ramp(edit: EditList, frames: int, rate_hz: int) -> int:
    return edit.samples(frames, rate_hz) if frames else round(_CUT_RAMP_SECONDS * rate_hz)


def _seconds(value: Any) -> str:
    return f"{float(value):.6f}"
