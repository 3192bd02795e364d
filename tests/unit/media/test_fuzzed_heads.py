"""What is read of a file before any decoder is: first bytes, boxes, programme tables. Every container, any damage."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, cast

from hypothesis import example, given, strategies as st

from dailies.domain.errors import SourceRefused
from dailies.domain.source import sniff
from dailies.media.probe import probe
from dailies.media.probe.boxes import Boxes, read_boxes
from dailies.media.probe.programmes import programmes

#: How files of each kind begin: what follows is the strategy's.
HEADS = {
    "ebml": b"\x1aE\xdf\xa3\xa3B\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x88matroska",
    "ogg": b"OggS\0\2\0\0\0\0\0\0\0\0\x11\x22\x33\x44\0\0\0\0\0\0\0\0\1\x1e",
    "riff": b"RIFF\x24\x08\0\0WAVEfmt \x10\0\0\0\1\0\2\0",
    "rf64": b"RF64\xff\xff\xff\xffWAVEds64\x1c\0\0\0",
    "avi": b"RIFF\0\0\0\0AVI LIST",
    "aiff": b"FORM\0\0\1\0AIFFCOMM\0\0\0\x12",
    "transport stream": (b"G@\0\x10\0\0\xb0\r\0\1\xc1\0\0\0\1\xf0\0" + b"\xff" * 171) * 2,
    "flac": b"fLaC\0\0\0\x22\x10\0\x10\0",
    "mp3": b"ID3\4\0\0\0\0\x0f\x76TIT2",
    "mxf": b"\x06\x0e+4\2\5\1\1\r\1\2\1\1\2\4\0\x83\0\0\x78",
    "flv": b"FLV\1\5\0\0\0\x09",
    "asf": b"0&\xb2u\x8ef\xcf\x11\xa6\xd9\0\xaa\0b\xcel",
    "amr": b"#!AMR\n",
    "au": b".snd\0\0\0\x18\xff\xff\xff\xff",
    "caf": b"caff\0\1\0\0desc",
    "text": b"\xef\xbb\xbf \n#EXTM3U",
    "wide text": b"\xff\xfe#\0E\0X\0T\0M\x003\0U\0",
    "xml": b"<?xml version='1.0'?><MPD>",
}
#: With those that are walked into, and those that say something.
KINDS = b"ftyp styp moov mdat moof free uuid trak mdia minf stbl stsd mvex avc1 encv hvc1 dvcC enca xxxx".split()


class CountingFile(io.BytesIO):
    """Counts what is read, and refuses what a file system may refuse: a place far behind the end."""

    taken = 0

    def read(self, size: int | None = -1) -> bytes:
        piece = super().read(size)
        self.taken += len(piece)
        return piece

    def seek(self, offset: int, whence: int = 0) -> int:
        if whence == 0 and offset > len(self.getbuffer()):
            raise OSError(22, "Invalid argument")
        return super().seek(offset, whence)


def boxes_of(content: bytes) -> tuple[Boxes | None, int]:
    """What is found, and how many bytes were read for it."""
    file = CountingFile(content)

    class Here:
        def open(self, _mode: str) -> CountingFile:
            return file

    found = read_boxes(cast("Path", Here()))
    return found, file.taken


SIZES = st.sampled_from([0, 1, 2, 7, 8, 15, 16, 86, 2**31, 2**32 - 1]) | st.integers(0, 600)


@st.composite
def box(draw: st.DrawFn, inner: st.SearchStrategy[bytes]) -> bytes:
    """One that may lie about its size, in 32 bits or in 64."""
    content = draw(inner)
    kind = draw(st.sampled_from(KINDS))
    if draw(st.integers(0, 5)) == 0:
        long = draw(st.sampled_from([0, 15, 16, 2**62, 2**63 - 1, 2**64 - 1]) | st.just(len(content) + 16))
        return b"\0\0\0\1" + kind + long.to_bytes(8, "big") + content
    size = draw(st.just(len(content) + 8) | st.just(len(content) + 8) | SIZES)
    return size.to_bytes(4, "big") + kind + content


BOXES = st.recursive(
    st.binary(max_size=100), lambda inner: st.lists(box(inner), max_size=4).map(b"".join), max_leaves=20
)


@given(st.sampled_from([b"", b"\0\0\0\x10ftypisom\0\0\0\0"]), BOXES, st.integers(0, 2000))
def test_any_boxes_are_walked_within_the_file(head: bytes, body: bytes, cut: int) -> None:
    """Sizes are believed only to skip: nothing is sought behind the end, and no more is read than headers."""
    content = (head + body)[: cut or None]
    _, taken = boxes_of(content)
    assert taken <= 16 * (len(content) + 2)


@example(b"\0\0\0\1", 2**63 - 1)
@example(b"\0\0\0\1", 2**62)
@given(st.sampled_from([b"\0\0\0\1", b"\0\0\0\0", b"\xff\xff\xff\xff"]), st.integers(0, 2**64 - 1))
def test_a_track_longer_than_any_file_ends_with_the_file(size: bytes, long: int) -> None:
    """ext4 lets no place behind 16 TB be sought, where others give back nothing."""
    head = b"\0\0\0\x10ftypisom\0\0\0\0"
    inner = (2**32 - 1).to_bytes(4, "big") + b"edts" + b"\0\0\0\x08mdia"
    track = size + b"trak" + long.to_bytes(8, "big") + inner
    moov = (len(track) + 8).to_bytes(4, "big") + b"moov" + track
    found, _ = boxes_of(head + moov)
    assert found is not None
    assert found.has_moov


def test_the_walk_of_a_crowd_is_bounded() -> None:
    """A megabyte of the smallest boxes: read once at most, and not for each track again."""
    tracks = b"\0\0\0\x08trak" * 120_000
    found, taken = boxes_of(b"\0\0\0\x10ftypisom\0\0\0\0" + (len(tracks) + 8).to_bytes(4, "big") + b"moov" + tracks)
    assert found is not None
    assert taken <= 2_000_000


@given(st.sampled_from(sorted(HEADS)), st.binary(max_size=300), st.integers(0, 400), st.integers(0, 2**63), st.data())
def test_any_beginning_is_recognised_or_let_through(
    kind: str, rest: bytes, cut: int, size: int, data: st.DataObject
) -> None:
    """The first bytes of every container, damaged: a refusal with a code, or None."""
    head = bytearray(HEADS[kind] + rest)
    for place in data.draw(st.lists(st.integers(0, len(head) - 1), max_size=4)):
        head[place] = data.draw(st.integers(0, 255))
    refusal = sniff.recognise(bytes(head[:cut]), size)
    assert refusal is None or refusal.error_code
    found, _ = boxes_of(bytes(head))
    assert found is None or isinstance(found, Boxes)


@given(st.lists(st.binary(min_size=188, max_size=188), max_size=12), st.booleans(), st.binary(max_size=200))
def test_any_transport_stream_has_programmes_or_none(packets: list[bytes], timed: bool, rest: bytes) -> None:
    """Packets with the sync byte, the start flag and the table's number, and whatever else is in them."""
    stream = b"".join((b"\0\0\0\0" if timed else b"") + b"G" + packet[1:] for packet in packets)
    found: Any = programmes(stream + rest)
    assert all(0 <= pid < 2**13 and 0 <= number < 2**16 for pid, number in found.items())


@given(st.sampled_from(sorted(HEADS)), st.binary(max_size=300))
def test_a_file_of_any_beginning_is_looked_at(tmp_path_factory: Any, kind: str, rest: bytes) -> None:
    """On a real file, as the probe does."""
    path = tmp_path_factory.getbasetemp() / "looked-at"
    path.write_bytes(HEADS[kind] + rest)
    try:
        size, _ = probe._look(path)
    except SourceRefused:
        return
    assert size == len(HEADS[kind] + rest)
