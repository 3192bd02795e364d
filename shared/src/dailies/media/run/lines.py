"""Lines out of a child's output, with bounded memory however much it writes and whatever bytes."""

from __future__ import annotations

import math
import os
from collections import deque
from collections.abc import Callable

#: Longest line handed on in one piece; FFmpeg's own are under 2 KiB, ours (the probe's document) come in pieces.
LINE_BYTES = 64 * 1024
#: Kept of each end of a long text.
EXCERPT_BYTES = 32 * 1024


class Excerpt:
    """The head and the tail of a text of any length: what FFmpeg said first and last."""

    def __init__(self, each_end: int = EXCERPT_BYTES) -> None:
        self._limit = each_end
        self._head = bytearray()
        self._tail: deque[bytes] = deque()
        self._tail_size = 0
        self._dropped = 0

    def add(self, data: bytes) -> None:
        room = self._limit - len(self._head)
        if room > 0:
            self._head += data[:room]
            data = data[room:]
        if not data:
            return
        self._tail.append(data)
        self._tail_size += len(data)
        while self._tail_size - len(self._tail[0]) >= self._limit:
            gone = len(self._tail.popleft())
            self._tail_size -= gone
            self._dropped += gone

    def text(self) -> str:
        gap = f"\n… {self._dropped} bytes left out …\n".encode() if self._dropped else b""
        return (bytes(self._head) + gap + b"".join(self._tail)).decode("utf-8", "replace")


class LineReader:
    """Reads a pipe, hands on whole lines without their newline, and remembers an excerpt."""

    def __init__(self, on_line: Callable[[str], None] | None, excerpt: Excerpt | None = None) -> None:
        self._on_line = on_line
        self._excerpt = excerpt
        self._partial = b""
        self.taken = 0
        """Bytes read so far."""

    def read(self, fd: int) -> bool:
        """Take what is there; False at end of file, when a last line without a newline has been handed on."""
        try:
            data = os.read(fd, LINE_BYTES)
        except BlockingIOError:
            return True
        self.taken += len(data)
        if self._excerpt is not None:
            self._excerpt.add(data)
        if self._on_line is not None:
            self._split(data)
        return bool(data)

    def mute(self) -> None:
        """Read on, hand nothing on."""
        self._on_line = None

    def _split(self, data: bytes) -> None:
        *lines, self._partial = (self._partial + data).split(b"\n")
        if self._partial and (not data or len(self._partial) >= LINE_BYTES):
            lines.append(self._partial)
            self._partial = b""
        for line in lines:
            self._on_line(line.rstrip(b"\r").decode("utf-8", "replace"))  # type: ignore[misc]


def number(text: str) -> float:
    """What FFmpeg printed for a figure; NaN for what is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan
