"""Builds the filters that find a track's peaks, reads what they print, and draws them. Pure."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from typing import Any

PeakList = list[tuple[float, float]]

_MIN, _MAX = "lavfi.astats.Overall.Min_level=", "lavfi.astats.Overall.Max_level="
_INK = b"\x25\x63\xeb\xff"
_CLEAR = b"\x00\x00\x00\x00"


def peaked(stream: Any, samples_per_point: int, name: str) -> Any:
    """Lowest and highest sample of every ``samples_per_point``, into ``name`` in the scratch folder."""
    stream = stream.filter("asetnsamples", n=samples_per_point, p=0)
    stream = stream.filter(
        "astats", metadata=1, reset=1, measure_perchannel="none", measure_overall="Min_level+Max_level"
    )
    return stream.filter("ametadata", mode="print", file=name)


class PeakReader:
    """Collects what ``astats`` prints: hand its :meth:`line` every line. Full scale is 1."""

    def __init__(self) -> None:
        self.peaks: PeakList = []
        self._low = 0.0

    def line(self, line: str) -> None:
        if line.startswith(_MIN):
            self._low = float(line.removeprefix(_MIN))
        elif line.startswith(_MAX):
            self.peaks.append((self._low, float(line.removeprefix(_MAX))))


def draw(peaks: Sequence[tuple[float, float]], width: int, height: int) -> bytes:
    """The peaks as a PNG (ISO/IEC 15948), one column a span of them, on a transparent ground."""
    columns = []
    for x in range(width):
        first = x * len(peaks) // width
        span = peaks[first : max(first + 1, (x + 1) * len(peaks) // width)]
        top = round((1 - min(1.0, max(high for _, high in span))) / 2 * (height - 1))
        bottom = round((1 - max(-1.0, min(low for low, _ in span))) / 2 * (height - 1))
        columns.append((top, bottom))
    rows = b"".join(
        b"\0" + b"".join(_INK if top <= y <= bottom else _CLEAR for top, bottom in columns) for y in range(height)
    )
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)  # 8 bits, RGB with alpha
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
