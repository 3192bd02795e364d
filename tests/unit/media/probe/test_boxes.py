"""MP4 layouts made by hand, honest and not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from dailies.domain.source.media_info import Cropping
from dailies.media.probe.boxes import Boxes, Track, read_boxes


def box(kind: bytes, *content: bytes, size: int | None = None) -> bytes:
    body = b"".join(content)
    return (len(body) + 8 if size is None else size).to_bytes(4, "big") + kind + body


FTYP = box(b"ftyp", b"isom\0\0\0\0")


def track(entry: bytes, *inner: bytes) -> bytes:
    description = box(b"stsd", b"\0\0\0\0\0\0\0\1", box(entry, bytes(78), *inner))
    return box(b"trak", box(b"tkhd", bytes(20)), box(b"mdia", box(b"minf", box(b"stbl", description))))


def read(tmp_path: Path, content: bytes) -> Boxes | None:
    path = tmp_path / "file"
    path.write_bytes(content)
    return read_boxes(path)


def test_tracks_in_their_order(tmp_path: Path) -> None:
    dovi = box(b"dvvC", bytes([1, 0, 8 << 1, 0]))
    boxes = read(tmp_path, FTYP + box(b"moov", track(b"avc1"), track(b"hvc1", box(b"hvcC"), dovi), track(b"mp4a")))
    assert boxes == Boxes(
        b"isom", has_moov=True, tracks=(Track("avc1"), Track("hvc1", dolby_vision_profile=8), Track("mp4a"))
    )


def clap(*numbers: int) -> bytes:
    return box(b"clap", *(number.to_bytes(4, "big", signed=True) for number in numbers))


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (clap(240, 1, 120, 1, 8, 1, -10, 1), (48, 20, 32, 40)),
        (clap(1440, 2, 405, 1, 0, 1, 0, 1), (0, 2, 0, 1)),  # 405 lines of 408: half a line each way
        (clap(720, 1, 480, 1, 0, 1, 0, 1), None),  # more lines than there are
        (clap(700, 1, 400, 1, 20, 1, 0, 1), None),  # beyond the right edge
    ],
)
def test_a_clean_aperture_leaves_margins(tmp_path: Path, record: bytes, expected: Cropping | None) -> None:
    boxes = read(tmp_path, FTYP + box(b"moov", track(b"avc1", record)))
    assert boxes is not None
    aperture = boxes.tracks[0].aperture
    assert aperture is not None
    assert aperture.cropping(*((320, 180) if expected and expected[0] else (720, 408))) == expected


@pytest.mark.parametrize("record", [box(b"clap", bytes(32)), clap(1, 0, 1, 1, 0, 1, 0, 1), box(b"clap", b"1234")])
def test_an_aperture_that_is_none(tmp_path: Path, record: bytes) -> None:
    boxes = read(tmp_path, FTYP + box(b"moov", track(b"avc1", record)))
    assert boxes is not None
    assert boxes.tracks[0].aperture is None


def test_encrypted_entries(tmp_path: Path) -> None:
    boxes = read(tmp_path, FTYP + box(b"moov", track(b"avc1"), track(b"enca")))
    assert boxes is not None
    assert boxes.encrypted


def test_fragments_and_a_missing_end(tmp_path: Path) -> None:
    boxes = read(tmp_path, FTYP + box(b"moov", track(b"avc1"), box(b"mvex")) + box(b"mdat", b"x", size=1000))
    assert boxes is not None
    assert (boxes.fragmented, boxes.overrun) == (True, True)


def test_large_and_open_ended_sizes(tmp_path: Path) -> None:
    large = (1).to_bytes(4, "big") + b"mdat" + (20).to_bytes(8, "big") + b"1234"
    boxes = read(tmp_path, FTYP + large + box(b"moov", track(b"avc1")) + box(b"mdat", b"rest", size=0))
    assert boxes is not None
    assert (boxes.has_moov, boxes.overrun, len(boxes.tracks)) == (True, False, 1)


def test_other_files_are_none(tmp_path: Path) -> None:
    assert read(tmp_path, b"") is None
    assert read(tmp_path, b"RIFF1234WAVE") is None


def test_boxes_without_size_end_the_walk(tmp_path: Path) -> None:
    for size in range(2, 8):
        assert read(tmp_path, FTYP + box(b"free", size=size) + box(b"moov", track(b"avc1"))) == Boxes(b"isom")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 600), st.integers(0, 255)), max_size=12), st.integers(0, 600))
def test_any_damage_gets_an_answer(tmp_path: Path, damage: list[tuple[int, int]], cut: int) -> None:
    data = bytearray(FTYP + box(b"moov", track(b"hvc1", box(b"dvcC", b"\1\0\x0a\0")), track(b"enca"), box(b"mvex")))
    for offset, value in damage:
        data[offset % len(data)] = value
    read(tmp_path, bytes(data[: cut or None]))
