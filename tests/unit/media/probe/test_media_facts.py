"""From the child's raw facts to the domain's words, with values no sane file has."""

from __future__ import annotations

import math
import struct
from typing import Any

import pytest
from hypothesis import example, given, strategies as st

from dailies.domain.source.media_info import MediaInfo
from dailies.media.probe.boxes import Boxes, Track
from dailies.media.probe.frame_rates import uneven
from dailies.media.probe.media_facts import coded_bits, media_info, orientation

ONE = 1 << 16


def matrix(a: int, b: int, c: int, d: int) -> bytes:
    return struct.pack("=9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ((ONE, 0, 0, ONE), (0, False)),
        ((0, ONE, -ONE, 0), (90, False)),
        ((-ONE, 0, 0, -ONE), (180, False)),
        ((0, -ONE, ONE, 0), (270, False)),
        ((-ONE, 0, 0, ONE), (180, True)),
        ((ONE, 0, 0, -ONE), (0, True)),
        ((0, ONE, ONE, 0), (90, True)),
        ((0, 0, 0, 0), (0, False)),
        ((ONE, ONE, -ONE, ONE), (0, False)),  # 45°: no player turns by that
        ((2 * ONE, 0, 0, 2 * ONE), (0, False)),
    ],
)
def test_display_matrices(cells: tuple[int, int, int, int], expected: tuple[int, bool]) -> None:
    assert orientation(matrix(*cells)) == expected


@given(st.binary(min_size=36, max_size=36) | st.binary(max_size=50))
def test_any_matrix_is_one_of_eight(cells: bytes) -> None:
    rotation, _ = orientation(cells)
    assert rotation in (0, 90, 180, 270)


@pytest.mark.parametrize(
    ("steps", "tick", "expected"),
    [
        ([0.04] * 50, 1e-5, False),
        ([0.033, 0.034, 0.033] * 20, 0.001, False),  # Matroska's milliseconds
        ([0.12, 0.12] + [0.04] * 50, 1e-5, False),  # a broadcast recording's first frames
        ([0.033, 0.066] * 20, 1e-5, True),
        ([0.04, 0.2], 1e-5, False),
        ([0.0] * 50, 1e-5, False),
        ([], 0.0, False),
    ],
)
def test_uneven_frames(steps: list[float], tick: float, expected: bool) -> None:
    assert uneven(steps, tick) is expected


@pytest.mark.parametrize(
    ("codec", "form", "extradata", "bits"),
    [
        ("pcm_s16le", "s16", "", 16),
        ("pcm_s24be", "s32", "", 24),
        ("pcm_f64le", "dbl", "", 64),
        ("flac", "s32", "1000100000000000000a0ac4417000015888", 24),
        ("flac", "s16", "", 16),
        ("wavpack", "s16p", "", 16),
        ("aac", "fltp", "1210", None),
        ("pcm_mulaw", "s16", "", None),
        ("flac", None, "", None),
    ],
)
def test_bits_of_coded_samples(codec: str, form: str | None, extradata: str, bits: int | None) -> None:
    assert coded_bits(codec, form, extradata) == bits


def video(**changes: Any) -> dict[str, Any]:
    return {
        "index": 0, "type": "video", "codec": "h264", "profile": "High", "language": None, "disposition": 1,
        "decodable": True, "tried": 1, "encrypted": False, "bit_rate": 1000, "packets": 50, "bytes": 5000,
        "counted_seconds": None, "header_start": 0.0, "header_duration": 2.0, "first": 0.0, "end": 2.0,
        "missing_from": None,
        "width": 320, "height": 240, "sample_aspect_ratio": "1/1", "average_rate": "25/1", "guessed_rate": "25/1",
        "interlaced": False, "pixel_format": "yuv420p", "bit_depth": 8, "primaries": 1, "transfer": 1, "matrix": 1,
        "range": 1, "rotation": 0, "display_matrix": None, "side_data": [], "steps": [], "tick": 0.04,
    } | changes  # fmt: skip


def facts(*streams: dict[str, Any], **changes: Any) -> dict[str, Any]:
    defaults = {"format": "mov,mp4", "duration": 2.0, "start": 0.0, "bit_rate": 1, "duration_from": "header"}
    return defaults | {"streams": streams} | changes


def test_old_libav_gives_the_angle_only() -> None:
    """PyAV counts anticlockwise; INT_MIN was seen in a real file."""
    assert media_info(facts(video(rotation=-90)), None, 1).video[0].rotation == 90
    assert media_info(facts(video(rotation=-(2**31))), None, 1).video[0].rotation in (0, 90, 180, 270)


@pytest.mark.parametrize("ratio", ["0/1", "1/1000", "1000/1", None, "1/0"])
def test_nonsense_sample_aspect_ratios_are_square(ratio: str | None) -> None:
    assert media_info(facts(video(sample_aspect_ratio=ratio)), None, 1).video[0].width == 320


