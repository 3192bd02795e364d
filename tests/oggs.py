"""Ogg pages made by hand (RFC 3533), for files that no FFmpeg writes."""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import cache
from pathlib import Path

_FIRST, _LAST = 2, 4
_SERIAL = 0x5EED


def with_skeleton(source: Path, path: Path) -> Path:
    """``source`` with a Skeleton 3.0 stream, as ffmpeg2theora and oggz wrote it: its head first, its bones later."""
    pages = list(_pages(source.read_bytes()))
    head = b"fishead\0" + struct.pack("<HHQQQQ", 3, 0, 0, 1000, 0, 1000) + bytes(20)
    bone = b"fisbone\0" + struct.pack("<IIIQQQIB3x", 44, _SERIAL, 3, 48_000, 1, 0, 2, 0)
    opening = sum(page[5] & _FIRST != 0 for page in pages)
    extra = [_page(bone, 0, 1), _page(b"", _LAST, 2)]
    path.write_bytes(b"".join([_page(head, _FIRST, 0), *pages[:opening], *extra, *pages[opening:]]))
    return path


def restamped(source: Path, path: Path, change: Callable[[bytes], bytes]) -> Path:
    """``source`` with its pages changed, and their checksums right again."""
    path.write_bytes(b"".join(_stamped(change(page)) for page in _pages(source.read_bytes())))
    return path


def _pages(data: bytes) -> list[bytes]:
    pages, place = [], 0
    while place < len(data):
        segments = data[place + 26]
        length = 27 + segments + sum(data[place + 27 : place + 27 + segments])
        pages.append(data[place : place + length])
        place += length
    return pages


def _page(packet: bytes, kind: int, number: int) -> bytes:
    lacing = bytes([255] * (len(packet) // 255) + [len(packet) % 255]) if packet else b""
    return _stamped(b"OggS" + struct.pack("<BBqIIIB", 0, kind, 0, _SERIAL, number, 0, len(lacing)) + lacing + packet)


def _stamped(page: bytes) -> bytes:
    blank = page[:22] + bytes(4) + page[26:]
    return page[:22] + struct.pack("<I", _crc(blank)) + page[26:]


@cache
def _table() -> list[int]:
    table = []
    for byte in range(256):
        rest = byte << 24
        for _ in range(8):
            rest = (rest << 1) ^ (0x104C11DB7 if rest & 0x80000000 else 0)
        table.append(rest)
    return table


def _crc(page: bytes) -> int:
    rest = 0
    for byte in page:
        rest = ((rest << 8) & 0xFFFFFFFF) ^ _table()[(rest >> 24) ^ byte]
    return rest
