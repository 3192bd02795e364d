"""Which channels an output gets from a track."""

from __future__ import annotations

import pytest

from dailies.domain.source.audio_selection import Window, mean_of, select_audio
from dailies.domain.source.channel_layouts import AAC_LAYOUTS, STEREO_LAYOUTS, VORBIS_LAYOUTS
from dailies.domain.source.media_info import AudioStream


def track(channels: int, layout: str | None = None) -> AudioStream:
    return AudioStream(index=3, track=0, codec="pcm_s16le", sample_rate_hz=48_000, channels=channels, layout=layout)


@pytest.mark.parametrize(
    ("channels", "wanted", "kept", "layout", "mixed"),
    [
        (1, None, VORBIS_LAYOUTS, "mono", False),
        (2, None, STEREO_LAYOUTS, "stereo", False),
        (6, None, VORBIS_LAYOUTS, "5.1", False),
        (8, None, AAC_LAYOUTS, "7.1", False),
        (6, None, STEREO_LAYOUTS, "stereo", True),
        (6, 1, VORBIS_LAYOUTS, "mono", True),
        (6, 2, VORBIS_LAYOUTS, "stereo", True),
        (2, 1, STEREO_LAYOUTS, "mono", True),
        (1, 2, STEREO_LAYOUTS, "stereo", True),
        (16, None, VORBIS_LAYOUTS, "stereo", True),
        (16, 1, VORBIS_LAYOUTS, "mono", True),
    ],
)
def test_channels_are_kept_or_mixed(
    channels: int, wanted: int | None, kept: tuple[str, ...], layout: str, mixed: bool
) -> None:
    """As many as asked for, else the source's as far as the format carries them."""
    found = select_audio(track(channels), kept, wanted)
    assert (found.layout, found.matrix is not None) == (layout, mixed)
    assert (found.source_channels, found.stream, found.sample_rate_hz) == (channels, 3, 48_000)


def test_channels_without_a_meaning_go_left_and_right() -> None:
    """Odd ones left, even ones right, at equal parts."""
    found = select_audio(track(10, "10 channels"), VORBIS_LAYOUTS)
    assert found.matrix == ((0.2, 0.0) * 5, (0.0, 0.2) * 5)


def test_the_shape_of_a_track_is_the_mean_of_its_channels() -> None:
    """LFE and all: nothing is weighted."""
    assert mean_of(track(2)).matrix == ((0.5, 0.5),)
    assert mean_of(track(8, "7.1")).matrix == ((0.125,) * 8,)
    assert mean_of(track(1)).matrix is None


def test_a_window_is_whole_until_it_is_cut() -> None:
    """Only the whole source may be copied."""
    assert Window().whole
    assert not Window(start=0.5).whole
    assert not Window(end=3).whole
