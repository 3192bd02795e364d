"""Says what a file that we don't take is, from its first bytes: a better answer than "not media".

Nothing rests on it: what isn't named here still meets the demuxer allow-list. Pure.
"""

from __future__ import annotations

from dailies.domain.errors import SourceRefused

#: Enough for every signature, and for a playlist behind a comment or a byte order mark.
HEAD_BYTES = 4096

#: The code of the refusal for RSS, of which a URL may lead to the newest episode.
PODCAST_FEED = "podcast_feed"

_STILL = (
    b"\x89PNG\r\n",
    b"\xff\xd8\xff",
    b"II*\0",
    b"MM\0*",
    b"8BPS",
    b"\xff\x0a",
    b"\0\0\0\x0cJXL ",
    b"\0\0\0\x0cjP  ",
)
#: ISO 23008-12 and AVIF brands of files that hold pictures.
STILL_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"mif2", b"avif"})
_ARCHIVE = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"Rar!\x1a",
    b"7z\xbc\xaf\x27\x1c",
    b"\x1f\x8b\x08",
    b"\xfd7zXZ\0",
    b"BZh",
    b"\x28\xb5\x2f\xfd",
)
#: Texts that make a player open other files: concat, HLS, DASH, SDP, PLS, SMIL, ASX, Windows' and Real's references.
_PLAYLIST = (
    *(b"ffconcat", b"#extm3u", b"#ext-x", b"<mpd", b"v=0\r", b"v=0\n", b"[playlist]", b"<smil", b"<asx"),
    *(b"[reference]", b"rtsptext", b"rtsp://", b"http://", b"https://", b"file://"),
)
_DOCUMENT = (b"%pdf", b"<!doctype", b"<html", b"{\\rtf")
#: RIFF and FORM sizes that mean "not known yet": written by recorders that could not go back.
_UNKNOWN_SIZES = frozenset({0, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFFFFF - 8, 0x7FFFFFFF - 8})


def recognise(head: bytes, size: int | None) -> SourceRefused | None:
    """The refusal for a file that starts with ``head``; None for what may be media. ``size``: its bytes, if known."""
    if size == 0:
        return SourceRefused("The file is empty.", code="empty")
    if head.startswith(_STILL) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        return still_image()
    if head.startswith(_ARCHIVE):
        return SourceRefused(
            "This is an archive, not media: unpack it and send the audio or video itself.", code="archive"
        )
    text = _text(head)
    if text.startswith(_PLAYLIST) or (text.startswith(b"<?xml") and (b"<mpd" in text or b"<smil" in text)):
        return SourceRefused(
            "This is a playlist, which only points to media: send the audio or video itself.", code="playlist"
        )
    if text.startswith((b"<rss", b"<?xml")) and b"<rss" in text:
        return SourceRefused(
            "This is a podcast's feed, not media: give its URL, or send an episode itself.", code=PODCAST_FEED
        )
    if text.startswith(_DOCUMENT):
        return SourceRefused("This is a document or a web page, not audio or video.", code="not_media")
    return None if size is None else _cut_off(head, size)


def still_image() -> SourceRefused:
    """The refusal for pictures."""
    return SourceRefused("This is a still image; only audio and video can be processed.", code="still_image")


def truncated(**details: object) -> SourceRefused:
    """The refusal for files whose end is missing."""
    return SourceRefused(
        "The file is incomplete: the recording or the upload was cut off; export or upload it again.",
        code="source_truncated",
        **details,
    )


def _text(head: bytes) -> bytes:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):  # UTF-16: dropping the zeros does for ASCII keywords
        head = head[2:].replace(b"\0", b"")
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()


def _cut_off(head: bytes, size: int) -> SourceRefused | None:
    """WAV, AVI and AIFF say in front how long they are; FFmpeg takes what is there without a word."""
    if len(head) < 12 or head[:4] not in (b"RIFF", b"FORM"):
        return None
    declared = int.from_bytes(head[4:8], "little" if head[:4] == b"RIFF" else "big")
    # A hundredth may be missing: tags or an index that a recorder counted and didn't write.
    if declared in _UNKNOWN_SIZES or declared + 8 <= size * 1.01 + 4096:
        return None
    return truncated(declared_bytes=declared + 8, size_bytes=size)
