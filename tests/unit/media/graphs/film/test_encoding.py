"""Qualities as encoder arguments."""

from __future__ import annotations

import pytest

from dailies.domain.source.media_info import AudioStream
from dailies.media.graphs.film.encoding import AudioEncoding, audio_encoding, sample_bits, video_arguments
from tests.selections import selection_of


def stream(rate: int = 48_000, bits: int | None = None) -> AudioStream:
    codec = "aac" if bits is None else "pcm_s24le"
    return AudioStream(
        index=0, track=0, codec=codec, sample_rate_hz=rate, channels=2, layout="stereo", bits_per_sample=bits
    )


def arguments(name: str, quality: str, channels: int = 2, rate: int = 48_000, bits: int | None = None) -> str:
    return " ".join(
        audio_encoding(name, quality, stream(rate, bits), selection_of(0, channels), processed=True).arguments()
    )


@pytest.mark.parametrize(
    ("name", "quality", "channels", "expected"),
    [
        ("mp3", "low", 2, "-c:a libmp3lame -b:a 96000 -ar 48000"),
        ("mp3", "high", 2, "-c:a libmp3lame -b:a 256000 -ar 48000"),
        ("mp3", "high", 1, "-c:a libmp3lame -b:a 128000 -ar 48000"),
        ("m4a", "medium", 2, "-c:a aac -b:a 128000 -ar 48000"),
        ("m4a", "high", 6, "-c:a aac -b:a 576000 -ar 48000"),
        ("opus", "low", 1, "-c:a libopus -b:a 32000 -ar 48000"),
        ("opus", "high", 2, "-c:a libopus -b:a 160000 -ar 48000"),
        ("ogg", "low", 2, "-c:a libvorbis -q:a 2 -ar 48000"),
        ("ogg", "medium", 2, "-c:a libvorbis -q:a 4 -ar 48000"),
        ("ogg", "high", 6, "-c:a libvorbis -q:a 6 -ar 48000"),
        ("wav", "low", 2, "-c:a pcm_s16le -rf64 auto -ar 48000"),
        ("wav", "high", 2, "-c:a pcm_s16le -rf64 auto -ar 48000"),
        ("flac", "high", 2, "-c:a flac -sample_fmt s16 -ar 48000"),
    ],
)
def test_each_quality_is_its_documented_encoding(name: str, quality: str, channels: int, expected: str) -> None:
    """docs/formats.md in encoder arguments; a channel costs half of stereo."""
    assert arguments(name, quality, channels) == expected


@pytest.mark.parametrize("quality", ["low", "medium", "high"])
def test_vorbis_quality_survives_mono(quality: str) -> None:
    """The mode is found again from the rate, whatever the channels are."""
    stereo = arguments("ogg", quality)
    assert arguments("ogg", quality, channels=1) == stereo


def test_mp3_at_low_sample_rates_stays_within_its_standard() -> None:
    """MPEG-2 layer III ends at 160 kbit/s."""
    assert arguments("mp3", "high", rate=22_050) == "-c:a libmp3lame -b:a 160000 -ar 22050"


@pytest.mark.parametrize(
    ("name", "quality", "bits", "expected"),
    [
        ("wav", "high", 24, "-c:a pcm_s24le -rf64 auto -ar 48000"),
        ("wav", "low", 24, "-c:a pcm_s16le -rf64 auto -ar 48000"),
        ("flac", "lossless", 24, "-c:a flac -sample_fmt s32 -ar 48000"),
        ("flac", "lossless", 16, "-c:a flac -sample_fmt s16 -ar 48000"),
    ],
)
def test_lossless_formats_keep_the_depth(name: str, quality: str, bits: int, expected: str) -> None:
    """No fewer bits than the source has, unless a lower quality is asked."""
    assert arguments(name, quality, bits=bits) == expected


@pytest.mark.parametrize(
    ("bits", "quality", "processed", "expected"),
    [
        (None, "high", False, 16),
        (None, "lossless", False, 16),
        (8, "lossless", False, 16),
        (24, "high", True, 24),
        (24, "medium", False, 16),
        (32, "lossless", False, 32),
        (32, "lossless", True, 24),
        (32, "high", False, 24),
    ],
)
def test_sample_bits(bits: int | None, quality: str, processed: bool, expected: int) -> None:
    """Float stays float only where no sample is touched; a lossy source has no depth of its own."""
    assert sample_bits(stream(bits=bits), quality, processed=processed) == expected


def test_a_copy_has_no_encoder() -> None:
    """Packets are passed on as they are."""
    copied = AudioEncoding(format="m4a", codec="aac", copied=True, sample_rate_hz=44_100, channels=2)
    assert copied.arguments() == ["-c:a", "copy"]


def test_video_is_what_everything_plays() -> None:
    """H.264 High 4:2:0 with its colour tagged; as many threads on every machine, as the bytes depend on them."""
    golden = (
        "-c:v libx264 -preset fast -crf 23 -profile:v high -pix_fmt yuv420p"
        " -color_primaries bt709 -color_trc bt709 -colorspace bt709 -color_range tv -fpsmax 60 -threads:v 6"
    )
    assert " ".join(video_arguments("medium")) == golden
    assert "-crf 28" in " ".join(video_arguments("low"))
    assert "-crf 18" in " ".join(video_arguments("high"))
