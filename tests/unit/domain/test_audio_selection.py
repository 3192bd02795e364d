"""Which channels an output gets from a track."""

from __future__ import annotations

import pytest

from dailies.domain.audio_selection import Window, select_audio
from dailies.domain.media_info import AudioStream


def track(channels: int) -> AudioStream:
    return AudioStream(index=3, track=0, codec="pcm_s16le", sample_rate_hz=48_000, channels=channels, layout=None)


@pytest.mark.parametrize(
    ("channels", "wanted", "limit", "mapping", "result"),
    [
        (1, None, 8, "source", 1),
        (2, None, 2, "source", 2),
        (6, None, 8, "source", 6),
        (8, None, 8, "source", 8),
        (6, None, 2, "stereo", 2),
        (6, 1, 8, "mono", 1),
        (6, 2, 8, "stereo", 2),
        (2, 1, 2, "mono", 1),
        (1, 2, 2, "stereo", 2),
        (16, None, 8, "spread", 2),
        (16, 2, 8, "spread", 2),
        (16, 1, 8, "spread", 1),
        (6, None, 1, "mono", 1),
    ],
)
def test_channels_are_kept_or_mixed(channels: int, wanted: int | None, limit: int, mapping: str, result: int) -> None:
    """As many as asked for, else the source's as far as the format carries them; over eight become stereo."""
    found = select_audio(track(channels), wanted, limit)
    assert (found.mapping, found.channels, found.source_channels, found.stream) == (mapping, result, channels, 3)


def test_a_window_is_whole_until_it_is_cut() -> None:
    """Only the whole source may be copied."""
    assert Window().whole
    assert not Window(start=0.5).whole
    assert not Window(end=3).whole