def test_a_counted_rate_beats_a_guessed_one() -> None:
    counted = video(counted_seconds=2.0, average_rate=None, guessed_rate="1000/1", packets=60, header_duration=None)
    info = media_info(facts(counted, duration_from="packets", format="matroska,webm"), None, 1)
    assert info.video[0].frame_rate == "30/1"


def test_values_that_are_no_numbers_are_dropped() -> None:
    lying = video(
        first=math.nan,
        end=math.inf,
        header_duration=math.inf,
        header_start=math.nan,
        steps=[[math.nan, 3], [0.04, 10**12]],
    )
    info = media_info(facts(lying, duration=math.nan, start=math.inf), None, 1)
    assert info.duration_seconds is None


def test_dolby_vision_is_told_by_the_boxes_or_by_the_frame() -> None:
    boxes = Boxes(tracks=(Track("hvc1", dolby_vision_profile=5),))
    by_box = media_info(facts(video()), boxes, 1).video[0]
    assert (by_box.hdr, by_box.dolby_vision_profile) == ("dolby_vision", 5)
    assert media_info(facts(video(side_data=["DOVI_METADATA"])), None, 1).video[0].hdr == "dolby_vision"


def test_what_is_cut_short_by_budget_is_estimated_from_the_size() -> None:
    streams = video(first=0.0, end=10.0, bytes=1000)
    info = media_info(facts(streams, duration_from="estimate", duration=None), None, 5000)
    assert info.duration_seconds == pytest.approx(50.0)


def test_a_stream_that_can_not_be_decoded_is_still_listed() -> None:
    audio = {k: v for k, v in video(type="audio", codec=None, decodable=False).items() if k != "width"}
    info = media_info(facts(audio), None, 1)
    assert (info.audio[0].codec, info.audio[0].decodable, info.audio[0].channels) == ("unknown", False, 0)


@pytest.mark.parametrize(
    ("language", "kept"), [("deu", "deu"), ("und", None), ("pt-BR", "pt-BR"), ("$(id)", None), ("", None)]
)
def test_languages_are_tags_or_nothing(language: str, kept: str | None) -> None:
    assert media_info(facts(video(type="audio", language=language)), None, 1).audio[0].language == kept


NUMBERS = st.none() | st.integers(-(2**63), 2**63) | st.floats() | st.sampled_from([0.0, -0.0, 1e-300, 1e300, -1.7e308])
COUNTS = st.integers(0, 2**31) | st.sampled_from([0, 1, 2**31 - 1])
RATIOS = st.none() | st.builds("{}/{}".format, st.integers(-(2**31), 2**31), st.integers(-(2**31), 2**31))
TIMES = dict.fromkeys(
    ("first", "end", "header_start", "header_duration", "counted_seconds", "missing_from", "duration", "start"), NUMBERS
)
ODD: dict[str, st.SearchStrategy[Any]] = {
    **TIMES,
    **dict.fromkeys(("width", "height", "bytes", "packets", "sample_rate", "channels", "bit_depth"), COUNTS),
    **dict.fromkeys(("primaries", "transfer", "matrix", "range", "disposition"), st.integers(0, 2**31)),
    **dict.fromkeys(("sample_aspect_ratio", "average_rate", "guessed_rate"), RATIOS),
    "rotation": st.integers(-(2**31), 2**31) | st.floats(),
    "display_matrix": st.none() | st.binary(max_size=40).map(bytes.hex),
    "bit_rate": st.none() | st.integers(-(2**63), 2**63),
    "tick": st.floats(0, 1e9),
    "steps": st.lists(st.tuples(st.floats(), st.integers(0, 10**9)), max_size=8),
    "codec": st.none() | st.text(max_size=8),
    "layout": st.none() | st.text(max_size=8),
    "extradata": st.binary(max_size=20).map(bytes.hex),
    "language": st.none() | st.text(max_size=8),
    "type": st.sampled_from(["audio", "video"]),
    "duration_from": st.sampled_from(["header", "packets", "estimate"]),
}


@example({"first": 0.0, "end": 1e-300, "bytes": 2**31, "duration_from": "packets"}, 1)
@example({"first": -1.7e308, "end": 1.7e308, "duration_from": "packets"}, 1)
@given(st.fixed_dictionaries({}, optional=ODD), st.integers(0, 2**40))
def test_any_values_are_facts(odd: dict[str, Any], size: int) -> None:
    """And facts that can be written down and read again: what libav says of a hostile file is anything."""
    whole = {key: odd[key] for key in ("duration", "start", "duration_from") if key in odd}
    info = media_info(facts(video(**odd), **whole), None, size)
    assert MediaInfo.model_validate_json(info.model_dump_json()) == info
