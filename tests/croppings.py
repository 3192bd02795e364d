"""Containers that crop their pictures, made by hand: few programs write them, and all players read them."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from dailies.domain.source.media_info import Cropping
from tests.oggs import restamped

_SEGMENT, _VOID, _TRACKS, _ENTRY, _VIDEO = 0x18538067, 0xEC, 0x1654AE6B, 0xAE, 0xE0
_PIXEL_CROPS = (0x54CC, 0x54BB, 0x54DD, 0x54AA)
_CONTAINERS = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd")
_IDENTIFICATION = b"\x80theora"


def with_pixel_crop(source: Path, path: Path, crop: Cropping) -> Path:
    """A Matroska or WebM file whose first track is cropped, at the cost of the Void behind its SeekHead."""
    data = bytearray(source.read_bytes())
    elements = [
        ident.to_bytes(2, "big") + b"\x82" + side.to_bytes(2, "big")
        for ident, side in zip(_PIXEL_CROPS, crop, strict=True)
    ]
    extra = b"".join(elements)
    segment = _element(data, 0, len(data), _SEGMENT)
    void = _element(data, segment[1], segment[2], _VOID)
    tracks = _element(data, segment[1], segment[2], _TRACKS)
    entry = _element(data, tracks[1], tracks[2], _ENTRY)
    video = _element(data, entry[1], entry[2], _VIDEO)
    for size_at, begin, end in (tracks, entry, video):
        _write_size(data, size_at, begin, end - begin + len(extra))
    data[video[2] : video[2]] = extra
    left = void[2] - void[1] - len(extra)
    _write_size(data, void[0], void[1], left)
    del data[void[1] + left : void[2]]
    path.write_bytes(data)
    return path


def with_clean_aperture(source: Path, path: Path, size: tuple[int, int], crop: Cropping) -> Path:
    """An MP4 or MOV of pictures of ``size``, its index at the end, whose first track has a ``clap``."""
    data = bytearray(source.read_bytes())
    left, top, right, bottom = crop
    shown = (size[0] - left - right, 1, size[1] - top - bottom, 1)
    clap = struct.pack(">I4s8i", 40, b"clap", *shown, left - right, 2, top - bottom, 2)
    holders, start, end = [], 0, len(data)
    for kind in _CONTAINERS:
        at, start, end = next(box for box in _boxes(data, start, end) if data[box[0] + 4 : box[0] + 8] == kind)
        holders.append(at)
    at, _, end = next(iter(_boxes(data, start + 8, end)))  # 8: version, flags, count
    for place in (*holders, at):
        data[place : place + 4] = (int.from_bytes(data[place : place + 4], "big") + len(clap)).to_bytes(4, "big")
    data[end:end] = clap
    path.write_bytes(data)
    return path


def with_picture_region(source: Path, path: Path, size: tuple[int, int], left: int, bottom: int) -> Path:
    """A Theora film of which a region is shown: its frames are coded in blocks of 16 pixels."""

    def change(page: bytes) -> bytes:
        at = page.find(_IDENTIFICATION)
        if at < 0:
            return page
        region = size[0].to_bytes(3, "big") + size[1].to_bytes(3, "big") + bytes([left, bottom])
        return page[: at + 14] + region + page[at + 22 :]

    return restamped(source, path, change)


def _element(data: bytearray, start: int, end: int, wanted: int) -> tuple[int, int, int]:
    """Where the size of an EBML element is, its content, and its end."""
    place = start
    while place < end:
        long = 9 - data[place].bit_length()
        size_at = place + long
        more = 9 - data[size_at].bit_length()
        begin = size_at + more
        size = int.from_bytes(data[size_at:begin], "big") & ((1 << 7 * more) - 1)
        if int.from_bytes(data[place:size_at], "big") == wanted:
            return size_at, begin, begin + size
        place = begin + size
    raise ValueError(f"there is no element {wanted:#x}")


def _write_size(data: bytearray, size_at: int, begin: int, size: int) -> None:
    long = begin - size_at
    data[size_at:begin] = (size | 1 << 7 * long).to_bytes(long, "big")


def _boxes(data: bytearray, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Where each box, its content and its end are."""
    place = start
    while place < end:
        size = int.from_bytes(data[place : place + 4], "big")
        head = 8
        if size == 1:
            size, head = int.from_bytes(data[place + 8 : place + 16], "big"), 16
        yield place, place + head, place + size
        place += size
