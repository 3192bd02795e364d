"""What PyAV can't tell of a Matroska or WebM file: the part of the picture that players show. Decodes nothing.

RFC 8794 (EBML), RFC 9559, 5.1.4.1.28 (Video). Sizes in the file are only ever used to skip; every loop is bounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from dailies.domain.source.media_info import Cropping

_SEGMENT, _TRACKS, _ENTRY, _TYPE, _VIDEO = 0x18538067, 0x1654AE6B, 0xAE, 0x83, 0xE0
#: PixelCropLeft, PixelCropTop, PixelCropRight, PixelCropBottom.
_CROPS = (0x54CC, 0x54BB, 0x54DD, 0x54AA)
_PICTURES = 1
#: Clusters may come before the tracks: of two seconds, for ten hours.
_MOST_ELEMENTS = 50_000
#: A size of all ones says that nobody knew it: the element ends with what holds it.
_UNKNOWN = -1


def pixel_crops(path: Path) -> list[Cropping | None]:
    """What is cropped of each track of pictures, in their order. Raises OSError."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        segment = next(_found(file, 0, size, _SEGMENT), None)
        tracks = None if segment is None else next(_found(file, *segment, _TRACKS), None)
        entries = [] if tracks is None else list(_found(file, *tracks, _ENTRY))
        crops: list[Cropping | None] = []
        for entry in entries:
            if _number(file, next(_found(file, *entry, _TYPE), None)) == _PICTURES:
                video = next(_found(file, *entry, _VIDEO), None)
                cut = [0 if video is None else _number(file, next(_found(file, *video, each), None)) for each in _CROPS]
                crops.append((cut[0], cut[1], cut[2], cut[3]) if any(cut) else None)
        return crops


def _found(file: BinaryIO, start: int, end: int, wanted: int) -> Iterator[tuple[int, int]]:
    """Where the contents of the elements ``wanted`` between two offsets begin and end."""
    place = start
    for _ in range(_MOST_ELEMENTS):
        if place >= end:
            return
        file.seek(place)
        head = file.read(12)  # an identifier of 4 bytes and a size of 8 at most
        long, name = _vint(head, marked=True)
        more, length = _vint(head[long:], marked=False)
        if not long or not more:
            return
        begin = place + long + more
        place = end if length == _UNKNOWN else min(begin + length, end)
        if name == wanted:
            yield begin, place


def _vint(data: bytes, *, marked: bool) -> tuple[int, int]:
    """Length in bytes, 0 for none, and value of a number of EBML's; an identifier keeps its marker."""
    length = 9 - data[0].bit_length() if data else 0
    if not 1 <= length <= min(8, len(data)):
        return 0, 0
    value, mask = int.from_bytes(data[:length], "big"), (1 << 7 * length) - 1
    if marked:
        return length, value
    return length, _UNKNOWN if value & mask == mask else value & mask


def _number(file: BinaryIO, place: tuple[int, int] | None) -> int:
    """An unsigned integer; 0 for none."""
    if place is None or not 0 <= place[1] - place[0] <= 8:
        return 0
    file.seek(place[0])
    return int.from_bytes(file.read(place[1] - place[0]), "big")
