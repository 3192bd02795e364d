"""Where a film is divided: every moment in one chunk, joints that don't move with the trim."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from dailies.domain.edit.chunking import chunk_windows, reason_for_one_piece
from dailies.domain.source.audio_selection import Window
from dailies.domain.source.media_info import AudioStream, MediaInfo, VideoStream

LENGTH = 45.0
VIDEO = VideoStream(
    index=0, track=0, codec="h264", coded_width=16, coded_height=16, width=16, height=16, frame_rate="25/1"
)
AUDIO = AudioStream(
    index=1, track=0, codec="aac", sample_rate_hz=48000, channels=2, layout="stereo", duration_seconds=50
)
INFO = MediaInfo(
    container="mp4", duration_seconds=600, duration_from="header", size_bytes=1, video=(VIDEO,), audio=(AUDIO,)
)
moments = st.floats(0, 20_000, allow_nan=False)


@given(moments, st.floats(0.01, 20_000), st.booleans())
def test_chunks_cover_the_window_once(start: float, length: float, open_end: bool) -> None:
    """They begin and end with it, each where the one before ended, none very short or long."""
    end = start + length
    window = Window(start=start, end=None if open_end else end)
    chunks = chunk_windows(window, end, LENGTH)
    assert (chunks[0].start, chunks[-1].end) == (window.start, window.end)
    for before, after in pairwise(chunks):
        assert before.end == after.start
    limits = [chunks[0].start, *(chunk.end if chunk.end is not None else end for chunk in chunks)]
    lengths = [b - a for a, b in pairwise(limits)]
    assert max(lengths) <= LENGTH * 5 / 3 + 1e-3
    assert len(chunks) == 1 or min(lengths) >= LENGTH / 3 - 1e-3


@given(moments, moments)
def test_a_moved_trim_keeps_the_chunks_in_the_middle(one: float, other: float) -> None:
    """Joints are the source's: two trims of it have the same ones, where both have any."""
    first, second = (set(chunk_windows(Window(start=start), 30_000, LENGTH)[1:]) for start in (one, other))
    assert min(first, second, key=len) <= max(first, second, key=len)


def test_joints_are_where_they_are_said_to_be() -> None:
    """A first or last piece of under 15 s belongs to its neighbour."""
    assert chunk_windows(Window(start=0), 100, LENGTH) == (Window(end=45), Window(start=45))
    assert chunk_windows(Window(start=40, end=130), 600, LENGTH) == (
        Window(start=40, end=90),
        Window(start=90, end=130),
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"container": "mpegts"}, "mpegts can't be sought reliably"),
        ({"duration_from": "estimate"}, "the length of the source is an estimate"),
        ({"duration_seconds": None}, "the length of the source is an estimate"),
    ],
)
def test_what_is_not_divided_says_why(change: dict[str, object], reason: str) -> None:
    """The reason is the certificate's."""
    assert reason_for_one_piece(INFO.model_copy(update=change), VIDEO, None, Window()) == reason


def test_streams_that_are_not_divided() -> None:
    """No frame rate, no ticks; no sound in the window, no sound step."""
    unknown = VIDEO.model_copy(update={"frame_rate": None})
    assert reason_for_one_piece(INFO, unknown, None, Window()) == "the frame rate of the source is unknown"
    assert reason_for_one_piece(INFO, VIDEO, 1, Window(start=60)) == "the audio ends before the part that was asked for"
    assert reason_for_one_piece(INFO, VIDEO, 1, Window(start=40)) is None
