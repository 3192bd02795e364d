"""Advice: by what was measured of a source, with a reason that is true of it."""

from __future__ import annotations

from typing import Any

import pytest

from dailies.domain.recipe.advice import advise
from dailies.domain.source.media_info import AudioStream, MediaInfo, VideoStream
from dailies.services.create_upload import wanted_recipe


def sound(**changes: Any) -> AudioStream:
    known: dict[str, Any] = {
        "index": 1, "track": 0, "codec": "aac", "sample_rate_hz": 48000, "channels": 2, "layout": "stereo",
        "bitrate_bps": 96_000, "duration_seconds": 600.0,
    }  # fmt: skip
    return AudioStream(**{**known, **changes})


def film(**changes: Any) -> VideoStream:
    known: dict[str, Any] = {
        "index": 0, "track": 0, "codec": "h264", "coded_width": 1280, "coded_height": 720, "width": 1280, "height": 720,
        "frame_rate": "25/1", "duration_seconds": 600.0,
    }  # fmt: skip
    return VideoStream(**{**known, **changes})


def source(audio: tuple[AudioStream, ...] = (), video: tuple[VideoStream, ...] = (), seconds: float = 600) -> MediaInfo:
    known: dict[str, Any] = {"container": "mp4", "duration_from": "header", "size_bytes": 10_000_000}
    return MediaInfo(**known, duration_seconds=seconds, audio=audio, video=video)


EVERY = [
    source(audio=(sound(),)),
    source(audio=(sound(codec="pcm_s16le", bits_per_sample=16, bitrate_bps=1_536_000),)),
    source(audio=(sound(codec="opus", bitrate_bps=None, channels=6, layout="5.1"),)),
    source(video=(film(),)),
    source(audio=(sound(),), video=(film(hdr="hlg", codec="hevc", width=3840, height=2160),)),
    source(audio=(sound(),), video=(film(interlaced=True, codec="mpeg2video", width=720, height=576),), seconds=20),
    source(),
]


@pytest.mark.parametrize("loudness", [None, -16.4, -23.0, -9.0, float("-inf")])
@pytest.mark.parametrize("info", EVERY)
def test_every_advice_is_a_recipe(info: MediaInfo, loudness: float | None) -> None:
    """It can be handed over as it is, has a reason of one sentence, and no two are the same."""
    found = advise(info, loudness)
    for each in found:
        wanted_recipe({"outputs": {"output": dict(each.output)}})
        assert each.reason.endswith(".")
        assert "inf" not in each.reason
        assert each.size_bytes is None or each.size_bytes > 0
    outputs = [dict(each.output) for each in found]
    assert all(outputs.count(output) == 1 for output in outputs)
    assert {output["kind"] for output in outputs} <= {"audio", "video", "abr"}


def test_no_more_bits_than_the_source_has() -> None:
    """96 kbit/s stay with the MP3 of that rate, and mono has half of it; a lossless source gets all."""
    for stream, quality, size in [
        (sound(), "low", 600 * 96_000 // 8),
        (sound(bitrate_bps=130_000), "medium", 600 * 160_000 // 8),
        (sound(bitrate_bps=500_000), "high", 600 * 256_000 // 8),
        (sound(channels=1, layout="mono", bitrate_bps=64_000), "medium", 600 * 80_000 // 8),
        (sound(codec="pcm_s16le", bits_per_sample=16, bitrate_bps=1_536_000), "high", 600 * 256_000 // 8),
    ]:
        [first, *others] = advise(source(audio=(stream,)), None)
        assert (first.output["format"], first.output["quality"], first.size_bytes) == ("mp3", quality, size)
        assert any(each.output["format"] == "flac" for each in others) is (stream.bits_per_sample is not None)


def test_what_is_too_quiet_is_levelled_and_what_is_right_is_left() -> None:
    """By a LU: nobody hears less between two programmes."""
    info = source(audio=(sound(),))
    for loudness, words in [(-23.4, "7.4 LU quieter"), (-9.0, "7.0 LU louder")]:
        first = advise(info, loudness)[0]
        assert first.output["normalize"] == {"integrated_lufs": -16}
        assert words in first.reason
    for right in (-15.1, -16.9, None):
        assert "normalize" not in advise(info, right)[0].output


def test_a_film_comes_as_every_screen_shows_it() -> None:
    """HDR tone-mapped, fields woven, not more than 1080 lines; and a ladder for what is worth one."""
    [made, ladder, *_] = advise(source(video=(film(hdr="pq", codec="hevc", width=3840, height=2160),)), None)
    assert made.output == {"kind": "video", "hdr": "tonemap", "quality": "medium", "height": 1080}
    assert ladder.output == {"kind": "abr", "hdr": "tonemap"}
    [woven] = advise(source(video=(film(interlaced=True, codec="mpeg2video", height=576),), seconds=20), None)
    assert woven.output == {"kind": "video", "quality": "medium"}
    assert "fields" in woven.reason


def test_what_is_right_already_is_copied() -> None:
    """H.264 pictures, and AAC sound into M4A: with the size that they have."""
    [pictures, _, _, copied, _] = advise(source(audio=(sound(),), video=(film(),)), -23.0)
    assert (pictures.output, pictures.size_bytes) == ({"kind": "video"}, 10_000_000)
    assert (copied.output, copied.size_bytes) == ({"kind": "audio", "format": "m4a"}, 7_200_000)
    assert "stays at -23.0 LUFS" in copied.reason
