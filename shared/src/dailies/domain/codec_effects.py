"""What each codec does to loudness and to true peak, as far as it can be known before the first encode.

Measured by benchmarks/codec_headroom.py on speech, music and noise behind the limiter. The table is where a search
starts, not what it trusts: a pilot encode of the programme itself replaces both figures (domain/levelling.py).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CodecEffect:
    """``shift_lu``: loudness after minus before. ``peak_db``: true peak of the decoded file over the limiter's
    sample ceiling, typical; ``least_peak_db``: headroom that is kept however well a pilot did."""

    shift_lu: float
    peak_db: float
    least_peak_db: float
    lossless: bool = False


_LOSSLESS = CodecEffect(0.0, 0.3, 0.2, lossless=True)


def codec_effect(codec: str, bitrate_bps: int | None, channels: int) -> CodecEffect:
    """The effect of ``codec`` (FFmpeg's codec name) at a bit rate; None: the codec's quality mode, or lossless."""
    if codec == "flac" or codec == "alac" or codec.startswith("pcm_"):
        return _LOSSLESS
    per_channel = (bitrate_bps or 64_000 * channels) / max(channels, 1)
    low = per_channel < 40_000
    middle = per_channel < 72_000
    if codec == "mp3":
        # LAME scales by 0.95 (-0.445 dB) except at its top rates (lame.h, lame_set_scale; presets above 224 kbit/s).
        return CodecEffect(-0.42 if per_channel < 112_000 else 0.0, 0.8 if middle else 0.4, 0.3 if middle else 0.2)
    if codec == "aac":
        # Low rates have rare bursts 2 dB above everything else, which excerpts miss.
        return CodecEffect(-0.04, 2.0 if low else 1.5 if middle else 0.7, 1.2 if low else 0.9 if middle else 0.6)
    if codec == "opus":
        return CodecEffect(-0.25 if low else 0.0, 1.0 if low else 0.7, 0.8 if low else 0.5)
    return CodecEffect(-0.05, 1.0, 0.8)  # Vorbis, and codecs that only a stream copy meets
