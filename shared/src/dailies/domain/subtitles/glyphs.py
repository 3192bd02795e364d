"""Which characters a font can draw: its ``cmap`` table, formats 4 and 12 (OpenType 1.9). Pure."""

from __future__ import annotations

import struct
from collections.abc import Iterable

_UNICODE_PLATFORMS = {0, 3}


def covered(font: bytes) -> tuple[range, ...]:
    """The code points that the font has, in order. Raises ValueError for what is no TrueType font."""
    try:
        return tuple(sorted(_ranges(font), key=lambda each: each.start))
    except (struct.error, IndexError) as error:
        raise ValueError("no TrueType font") from error


def lacking(text: str, ranges: Iterable[range]) -> list[str]:
    """The characters of ``text`` that no range has, each once, white space and U+2060 apart."""
    there = list(ranges)
    seen = dict.fromkeys(character for character in text if not character.isspace() and character != "\u2060")
    return [character for character in seen if not any(ord(character) in each for each in there)]


def _ranges(font: bytes) -> list[range]:
    [tables] = struct.unpack_from(">H", font, 4)
    records = (struct.unpack_from(">4sIII", font, 12 + 16 * number) for number in range(tables))
    place = next((offset for tag, _, offset, _ in records if tag == b"cmap"), None)
    if place is None:
        raise ValueError("a font without a cmap")
    [count] = struct.unpack_from(">H", font, place + 2)
    found: list[range] = []
    for number in range(count):
        platform, _, offset = struct.unpack_from(">HHI", font, place + 4 + 8 * number)
        if platform in _UNICODE_PLATFORMS:
            [form] = struct.unpack_from(">H", font, place + offset)
            found += _format_4(font, place + offset) if form == 4 else []
            found += _format_12(font, place + offset) if form == 12 else []
    return found


def _format_4(font: bytes, place: int) -> list[range]:
    [twice] = struct.unpack_from(">H", font, place + 6)
    ends = struct.unpack_from(f">{twice // 2}H", font, place + 14)
    starts = struct.unpack_from(f">{twice // 2}H", font, place + 16 + twice)
    return [range(start, end + 1) for start, end in zip(starts, ends, strict=True) if start != 0xFFFF]


def _format_12(font: bytes, place: int) -> list[range]:
    [count] = struct.unpack_from(">I", font, place + 12)
    groups = (struct.unpack_from(">II", font, place + 16 + 12 * number) for number in range(count))
    return [range(start, end + 1) for start, end in groups]
