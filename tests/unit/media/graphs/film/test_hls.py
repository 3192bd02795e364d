"""Playlists: read, measured, written, and refused when a player would stumble."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from dailies.media.graphs.film.hls import (
    Playlist,
    Segment,
    Variant,
    h264_codec,
    least_target,
    read_master,
    read_playlist,
    write_master,
    write_playlist,
)


def playlist(*segments: tuple[float, int], target: int = 6) -> Playlist:
    found, offset = [], 800
    for seconds, size in segments:
        found.append(Segment(seconds, size, offset))
        offset += size
    return Playlist("720p.mp4", 800, tuple(found), target)


TEXT = """#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:6
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MAP:URI="720p.mp4",BYTERANGE="800@0"
#EXTINF:6.006000,
#EXT-X-BYTERANGE:3000@800
720p.mp4
#EXTINF:2.002000,
#EXT-X-BYTERANGE:500@3800
720p.mp4
#EXT-X-ENDLIST
"""


def test_a_playlist_is_read_as_it_was_written() -> None:
    """Both ways the same."""
    known = playlist((6.006, 3000), (2.002, 500))
    assert read_playlist(TEXT) == known
    assert write_playlist(known) == TEXT
    assert known.starts == [0.0, 6.006]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("#EXT-X-ENDLIST\n", ""),
        ("500@3800", "500@3900"),
        ("500@3800\n720p.mp4", "500@3800\nother.mp4"),
        ('BYTERANGE="800@0"', 'BYTERANGE="800@9"'),
        ("#EXT-X-TARGETDURATION:6\n", ""),
    ],
)  # fmt: skip
def test_a_playlist_with_a_hole_is_none(old: str, new: str) -> None:
    """Without its end, with bytes missing between segments, of two files, without a target."""
    assert old in TEXT
    with pytest.raises(ValueError, match=r"playlist|segment"):
        read_playlist(TEXT.replace(old, new))


@given(st.lists(st.tuples(st.floats(0.02, 12), st.integers(1, 10**7)), min_size=1, max_size=30))
def test_the_target_is_the_least_that_no_segment_passes(segments: list[tuple[float, int]]) -> None:
    """Rounded to whole seconds, as RFC 8216 4.3.3.1 compares them; the peak is no less than the average."""
    known = playlist(*segments)
    target = least_target(known.segments)
    assert all(int(segment.seconds + 0.5) <= target for segment in known.segments)
    assert target == 1 or any(int(segment.seconds + 0.5) == target for segment in known.segments)
    assert known.peak_bps >= known.average_bps


def test_the_peak_is_of_neighbours_that_last_about_a_target() -> None:
    """A short last segment (1 s of 6) is no peak by itself: a player has it together with the one before."""
    known = playlist((6, 6000), (6, 12000), (1, 8000))
    assert known.average_bps == 8 * 26000 / 13
    assert known.peak_bps == 8 * 20000 / 7


def test_a_master_lists_what_a_player_chooses_by() -> None:
    """Rates, codecs, size and the audio group; read back for verification."""
    variant = Variant("720p.m3u8", 2_958_778, 2_941_880, "avc1.64001F,mp4a.40.2", 1280, 720, 30000 / 1001)
    mute = Variant("360p.m3u8", 10, 9, "avc1.64001E", 640, 360, None)
    text = write_master([variant], "audio.m3u8", 2)
    assert text == (
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n"
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Audio",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="audio.m3u8"\n'
        '#EXT-X-STREAM-INF:BANDWIDTH=2958778,AVERAGE-BANDWIDTH=2941880,CODECS="avc1.64001F,mp4a.40.2",'
        'RESOLUTION=1280x720,FRAME-RATE=29.970,AUDIO="audio"\n720p.m3u8\n'
    )
    variants, others = read_master(text)
    assert variants["720p.m3u8"]["CODECS"] == "avc1.64001F,mp4a.40.2"
    assert others == ["audio.m3u8"]
    assert read_master(write_master([mute], None, 0)) == (
        {"360p.m3u8": {"BANDWIDTH": "10", "AVERAGE-BANDWIDTH": "9", "CODECS": "avc1.64001E", "RESOLUTION": "640x360"}},
        [],
    )


def test_the_codec_is_read_from_the_file() -> None:
    """High profile, level 4.0; a header without it is a bug."""
    assert h264_codec(b"....avcC\x01\x64\x00\x28\xff") == "avc1.640028"
    with pytest.raises(ValueError, match=r"no H\.264"):
        h264_codec(b"....hvcC\x01\x64\x00\x28\xff")
