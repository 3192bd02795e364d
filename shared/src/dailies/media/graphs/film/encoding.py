"""From a format and a quality to encoder arguments: pure tables, one place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from dailies.domain.model import Model
from dailies.domain.recipe.formats import FORMATS, encoded_rate
from dailies.domain.source.audio_selection import AudioSelection
from dailies.domain.source.media_info import AudioStream

# libvorbis -q:a per quality: its nominal stereo rates are 96, 128 and 192 kbit/s (Vorbis I encoder guide).
_VORBIS_QUALITY = {"low": 2, "medium": 4, "high": 6}
# x264's constant rate factor: 18 is called visually lossless, 23 is its default (x264 --fullhelp).
VIDEO_CRF = {"low": 28, "medium": 23, "high": 18}
VIDEO_PRESET = "fast"
#: x264 makes other bytes with other threads. A number of its own makes them the same on every machine; six is the
#: fewest that keeps eight processors busy, and on two it is quicker than FFmpeg's own choice of three.
ENCODER_THREADS = 6
#: Frames per second: a source that claims a thousand must not become as many.
MAX_RATE = 60
# Below this an encoder gives up on stereo or refuses; it is what a mono low-quality stream gets.
_MIN_BITRATE_KBPS = 32


class AudioEncoding(Model):
    """How an audio stream is written. ``arguments`` follow the output's ``-map``."""

    format: str
    codec: str
    copied: bool
    bitrate_bps: int | None = None
    sample_rate_hz: int
    channels: int
    layout: str | None = None
    """Of the channels, as FFmpeg names it; None of a copy, which has what it has."""
    sample_bits: Literal[16, 24, 32] | None = None

    def arguments(self) -> list[str]:
        """FFmpeg's output options for the audio codec."""
        if self.copied:
            return ["-c:a", "copy"]
        rate = ["-ar", str(self.sample_rate_hz)]
        if self.codec == "vorbis":
            # Managed bit rates fail at low sample rates; quality mode adapts to rate and channels.
            quality = next(q for q, b in FORMATS["ogg"].bitrate_kbps.items() if b * 1000 == self._stereo_bps())
            return ["-c:a", "libvorbis", "-q:a", str(_VORBIS_QUALITY[quality]), *rate]
        if self.codec == "flac":
            # s32 is written as 24 bit: the encoder's widest lossless integer depth.
            return ["-c:a", "flac", "-sample_fmt", "s16" if self.sample_bits == 16 else "s32", *rate]
        if self.codec.startswith("pcm_"):
            # Past 4 GiB a RIFF header can't hold the size: RF64 takes over (EBU Tech 3306).
            return ["-c:a", self.codec, "-rf64", "auto", *rate]
        encoder = {"mp3": "libmp3lame", "opus": "libopus", "aac": "aac"}[self.codec]
        return ["-c:a", encoder, "-b:a", str(self.bitrate_bps), *rate]

    def _stereo_bps(self) -> int:
        return round((self.bitrate_bps or 0) * 2 / self.channels) if self.channels else 0


def audio_encoding(
    format_name: str, quality: str, stream: AudioStream, selection: AudioSelection, *, processed: bool
) -> AudioEncoding:
    """The encoding for ``quality`` of ``stream`` in the channels of ``selection``.

    ``processed`` says that samples are changed on the way (gain, downmix), so that float sources
    need no float output.
    """
    channels, layout = selection.channels, selection.layout
    form = FORMATS[format_name]
    rate = encoded_rate(format_name, stream.sample_rate_hz)
    if format_name in ("wav", "flac"):
        bits = sample_bits(stream, quality, processed=processed)
        if format_name == "flac":
            return AudioEncoding(
                format=format_name, codec="flac", copied=False, sample_rate_hz=rate,
                channels=channels, layout=layout, sample_bits=16 if bits == 16 else 24,
            )  # fmt: skip
        codec = {16: "pcm_s16le", 24: "pcm_s24le", 32: "pcm_f32le"}[bits]
        return AudioEncoding(
            format=format_name, codec=codec, copied=False, sample_rate_hz=rate,
            channels=channels, layout=layout, sample_bits=bits,
        )  # fmt: skip
    per_stereo = form.bitrate_kbps[quality]
    kbps = max(_MIN_BITRATE_KBPS, per_stereo * channels // 2)
    if format_name == "mp3" and rate < 32000:
        kbps = min(kbps, 160)  # MPEG-2 layer III ends there (ISO/IEC 13818-3, table of bit rates)
    return AudioEncoding(
        format=format_name, codec=form.codec, copied=False, bitrate_bps=kbps * 1000,
        sample_rate_hz=rate, channels=channels, layout=layout,
    )  # fmt: skip


def sample_bits(stream: AudioStream, quality: str, *, processed: bool) -> Literal[16, 24, 32]:
    """Bits of an uncompressed or FLAC sample: no fewer than the source has, for high and lossless.

    A lossy source has no depth of its own: 16 bits hold all that it promises.
    """
    if quality in ("low", "medium"):
        return 16
    source_bits = stream.bits_per_sample or 16
    if quality == "lossless" and not processed and source_bits == 32:
        return 32
    return 24 if source_bits > 16 else 16


def video_arguments(quality: str | int, preset: str = VIDEO_PRESET) -> list[str]:
    """FFmpeg's output options for H.264 that every browser and phone plays. A ``quality`` in digits is the CRF."""
    return [
        "-c:v", "libx264",
        "-preset", preset,
        "-crf", str(VIDEO_CRF[quality] if isinstance(quality, str) else quality),
        "-profile:v", "high",
        "-pix_fmt", "yuv420p",
        # The tags that players go by; without them SD and HD matrices are guessed from the size.
        "-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709", "-color_range", "tv",
        "-fpsmax", str(MAX_RATE),
        "-threads:v", str(ENCODER_THREADS),
    ]  # fmt: skip


def keywords(options: Sequence[str]) -> dict[str, str]:
    """Options in pairs (``-crf 18``) as ffmpeg-python takes them: ``{"crf": "18"}``."""
    return {name.removeprefix("-"): value for name, value in zip(options[::2], options[1::2], strict=True)}
