"""Where a long film is divided, so that its pieces can be encoded apart and joined without a seam. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

from dailies.domain.source.audio_selection import Window
from dailies.domain.source.media_info import MediaInfo, VideoStream

#: Containers with an index by which a seek lands at or before the wanted time. The others are searched by bit rate or
#: by timestamps that may jump, or may lack their index: a chunk could begin too late, or be decoded from the start.
SEEKABLE = {"mp4", "mov", "m4a", "3gp", "3g2", "matroska", "webm"}


@dataclass(frozen=True, slots=True)
class ChunkRules:
    """``above_seconds`` of encoding on one CPU a film is divided, at each multiple of ``seconds`` of its clock."""

    above_seconds: float = 180.0
    seconds: float = 45.0


def chunk_windows(window: Window, duration: float, seconds: float) -> tuple[Window, ...]:
    """Divide ``window`` at the multiples of ``seconds`` on the source's clock.

    The multiples don't depend on the window: an output whose trim is moved keeps the chunks in its middle. A first or
    last piece under a third of ``seconds`` is part of its neighbour, so chunks are 1/3 to 4/3 of ``seconds`` long.
    """
    end = duration if window.end is None else window.end
    least = seconds / 3
    first = math.floor((window.start + least) / seconds) + 1
    last = math.ceil((end - least) / seconds) - 1
    joints = [round(number * seconds, 6) for number in range(first, last + 1)]
    starts, ends = [window.start, *joints], [*joints, window.end]
    return tuple(Window(start=start, end=end) for start, end in zip(starts, ends, strict=True))


def reason_for_one_piece(info: MediaInfo, stream: VideoStream, audio_index: int | None, window: Window) -> str | None:
    """Why a film that is long enough can't be divided; None when it can."""
    if info.container not in SEEKABLE:
        return f"{info.container} can't be sought reliably"
    if info.duration_seconds is None or info.duration_from == "estimate":
        return "the length of the source is an estimate"
    if stream.frame_rate is None:
        return "the frame rate of the source is unknown"
    sound = next((each for each in info.audio if each.index == audio_index), None)
    if sound is not None and sound.start_seconds + (sound.duration_seconds or math.inf) <= window.start:
        return "the audio ends before the part that was asked for"
    return None
