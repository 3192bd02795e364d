"""Matroska headers made by hand, honest and not."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings, strategies as st

from dailies.domain.source.media_info import Cropping
from dailies.media.probe.matroska import pixel_crops

UNKNOWN = b"\x01" + b"\xff" * 7


def element(ident: int, *content: bytes, size: bytes | None = None) -> bytes:
    body = b"".join(content)
    length = (len(body) | 1 << 56).to_bytes(8, "big") if size is None else size
    return ident.to_bytes((ident.bit_length() + 7) // 8, "big") + length + body


def number(ident: int, value: int) -> bytes:
    return element(ident, value.to_bytes(2, "big"))


def entry(kind: int, *inside: bytes) -> bytes:
    return element(0xAE, number(0xD7, 1), number(0x83, kind), element(0xE0, *inside))


CROPS = [number(0x54CC, 48), number(0x54BB, 20), number(0x54DD, 32), number(0x54AA, 40)]
EBML = element(0x1A45DFA3, bytes(16))


def crops(tmp_path: Path, content: bytes) -> list[Cropping | None]:
    path = tmp_path / "file"
    path.write_bytes(content)
    return pixel_crops(path)


def test_each_track_of_pictures_has_its_margins(tmp_path: Path) -> None:
    """In their order; sound is passed over."""
    tracks = element(0x1654AE6B, entry(2), entry(1), entry(1, number(0xB0, 320), *CROPS), entry(1, CROPS[1]))
    found = [None, (48, 20, 32, 40), (0, 20, 0, 0)]
    assert crops(tmp_path, EBML + element(0x18538067, element(0xEC, bytes(70)), tracks)) == found
    live = element(0x18538067, tracks, element(0x1F43B675, b"...", size=UNKNOWN), size=UNKNOWN)
    assert crops(tmp_path, EBML + live) == found


def test_a_file_without_tracks(tmp_path: Path) -> None:
    assert crops(tmp_path, b"") == []
    assert crops(tmp_path, EBML) == []
    assert crops(tmp_path, EBML + element(0x18538067, element(0x1654AE6B, entry(1), size=b"\x40\x03"))) == []


HEADS = (b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67", b"\x16\x54\xae\x6b", b"\xae", b"\xe0", b"\x83\x81\x01")
ODD = (b"\x54\xcc\x82\xff\xff", UNKNOWN, b"\x85", b"\0")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([*HEADS, *ODD]) | st.binary(max_size=4)))
def test_any_bytes_are_read_to_an_end(tmp_path: Path, parts: list[bytes]) -> None:
    for crop in crops(tmp_path, b"".join(parts)):
        assert crop is None or min(crop) >= 0
