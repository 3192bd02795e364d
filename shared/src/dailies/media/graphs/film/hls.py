"""HTTP Live Streaming playlists (RFC 8216): read as FFmpeg writes them, measure, write again. Pure.

Each track is one fragmented MP4 that the playlist cuts by byte ranges: a ladder is a few files and not thousands, so
that each can have a signed URL.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

# Byte ranges are version 4, EXT-X-MAP for segments that aren't I-frames only is 6 (RFC 8216, 7).
_VERSION = 7
_MAP = re.compile(r'^#EXT-X-MAP:URI="([^"]+)",BYTERANGE="(\d+)@(\d+)"$', re.MULTILINE)
_SEGMENT = re.compile(r"^#EXTINF:([0-9.]+),.*\n#EXT-X-BYTERANGE:(\d+)@(\d+)\n(\S+)$", re.MULTILINE)
_TARGET = re.compile(r"^#EXT-X-TARGETDURATION:(\d+)$", re.MULTILINE)
_ATTRIBUTE = re.compile(r'([A-Z-]+)=("[^"]*"|[^",]*)')


@dataclass(frozen=True, slots=True)
class Segment:
    """``size`` bytes from ``offset`` of the track's file; ``seconds`` long."""

    seconds: float
    size: int
    offset: int


@dataclass(frozen=True, slots=True)
class Playlist:
    """A media playlist (RFC 8216, 4.3.2 and 4.3.3): one file, its first ``header`` bytes the EXT-X-MAP."""

    file: str
    header: int
    segments: tuple[Segment, ...]
    #: EXT-X-TARGETDURATION, whole seconds.
    target: int

    @property
    def seconds(self) -> float:
        return math.fsum(segment.seconds for segment in self.segments)

    @property
    def starts(self) -> list[float]:
        """When each segment begins, in seconds."""
        return [0.0, *accumulate(segment.seconds for segment in self.segments[:-1])]

    @property
    def average_bps(self) -> float:
        """Bits per second of all segments (4.3.4.2: AVERAGE-BANDWIDTH)."""
        return 8 * sum(segment.size for segment in self.segments) / self.seconds

    @property
    def peak_bps(self) -> float:
        """The highest bit rate of neighbouring segments that last 0.5 to 1.5 target durations (4.1: BANDWIDTH)."""
        found = [self.average_bps]
        for first in range(len(self.segments)):
            seconds = size = 0.0
            for segment in self.segments[first:]:
                seconds, size = seconds + segment.seconds, size + segment.size
                if seconds > 1.5 * self.target:
                    break
                if seconds >= 0.5 * self.target:
                    found.append(8 * size / seconds)
        return max(found)


def least_target(segments: Sequence[Segment]) -> int:
    """The smallest EXT-X-TARGETDURATION: no EXTINF rounds to more (4.3.3.1)."""
    return max(1, *(math.floor(segment.seconds + 0.5) for segment in segments))


def read_playlist(text: str) -> Playlist:
    """Raises ValueError for one that isn't of a single file, complete and without a hole between its ranges."""
    start, target = _MAP.search(text), _TARGET.search(text)
    found = _SEGMENT.findall(text)
    if start is None or target is None or not found or not text.rstrip().endswith("#EXT-X-ENDLIST"):
        raise ValueError("a media playlist with a map, a target duration, segments and an end was expected")
    segments = tuple(Segment(float(seconds), int(size), int(offset)) for seconds, size, offset, _ in found)
    end = int(start[2])
    for segment in segments:
        if segment.offset != end:
            raise ValueError(f"the segment at byte {segment.offset} doesn't follow the one that ends at {end}")
        end += segment.size
    if int(start[3]) != 0 or {file for *_, file in found} != {start[1]}:
        raise ValueError("all of a playlist's segments must be of the file that its map is of")
    return Playlist(start[1], int(start[2]), segments, int(target[1]))


def write_playlist(playlist: Playlist) -> str:
    """A VOD playlist each of whose segments decodes by itself (4.3.5.1: EXT-X-INDEPENDENT-SEGMENTS)."""
    lines = ["#EXTM3U", f"#EXT-X-VERSION:{_VERSION}", f"#EXT-X-TARGETDURATION:{playlist.target}"]
    lines += ["#EXT-X-MEDIA-SEQUENCE:0", "#EXT-X-PLAYLIST-TYPE:VOD", "#EXT-X-INDEPENDENT-SEGMENTS"]
    lines += [f'#EXT-X-MAP:URI="{playlist.file}",BYTERANGE="{playlist.header}@0"']
    for segment in playlist.segments:
        lines += [f"#EXTINF:{segment.seconds:.6f},", f"#EXT-X-BYTERANGE:{segment.size}@{segment.offset}", playlist.file]
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])


@dataclass(frozen=True, slots=True)
class Variant:
    """One quality of the whole, audio included, as EXT-X-STREAM-INF says it (4.3.4.2)."""

    playlist: str
    bandwidth_bps: int
    average_bps: int
    codecs: str
    width: int
    height: int
    frame_rate: float | None


def write_master(variants: Sequence[Variant], audio: str | None, channels: int) -> str:
    """The master playlist (4.3.4), the best variant first: what a player takes that doesn't measure.

    ``audio`` is the playlist of the one audio rendition, which all variants share (Apple's HLS authoring
    specification, 8.10: a group of its own, so that it is there once).
    """
    lines = ["#EXTM3U", f"#EXT-X-VERSION:{_VERSION}", "#EXT-X-INDEPENDENT-SEGMENTS"]
    if audio is not None:
        lines.append(
            '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Audio",DEFAULT=YES,AUTOSELECT=YES,'
            f'CHANNELS="{channels}",URI="{audio}"'
        )
    for variant in variants:
        rate = "" if variant.frame_rate is None else f",FRAME-RATE={variant.frame_rate:.3f}"
        lines.append(
            f"#EXT-X-STREAM-INF:BANDWIDTH={variant.bandwidth_bps},AVERAGE-BANDWIDTH={variant.average_bps},"
            f'CODECS="{variant.codecs}",RESOLUTION={variant.width}x{variant.height}{rate}'
            + ("" if audio is None else ',AUDIO="audio"')
        )
        lines.append(variant.playlist)
    return "\n".join([*lines, ""])


def read_master(text: str) -> tuple[dict[str, dict[str, str]], list[str]]:
    """The attributes of each variant by its playlist, and the playlists of other renditions. For verification."""
    variants: dict[str, dict[str, str]] = {}
    others = []
    lines = text.splitlines()
    for number, line in enumerate(lines):
        name, _, rest = line.partition(":")
        attributes = {key: value.strip('"') for key, value in _ATTRIBUTE.findall(rest)}
        if name == "#EXT-X-STREAM-INF":
            variants[lines[number + 1]] = attributes
        elif name == "#EXT-X-MEDIA" and "URI" in attributes:
            others.append(attributes["URI"])
    return variants, others


def h264_codec(head: bytes) -> str:
    """``avc1.640028``: profile, constraints and level from the first bytes of an MP4 (ISO/IEC 14496-15, 5.3.3.1;
    RFC 6381, 3.3). Raises ValueError."""
    place = head.find(b"avcC")
    if place < 0 or len(head) < place + 8:
        raise ValueError("the file's header has no H.264 configuration")
    return f"avc1.{head[place + 5 : place + 8].hex().upper()}"
