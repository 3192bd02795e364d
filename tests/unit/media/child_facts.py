"""What the probe's child may print, for Hypothesis: ``media/probe/child``'s document with a few values no file has."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from dailies.domain.source.channel_layouts import LAYOUTS

#: In all text that a file's author writes: no argument may have it.
CANARY = "canary"
#: JSON as Python reads it has NaN and infinities.
ODD_SECONDS = st.floats() | st.sampled_from([0.0, -0.0, 1e-9, 86_400.0, 1e13, 2.0**63, float("nan")])
ODD_INTEGERS = st.sampled_from([0, 1, -1, 3, 2**31 - 1, -(2**31), 2**63 - 1])
TEXT = st.sampled_from(
    [
        "",
        "-i",
        "[0:1];",
        "a;movie=/etc/passwd",
        "%d",
        "file:x",
        "\x1b]0;x\x07",
        "\ud800",
        "$(id)",
        "\0",
        "\n\n",
        "x" * 5000,
    ]
).map(lambda odd: f"{CANARY}{odd}")
_RATIOS = ["0/1", "-1/1", "1/0", "1000/1", "2147483647/1", "1/2147483647", "1/86400", "17/1000"]
_SIDES = [1, 2, 3, 15, 17, 4096, 8192, 65_535, 36_000_000]
_PIXELS = [
    "yuvj420p",
    "yuv444p10le",
    "gray",
    "gray16be",
    "monow",
    "pal8",
    "rgb24",
    "gbrp12le",
    "nv12",
    "",
    None,
    "x2rgb10",
]

_STREAM: dict[str, st.SearchStrategy[Any]] = {
    "disposition": st.sampled_from([0, 1]),
    "language": st.none() | st.just("eng"),
    "profile": st.none() | st.just("Main"),
    "bit_rate": st.none() | st.integers(1, 10**8),
    "packets": st.integers(1, 10_000),
    "counted_seconds": st.none() | st.floats(0.01, 1000),
    "bytes": st.integers(0, 10**9),
    "header_start": st.none() | st.floats(0, 2),
    "header_duration": st.none() | st.floats(0.1, 4000),
    "first": st.none() | st.floats(0, 2),
    "end": st.none() | st.floats(2.1, 4000),
}
_ODD_STREAM: dict[str, st.SearchStrategy[Any]] = {
    "id": ODD_INTEGERS,
    "disposition": st.integers(0, 2**31 - 1),
    "language": TEXT,
    "profile": TEXT,
    "codec": st.none(),
    "decodable": st.just(False),
    "bit_rate": ODD_INTEGERS,
    "packets": ODD_INTEGERS,
    "bytes": ODD_INTEGERS,
    **dict.fromkeys(("counted_seconds", "header_start", "header_duration", "first", "end"), ODD_SECONDS),
}
_SOUND: dict[str, st.SearchStrategy[Any]] = {
    "codec": st.sampled_from(["aac", "mp3", "opus", "vorbis", "flac", "alac", "pcm_s16le", "pcm_f32be", "dts"]),
    "sample_rate": st.sampled_from([8000, 22_050, 44_100, 48_000, 96_000, 192_000]),
    "named": st.sampled_from(sorted(LAYOUTS)),
    "sample_format": st.sampled_from(["u8", "s16", "s32p", "fltp", "dbl"]),
    "extradata": st.binary(max_size=64).map(bytes.hex),
}
_ODD_SOUND: dict[str, st.SearchStrategy[Any]] = {
    "sample_rate": ODD_INTEGERS | st.integers(4000, 768_000),
    "channels": ODD_INTEGERS | st.integers(0, 70),
    "layout": st.sampled_from([None, "", "2 channels", "5 channels (FL+FR+FC+SL+SR)", "3 channels (FL+FL+XX)", "a;b"]),
    "sample_format": st.none(),
}
_PICTURE: dict[str, st.SearchStrategy[Any]] = {
    "codec": st.sampled_from(["h264", "hevc", "mjpeg", "av1", "theora", "rawvideo"]),
    "width": st.integers(16, 4000),
    "height": st.integers(16, 4000),
    "sample_aspect_ratio": st.none() | st.sampled_from(["1/1", "16/11", "4/3", "0/1"]),
    "average_rate": st.none() | st.sampled_from(["25/1", "30000/1001", "12/1", "60/1"]),
    "guessed_rate": st.none() | st.sampled_from(["25/1", "1000/1"]),
    "interlaced": st.booleans(),
    "pixel_format": st.just("yuv420p"),
    "bit_depth": st.just(8),
    **dict.fromkeys(("primaries", "transfer", "matrix"), st.sampled_from([1, 2, 5, 6])),
    "range": st.sampled_from([0, 1, 2]),
    "rotation": st.sampled_from([0, 90, -90, 180]),
    "display_matrix": st.none(),
    "side_data": st.just([]),
    "steps": st.lists(st.tuples(st.floats(0.001, 3), st.integers(1, 100)), max_size=4),
    "tick": st.sampled_from([1e-6, 1 / 90_000, 0.001]),
}
_ODD_PICTURE: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(("width", "height"), st.sampled_from(_SIDES) | ODD_INTEGERS),
    **dict.fromkeys(("sample_aspect_ratio", "average_rate", "guessed_rate"), st.sampled_from(_RATIOS)),
    **dict.fromkeys(("primaries", "transfer", "matrix", "range"), st.integers(0, 300)),
    "pixel_format": st.sampled_from(_PIXELS),
    "bit_depth": st.integers(0, 64),
    "rotation": st.floats() | ODD_INTEGERS,
    "display_matrix": st.binary(min_size=36, max_size=36).map(bytes.hex),
    "side_data": st.lists(st.sampled_from(["DOVI_METADATA", "DISPLAYMATRIX"]), min_size=1, max_size=2),
    "steps": st.lists(st.tuples(ODD_SECONDS, st.integers(1, 20_000)), max_size=6),
    "tick": ODD_SECONDS,
}


@st.composite
def _stream(draw: st.DrawFn, index: int, kind: str) -> dict[str, Any]:
    facts: dict[str, Any] = {"index": index, "id": index + 1, "type": kind, "codec": None}
    if kind not in ("audio", "video"):
        return facts | {"disposition": 0, "language": None, "profile": None}
    facts |= {
        "decodable": True,
        "tried": 1,
        "encrypted": False,
        "not_numbers": False,
        "skipped": 0,
        "missing_from": None,
    }
    own, odd = (_SOUND, _ODD_SOUND) if kind == "audio" else (_PICTURE, _ODD_PICTURE)
    facts |= draw(st.fixed_dictionaries({**_STREAM, **own}))
    if (layout := facts.pop("named", None)) is not None:
        facts |= {"layout": layout, "channels": len(LAYOUTS[layout])}
    wrong = _ODD_STREAM | odd
    names = draw(st.lists(st.sampled_from(sorted(wrong)), max_size=3, unique=True))
    return facts | {name: draw(wrong[name]) for name in names}


@st.composite
def child_facts(draw: st.DrawFn) -> dict[str, Any]:
    """The whole document, of one track or a few."""
    kinds = draw(
        st.sampled_from([["video", "audio"], ["audio"], ["video"], ["subtitle", "audio", "video", "video", "audio"]])
    )
    seconds = st.floats(0.1, 4000) | ODD_SECONDS
    chapter = st.fixed_dictionaries({"start": seconds, "end": seconds, "title": TEXT})
    return {
        "format": draw(st.sampled_from(["mov,mp4,m4a", "matroska,webm", "mp3", "mpegts", "ogg", "flac", "avi", "wav"])),
        "duration": draw(st.none() | seconds),
        "start": draw(st.none() | st.floats(0, 10) | ODD_SECONDS),
        "stream_count": len(kinds),
        "tags": draw(st.lists(st.tuples(st.sampled_from(["title", "artist", "location"]) | TEXT, TEXT), max_size=3)),
        "chapters": draw(st.lists(chapter, max_size=3)),
        "duration_from": draw(st.sampled_from(["header", "packets", "estimate"])),
        "clock_jumped": False,
        "ended_by": None,
        "streams": [draw(_stream(index, kind)) for index, kind in enumerate(kinds)],
    }
