"""What each codec does to loudness and to true peak, as far as it can be known before the first encode.

Measured by benchmarks/codec_headroom.py on speech, music and noise behind the limiter. The table is where a search
starts, not what it trusts: a pilot encode of the programme itself replaces both figures (domain/loudness/levelling.py).
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CodecEffect:
    """``shift_lu``: loudness after minus before. ``peak_db``: true peak of the decoded file over the limiter's
    sample ceiling, typical; ``least_peak_db``: headroom that is kept however well a pilot did. ``steady``: of
    recordings, not of noise, the shift is the table's to within a tenth of a LU."""

    shift_lu: float
    peak_db: float
    least_peak_db: float
    lossless: bool = False
    steady: bool = False


_LOSSLESS = CodecEffect(0.0, 0.3, 0.2, lossless=True)


def codec_effect(codec: str, bitrate_bps: int | None, channels: int) -> CodecEffect:
    """The effect of ``codec`` (FFmpeg's codec name) at a bit rate; None: the codec's quality mode, or lossless."""
    if codec in {"flac", "alac"} or codec.startswith("pcm_"):
        return _LOSSLESS
    kbps = (bitrate_bps or 64_000 * channels) / 1000 / max(channels, 1)  # per channel
    if codec == "mp3":
        return CodecEffect(_lame_shift(bitrate_bps), 0.8 if kbps < 72 else 0.5, 0.3)
    if codec == "aac":
        # FFmpeg's two-loop coder has a burst of 2 dB about once a minute at 64 kbit/s a channel, and none at 96:
        # too rare for a pilot, so the headroom stays whatever the pilot says.
        if kbps < 56:
            return CodecEffect(-0.04, 3.2, 3.0)
        return CodecEffect(-0.04, 2.9, 2.8) if kbps < 80 else CodecEffect(-0.04, 0.9, 0.8, steady=True)
    if codec == "opus":
        return CodecEffect(-0.25, 1.0, 0.8) if kbps < 40 else CodecEffect(0.0, 0.7, 0.5)
    return CodecEffect(-0.05, 1.2, 1.0)  # Vorbis, and codecs that only a stream copy meets


def _lame_shift(bitrate_bps: int | None) -> float:
    """LAME scales what it encodes by the row of its table that is nearest to the bit rate, whatever the channels.

    The column ``scale`` of presets.c, apply_abr_preset; its quality modes (no bit rate) don't scale.
    """
    if bitrate_bps is None:
        return 0.0
    scale = next(
        (scale for most, scale in ((176_000, 0.95), (208_000, 0.97), (240_000, 0.98)) if bitrate_bps < most), 1.0
    )
    return 20 * math.log10(scale)
