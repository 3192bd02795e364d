"""What PyAV can't tell of an MP4: encryption, Dolby Vision, clean aperture, fragments, a missing end. Decodes nothing.

ISO/IEC 14496-12 (boxes, ``clap``), 23001-7 (``encv``, ``enca``, ``sinf``), Dolby's "Dolby Vision Streams Within the
ISO Base Media File Format" (``dvcC`` and its sisters). Sizes in the file are only ever used to skip; every loop is
bounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from dailies.domain.source.media_info import Cropping

#: Fragments of two seconds for ten hours are 36,000 boxes; a file with more is walked no further.
_MOST_BOXES = 50_000
_FIRST_BOXES = frozenset({b"ftyp", b"styp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"moof", b"sidx"})
#: Sample entries whose samples are encrypted: Common Encryption's, then iTunes'.
_ENCRYPTED = frozenset({b"encv", b"enca", b"drms", b"drmi"})
_DOLBY_VISION = frozenset({b"dvcC", b"dvvC", b"dvwC"})
_CLEAN_APERTURE = b"clap"
#: From the start of a sample entry to its boxes: 8 header + 8 SampleEntry + 70 VisualSampleEntry.
_VISUAL_ENTRY_BYTES = 86


@dataclass(frozen=True, slots=True)
class Track:
    """The first sample description of a track; ``format`` is its four letters (``hvc1``)."""

    format: str = ""
    encrypted: bool = False
    dolby_vision_profile: int | None = None
    aperture: Aperture | None = None


@dataclass(frozen=True, slots=True)
class Aperture:
    """The part of a picture that is shown, in pixels, and how far its centre is from the picture's."""

    width: Fraction
    height: Fraction
    across: Fraction
    down: Fraction

    def cropping(self, width: int, height: int) -> Cropping | None:
        """What it leaves out of a picture of that size; None where it isn't within it."""
        left, right = _margins(width, self.width, self.across)
        top, bottom = _margins(height, self.height, self.down)
        return (left, top, right, bottom) if min(left, top, right, bottom) >= 0 else None


@dataclass(frozen=True, slots=True)
class Boxes:
    """A file's layout. ``overrun``: the last box says it is longer than the file."""

    brand: bytes = b""
    has_moov: bool = False
    fragmented: bool = False
    overrun: bool = False
    tracks: tuple[Track, ...] = ()

    @property
    def encrypted(self) -> bool:
        return any(track.encrypted for track in self.tracks)


@dataclass(frozen=True, slots=True)
class _Box:
    kind: bytes
    start: int  # of the content
    end: int


def read_boxes(path: Path) -> Boxes | None:
    """The layout of an MP4, MOV or HEIF file; None when it is none. Raises OSError."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        head = file.read(12)
        if head[4:8] not in _FIRST_BOXES:
            return None
        brand = head[8:12] if head[4:8] == b"ftyp" else b""
        has_moov = fragmented = overrun = False
        tracks: list[Track] = []
        for box in _children(file, 0, size):
            overrun = box.end > size
            if box.kind == b"moof":
                fragmented = True
            elif box.kind == b"moov" and not has_moov:
                has_moov = True
                for inner in _children(file, box.start, min(box.end, size)):
                    if inner.kind == b"trak":
                        tracks.append(_track(file, inner, size))
                    elif inner.kind == b"mvex":
                        fragmented = True
        return Boxes(brand, has_moov, fragmented, overrun, tuple(tracks))


def _children(file: BinaryIO, start: int, end: int) -> Iterator[_Box]:
    """Boxes between two offsets within the file; the last may claim to end behind ``end``."""
    position = start
    for _ in range(_MOST_BOXES):
        if position + 8 > end:
            return
        file.seek(position)
        header = file.read(16)
        if len(header) < 8:
            return
        size, content = int.from_bytes(header[:4], "big"), position + 8
        if size == 1 and len(header) == 16:
            size, content = int.from_bytes(header[8:16], "big"), position + 16
        elif size == 0:  # to the end of the file
            size = end - position
        if size < content - position:
            return
        yield _Box(header[4:8], content, position + size)
        position += size


def _track(file: BinaryIO, trak: _Box, size: int) -> Track:
    """``size``: the file's. A box may claim to be longer, and no file system lets any place be sought."""
    place = trak
    for kind in (b"mdia", b"minf", b"stbl", b"stsd"):
        found = next((box for box in _children(file, place.start, min(place.end, size)) if box.kind == kind), None)
        if found is None:
            return Track()
        place = found
    entries = list(islice(_children(file, place.start + 8, min(place.end, size)), 16))  # 8: version, flags, count
    if not entries:
        return Track()
    profile, aperture = None, None
    # The child boxes of an audio entry start elsewhere; read as pictures they give nothing, which is right.
    for box in _children(file, entries[0].start - 8 + _VISUAL_ENTRY_BYTES, min(entries[0].end, size)):
        if box.kind in _DOLBY_VISION:
            file.seek(box.start)
            record = file.read(4)
            profile = record[2] >> 1 if len(record) == 4 else None
        elif box.kind == _CLEAN_APERTURE:
            file.seek(box.start)
            aperture = _aperture(file.read(32))
    return Track(
        format=entries[0].kind.decode("latin-1"),
        encrypted=any(entry.kind in _ENCRYPTED for entry in entries),
        dolby_vision_profile=profile,
        aperture=aperture,
    )


def _aperture(record: bytes) -> Aperture | None:
    """Four fractions of two 32-bit integers."""
    numbers = [int.from_bytes(record[place : place + 4], "big", signed=True) for place in range(0, len(record), 4)]
    if len(numbers) != 8 or min(numbers[1::2]) <= 0 or min(numbers[0], numbers[2]) <= 0:
        return None
    return Aperture(*(Fraction(over, under) for over, under in zip(numbers[::2], numbers[1::2], strict=True)))


def _margins(side: int, shown: Fraction, offset: Fraction) -> tuple[int, int]:
    first = round((side - shown) / 2 + offset)
    return first, side - first - round(shown)
