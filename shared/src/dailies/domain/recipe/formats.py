"""What each audio format means in codecs, bit rates and limits. Tabulated for readers in docs/formats.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dailies.domain.source.channel_layouts import (
    AAC_LAYOUTS,
    MASK_LAYOUTS,
    MAX_KEPT_CHANNELS,
    OPUS_LAYOUTS,
    STEREO_LAYOUTS,
    VORBIS_LAYOUTS,
    Positions,
)

AudioFormat = Literal["mp3", "wav", "ogg", "opus", "m4a", "flac"]
Quality = Literal["low", "medium", "high", "lossless"]

LOSSLESS_FORMATS: frozenset[str] = frozenset({"wav", "flac"})
DEFAULT_QUALITY: Quality = "high"


@dataclass(frozen=True, slots=True)
class Format:
    """``bitrate_kbps`` is of stereo; a channel costs half of it. ``copies``: codecs that the container carries.

    ``layouts``: those that the encoder keeps, in the order of preference.
    """

    name: AudioFormat
    extension: str
    media_type: str
    muxer: str
    encoder: str
    codec: str
    bitrate_kbps: dict[str, int]
    copies: frozenset[str]
    layouts: Positions
    sample_rates_hz: tuple[int, ...] | None  # ascending; None: any rate up to max_sample_rate_hz
    max_sample_rate_hz: int

    @property
    def max_channels(self) -> int:
        return 2 if self.layouts == STEREO_LAYOUTS else MAX_KEPT_CHANNELS


# The MPEG-1/2/2.5 layer III rates (ISO/IEC 11172-3, 13818-3) and those of Opus (RFC 6716, section 2).
_MP3_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
_AAC_RATES = (7350, 8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000)
_OPUS_RATES = (48000,)  # the decoder's clock; a source of another rate is resampled once

FORMATS: dict[str, Format] = {
    "mp3": Format(
        "mp3", "mp3", "audio/mpeg", "mp3", "libmp3lame", "mp3",
        {"low": 96, "medium": 160, "high": 256}, frozenset({"mp3"}), STEREO_LAYOUTS, _MP3_RATES, 48000,
    ),
    "wav": Format(
        "wav", "wav", "audio/wav", "wav", "pcm_s16le", "pcm_s16le",
        {}, frozenset({"pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_u8"}), MASK_LAYOUTS, None, 192000,
    ),
    "ogg": Format(
        "ogg", "ogg", "audio/ogg", "ogg", "libvorbis", "vorbis",
        {"low": 80, "medium": 128, "high": 192}, frozenset({"vorbis"}), VORBIS_LAYOUTS, None, 192000,
    ),
    "opus": Format(
        "opus", "opus", "audio/ogg; codecs=opus", "opus", "libopus", "opus",
        {"low": 48, "medium": 96, "high": 160}, frozenset({"opus"}), OPUS_LAYOUTS, _OPUS_RATES, 48000,
    ),
    "m4a": Format(
        "m4a", "m4a", "audio/mp4", "ipod", "aac", "aac",
        {"low": 96, "medium": 128, "high": 192}, frozenset({"aac", "alac"}), AAC_LAYOUTS, _AAC_RATES, 96000,
    ),
    "flac": Format(
        "flac", "flac", "audio/flac", "flac", "flac", "flac",
        {}, frozenset({"flac"}), MASK_LAYOUTS, None, 192000,
    ),
}  # fmt: skip


def encoded_rate(format_name: str, source_rate_hz: int) -> int:
    """The sample rate that ``format_name`` is encoded at: the source's, or the nearest one the codec has.

    The nearest not below the source's, so that no bandwidth is lost; the codec's highest for sources above it.
    """
    form = FORMATS[format_name]
    if form.sample_rates_hz is None:
        return min(source_rate_hz, form.max_sample_rate_hz)
    return next((rate for rate in form.sample_rates_hz if rate >= source_rate_hz), form.sample_rates_hz[-1])
