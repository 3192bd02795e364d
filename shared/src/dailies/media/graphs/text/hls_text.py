"""Subtitles in HTTP Live Streaming (RFC 8216, 3.5): segments of WebVTT, their playlist, the master's word. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from dailies.domain.subtitles.cues import Cue
from dailies.domain.subtitles.vtt import write_vtt

GROUP = "text"
PLAYLIST = "text.m3u8"
#: Of a segment, seconds. A subtitles' playlist may have another target duration than the films' (6.2.4): each segment
#: is a file, of which a result lists all.
_SECONDS, _MOST_SEGMENTS = 60.0, 60
#: MPEG-2's clock, in which players compare the text with the pictures (3.5).
CLOCK_HZ = 90_000
_VERSION = 7
_VARIANT = re.compile(r"^(#EXT-X-STREAM-INF:.*)$", re.MULTILINE)
_EXTINF = re.compile(r"^#EXTINF:([0-9.]+),\n(\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class TextSegment:
    """The cues that are seen between two moments of the film, in seconds; one that lasts longer is in several."""

    name: str
    start: float
    end: float
    cues: tuple[Cue, ...]

    @property
    def seconds(self) -> float:
        return self.end - self.start


def divided(cues: Sequence[Cue], seconds: float) -> list[TextSegment]:
    """All of a film of so many seconds, in segments of a minute or, of a very long one, sixty."""
    count = max(1, min(_MOST_SEGMENTS, math.ceil(seconds / _SECONDS)))
    edges = [round(seconds * number / count, 3) for number in range(count)] + [seconds]
    return [
        TextSegment(
            f"text-{number:02d}.vtt",
            start,
            end,
            tuple(cue for cue in cues if cue.end_ms > start * 1000 and cue.start_ms < end * 1000),
        )
        for number, (start, end) in enumerate(pairwise(edges))
    ]


def write_segment(segment: TextSegment, ticks: int) -> str:
    """WebVTT whose times count from the film's beginning, which is at ``ticks`` of the pictures' clock."""
    head = f"WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:{ticks}"
    return write_vtt(segment.cues).replace("WEBVTT", head, 1)


def write_text_playlist(segments: Sequence[TextSegment]) -> str:
    """A VOD playlist of the segments."""
    target = max(1, *(math.floor(segment.seconds + 0.5) for segment in segments))
    lines = ["#EXTM3U", f"#EXT-X-VERSION:{_VERSION}", f"#EXT-X-TARGETDURATION:{target}"]
    lines += ["#EXT-X-MEDIA-SEQUENCE:0", "#EXT-X-PLAYLIST-TYPE:VOD"]
    for segment in segments:
        lines += [f"#EXTINF:{segment.seconds:.6f},", segment.name]
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])


def read_text_playlist(text: str) -> list[tuple[str, float]]:
    """The files of a playlist of ours, and their seconds."""
    return [(name, float(seconds)) for seconds, name in _EXTINF.findall(text)]


def with_subtitles(master: str, language: str | None) -> str:
    """The master playlist with a rendition of text (4.3.4.1) that each variant has: off until somebody wants it."""
    spoken = "" if language is None else f'LANGUAGE="{language}",'
    name = "Subtitles" if language is None else f"Subtitles ({language})"
    media = (
        f'#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="{GROUP}",NAME="{name}",{spoken}DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,'
        f'URI="{PLAYLIST}"'
    )
    first = master.index("#EXT-X-STREAM-INF")
    return f"{master[:first]}{media}\n" + _VARIANT.sub(rf'\1,SUBTITLES="{GROUP}"', master[first:])
