"""What would suit a source: which format, bit rate and loudness, by what was measured of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dailies.domain.recipe.formats import FORMATS, Format
from dailies.domain.source.media_info import AudioStream, MediaInfo, VideoStream

#: Of podcasts and of the recipes that say nothing else: AES TD1008.1.21-9, table 1, speech on the web is −18 to −16.
TARGET_LUFS = -16.0
# What a listener notices between two programmes: EBU R 128 s2, 2022, allows ±1 LU where a target can't be met.
_TOLERANCE_LU = 1.0
# Fewer lines than this are not worth a ladder, and shorter clips are over before it switches.
_LADDER_LINES = 480
_LADDER_SECONDS = 60.0
_MAX_LINES = 1080


@dataclass(frozen=True, slots=True)
class Suggestion:
    """``output`` is one of a recipe, of the kind that it names; ``size_bytes`` None where no bit rate is set."""

    output: Mapping[str, Any]
    reason: str
    size_bytes: int | None

    @property
    def kind(self) -> str:
        return str(self.output["kind"])


def advise(info: MediaInfo, loudness_lufs: float | None) -> tuple[Suggestion, ...]:
    """The best first. ``loudness_lufs`` is of the whole source (ITU-R BS.1770-4); None where nobody has measured it."""
    sound, film = info.main_audio(), info.main_video()
    found = [*([] if film is None else _films(film, info))]
    found += [] if sound is None else _sounds(sound, info, loudness_lufs)
    return tuple(found)


def _sounds(sound: AudioStream, info: MediaInfo, loudness: float | None) -> Iterator[Suggestion]:
    seconds = sound.duration_seconds or info.duration_seconds
    loud = _loudness(loudness)
    level: dict[str, Any] = {} if loud is None else {"normalize": {"integrated_lufs": TARGET_LUFS}}
    quality, why = _quality(FORMATS["mp3"], sound)
    yield Suggestion(
        {"kind": "audio", "format": "mp3", "quality": quality, **level},
        f"MP3 plays everywhere; {why}{'' if loud is None else f'; {loud}'}.",
        _size(FORMATS["mp3"], quality, sound, seconds),
    )
    copied = next((form for form in FORMATS.values() if sound.codec in form.copies), None)
    if copied is not None and copied.name != "wav":
        said = "" if loud is None or loudness is None else f", and stays at {loudness:.1f} LUFS"
        yield Suggestion(
            {"kind": "audio", "format": copied.name},
            f"The sound is {sound.codec} already: copied into {copied.name}, it loses nothing{said}.",
            None if sound.bitrate_bps is None or seconds is None else round(sound.bitrate_bps * seconds / 8),
        )
    yield Suggestion(
        {"kind": "audio", "format": "opus", "quality": "medium", **level},
        "Opus sounds like MP3 of twice its bit rate, where players of the last ten years are enough.",
        _size(FORMATS["opus"], "medium", sound, seconds),
    )
    if sound.bits_per_sample:
        yield Suggestion(
            {"kind": "audio", "format": "flac", "quality": "lossless"},
            f"The source is lossless ({sound.codec}, {sound.bits_per_sample} bits): an archive keeps it so.",
            None,
        )


def _films(film: VideoStream, info: MediaInfo) -> Iterator[Suggestion]:
    lines = min(film.height, _MAX_LINES) // 2 * 2
    reasons = [f"H.264 plays everywhere; the source is {film.width} × {film.height} {film.codec}"]
    output: dict[str, Any] = {"kind": "video"}
    if film.hdr is not None:
        output |= {"hdr": "tonemap", "quality": "medium"}
        reasons.append(f"its {film.hdr} needs tone mapping to be seen rightly on other screens")
    if film.interlaced:
        output |= {"quality": "medium"}
        reasons.append("its fields are woven into whole pictures")
    if lines < film.height:
        output |= {"height": lines}
        reasons.append(f"more than {lines} lines are seldom seen")
    copied = len(output) == 1 and film.codec == "h264"
    if copied:
        reasons = ["The pictures are H.264 already: they are copied where their colours are BT.709, and lose nothing"]
    yield Suggestion(output, f"{'; '.join(reasons)}.", info.size_bytes if copied else None)
    if (info.duration_seconds or 0) >= _LADDER_SECONDS and film.height >= _LADDER_LINES:
        ladder = {"kind": "abr"} | ({"hdr": "tonemap"} if film.hdr is not None else {})
        yield Suggestion(
            ladder, "A film of over a minute starts sooner, and stalls less, from a ladder of sizes.", None
        )


def _loudness(loudness: float | None) -> str | None:
    """What is to be said of it; None where it is right, or where there is no sound to be heard."""
    if loudness is None or loudness < -70 or abs(loudness - TARGET_LUFS) <= _TOLERANCE_LU:
        return None
    side = "quieter" if loudness < TARGET_LUFS else "louder"
    away = abs(loudness - TARGET_LUFS)
    return (
        f"at {loudness:.1f} LUFS it is {away:.1f} LU {side} than listeners expect, and is levelled to {TARGET_LUFS:g}"
    )


def _quality(form: Format, sound: AudioStream) -> tuple[str, str]:
    """The least that is not below what the source has."""
    rate = sound.bitrate_bps
    if sound.bits_per_sample or rate is None:
        return "high", "the source loses next to nothing at high quality"
    stereo = rate / 1000 / max(1, min(2, sound.channels)) * 2
    quality = next((name for name, kbps in form.bitrate_kbps.items() if kbps >= stereo), "high")
    return (
        quality,
        f"the source has {rate / 1000:.0f} kbit/s, and more bits than {quality} quality has bring nothing back",
    )


def _size(form: Format, quality: str, sound: AudioStream, seconds: float | None) -> int | None:
    if seconds is None:
        return None
    return round(form.bitrate_kbps[quality] * 1000 / 2 * min(sound.channels, form.max_channels) * seconds / 8)
