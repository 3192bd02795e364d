"""The copy of a source of joined parts."""

from __future__ import annotations

from dailies.domain.source.media_info import AudioStream, MediaInfo, VideoStream
from dailies.media.graphs.film.straightening import straight_arguments


def test_every_track_keeps_its_number() -> None:
    """A stream that is no track, or can't be decoded, has another in its place; PCM is in a form that all have."""
    sound = AudioStream(index=4, track=0, codec="pcm_bluray", sample_rate_hz=48_000, channels=2, layout="stereo")
    film = VideoStream(index=1, track=0, codec="h264", coded_width=64, coded_height=36, width=64, height=36)
    lost = film.model_copy(update={"index": 2, "track": 1, "decodable": False})
    info = MediaInfo(
        container="mpegts",
        duration_seconds=6,
        duration_from="packets",
        size_bytes=1,
        audio=(sound,),
        video=(film, lost),
    )
    words = " ".join(straight_arguments(info, "straight.nut"))
    assert words == (
        "-fflags +genpts -i file:source -c copy -map 0:1 -map 0:1 -map 0:1 -map 0:1 -map 0:4 -c:4 pcm_s24le"
        " -map_metadata -1 -fflags +bitexact -f nut file:straight.nut"
    )
