"""First bytes that say what a file is instead of media."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, strategies as st

from dailies.domain.source.sniff import recognise

CASES = {
    b"\x89PNG\r\n\x1a\n": "still_image",
    b"\xff\xd8\xff\xe0JFIF": "still_image",
    b"RIFF\x10\0\0\0WEBPVP8 ": "still_image",
    b"PK\x03\x04": "archive",
    b"\x1f\x8b\x08": "archive",
    b"#EXTM3U\n": "playlist",
    b"\xef\xbb\xbf#extm3u": "playlist",
    b" \n\tffconcat version 1.0": "playlist",
    "ffconcat version 1.0".encode("utf-16"): "playlist",
    b'<?xml version="1.0"?>\n<MPD xmlns=""': "playlist",
    b"v=0\r\no=": "playlist",
    b'<?xml version="1.0"?>\n<rss version="2.0">': "podcast_feed",
    b"<!DOCTYPE html>": "not_media",
    b"%PDF-1.7": "not_media",
}
MEDIA = [
    b"\0\0\0\x20ftypisom",
    b"\x1aE\xdf\xa3",
    b"OggS",
    b"fLaC",
    b"ID3\4",
    b"\xff\xfb\x90\0",
    b"G@\0\x10",
    b"FLV\1",
    b"GIF89a",
]


@pytest.mark.parametrize(("head", "code"), CASES.items())
def test_what_is_not_media_is_named(head: bytes, code: str) -> None:
    refusal = recognise(head, 10_000)
    assert refusal is not None
    assert refusal.error_code == code


def test_an_empty_file_is_called_empty() -> None:
    refusal = recognise(b"", 0)
    assert refusal is not None
    assert refusal.error_code == "empty"


@pytest.mark.parametrize("head", MEDIA)
def test_media_is_let_through(head: bytes) -> None:
    assert recognise(head + bytes(100), 10_000) is None


@pytest.mark.parametrize(
    ("declared", "size", "cut"),
    [
        (1000, 1008, False),
        (0xFFFFFFFF, 1008, False),
        (0, 1008, False),
        (1_000_000, 500_000, True),
        (1_000_000, 995_000, False),
    ],
)
@pytest.mark.parametrize(("kind", "order"), [(b"RIFF", "<I"), (b"FORM", ">I")])
def test_a_riff_shorter_than_it_says_is_truncated(kind: bytes, order: str, declared: int, size: int, cut: bool) -> None:
    head = kind + struct.pack(order, declared) + (b"WAVE" if kind == b"RIFF" else b"AIFF")
    refusal = recognise(head, size)
    assert (refusal is not None and refusal.error_code == "source_truncated") == cut


@given(st.binary(max_size=200))
def test_any_bytes_get_an_answer(head: bytes) -> None:
    recognise(head, len(head))
