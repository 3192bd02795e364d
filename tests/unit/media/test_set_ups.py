"""What packets say of size and scan."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from dailies.media.probe.child.set_ups import READ, START, may_interlace, mpeg_interlaced, set_up, unit_lengths

# Of x264: 320 × 180 in whole pictures, and with +ilme+ildct.
WHOLE = bytes.fromhex("6764000cacb40a0cfcf808800000030080000019078a1550")
FIELDS = bytes.fromhex("67640015ace81433f26022000003000200000300643e285540")
AVCC = bytes.fromhex("01640015ffe10019") + FIELDS + bytes.fromhex("01000468fe0fcb")
SEQUENCE = bytes.fromhex("000001b31400b433ffffe018000001b5148200010000")


@pytest.mark.parametrize(
    ("codec", "configuration", "may"),
    [
        ("h264", START + WHOLE, False),
        ("h264", START + FIELDS, True),
        ("h264", AVCC, True),
        ("mpeg2video", SEQUENCE, True),
        ("mpeg2video", SEQUENCE.replace(b"\x14\x82", b"\x14\x8a"), False),
        ("prores", b"", True),
        ("vp9", b"", False),
    ],
)
def test_headers_that_leave_pictures_free_to_be_interlaced(codec: str, configuration: bytes, may: bool) -> None:
    assert may_interlace(codec, configuration) is may


def test_a_set_up_is_what_a_size_rests_on() -> None:
    """Whatever comes around it, behind start codes and behind lengths."""
    slices = b"\x65" + bytes(30)
    assert set_up("h264", START + WHOLE + START + slices, 0) == WHOLE
    framed = b"".join(len(unit).to_bytes(4, "big") + unit for unit in (WHOLE, slices))
    assert (unit_lengths("h264", AVCC), set_up("h264", framed, 4)) == (4, WHOLE)
    assert set_up("vp8", bytes(6) + b"\x40\x01\xb4\x00" + b"rest", 0) == b"\x40\x01\xb4\x00"


def test_mpeg_2_says_it_of_each_picture() -> None:
    picture = bytes.fromhex("00000100000fffb8000001b58ffff3")
    assert mpeg_interlaced(picture + b"\x41\x00")
    assert not mpeg_interlaced(picture + b"\x41\x80")


@given(st.binary(max_size=80), st.sampled_from(sorted(READ)), st.sampled_from([0, 1, 2, 4]))
def test_any_bytes_say_something(data: bytes, codec: str, lengths: int) -> None:
    assert isinstance(set_up(codec, data, lengths), bytes)
    for configuration in (data, START + b"\x67" + data, b"\1" + data):
        assert may_interlace(codec, configuration) in (True, False)
        assert unit_lengths(codec, configuration) in range(5)
    assert mpeg_interlaced(START + b"\xb5" + data) in (True, False)
