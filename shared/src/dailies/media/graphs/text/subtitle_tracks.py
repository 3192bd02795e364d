"""Builds the FFmpeg runs that read text tracks and files of subtitles, and reads what they print. Pure.

FFmpeg's decoders make ASS of every text format. Its muxer keeps one line an event, whatever is in the text, but rounds
times to hundredths of a second: these come from the same events' packets, which keep microseconds.
"""

from __future__ import annotations

from fractions import Fraction

import ffmpeg

from dailies.domain.subtitles.ass import read_dialogue
from dailies.domain.subtitles.cues import Cue
from dailies.media.run.ffmpeg_flags import SOURCE, Policy, input_flags

#: FFmpeg's names of codecs whose subtitles are text; others are pictures, or can't be decoded.
TEXT_CODECS = frozenset({
    "ass", "ssa", "subrip", "srt", "text", "mov_text", "webvtt", "jacosub", "microdvd", "mpl2", "pjs", "realtext",
    "sami", "stl", "subviewer", "subviewer1", "vplayer",
})  # fmt: skip
#: Those that have comments in braces.
STYLED_CODECS = frozenset({"ass", "ssa"})
_DEMUXERS = {"srt": "srt", "vtt": "webvtt", "ass": "ass"}
_EVENT = "Dialogue: "


def track_arguments(stream: int, name: str) -> list[str]:
    """Write a track's events as ASS into ``file:name``, and list their times."""
    track = ffmpeg.input(SOURCE, an=None, vn=None)[str(stream)]
    # In the order of their packets, so that each line has its time.
    events = ffmpeg.output(track, f"file:{name}", f="ass", ignore_readorder=1, **{"c:s": "ass"})
    times = ffmpeg.output(track, "-", f="framecrc", **{"c:s": "ass"})
    arguments: list[str] = ffmpeg.merge_outputs(events, times).get_args()
    return arguments


def times_arguments(track: str) -> list[str]:
    """List the times of a text track of a film of ours, such as ``s:0``; empty samples between two are none."""
    stream = ffmpeg.input(SOURCE, an=None, vn=None)[track]
    arguments: list[str] = ffmpeg.output(stream, "-", f="framecrc", **{"c:s": "ass"}).get_args()
    return arguments


def file_arguments(form: str, policy: Policy) -> list[str]:
    """List the subtitles of a file of ours. Sources may not be texts, so the demuxer is allowed here alone."""
    demuxer = _DEMUXERS[form]
    copied = ["-map", "0:0", "-c", "copy", "-f", "framecrc", "-"]
    return [*input_flags(policy, demuxers=(demuxer,)), "-f", demuxer, "-i", SOURCE, *copied]


class TimeReader:
    """Collects what ``framecrc`` prints: hand its :meth:`line` every line of stdout."""

    def __init__(self) -> None:
        self.times: list[tuple[int, int]] = []
        """Start and end of each event, milliseconds."""
        self._base = Fraction(1)

    def line(self, line: str) -> None:
        if line.startswith("#tb 0:"):
            self._base = Fraction(line.split(":")[1].strip())
        elif line[:1].isdigit():
            _, _, shown, lasts, *_ = (part.strip() for part in line.split(","))
            if shown.lstrip("-").isdecimal() and lasts.lstrip("-").isdecimal():
                start = int(shown) * self._base
                self.times.append((round(1000 * start), round(1000 * (start + int(lasts) * self._base))))


def cues_of(events: str, times: list[tuple[int, int]], *, styled: bool) -> list[Cue]:
    """The cues of a track in the order of their times; of events without a time the file's own."""
    lines = [line.removeprefix(_EVENT) for line in events.splitlines() if line.startswith(_EVENT)]
    found: list[Cue] = []
    for number, line in enumerate(lines):
        cue = read_dialogue(line, comments=styled)
        if cue is not None and len(times) == len(lines):
            start, end = times[number]
            cue = cue.moved(max(0, start), end) if end > max(0, start) else None
        if cue is not None:
            found.append(cue)
    return sorted(found, key=lambda cue: (cue.start_ms, cue.end_ms))
