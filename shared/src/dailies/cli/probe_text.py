"""What a source is, in words."""

from __future__ import annotations

from dailies.cli.certificate import channels_text, clock_text, size_text
from dailies.domain.source.media_info import MediaInfo


def probe_text(info: MediaInfo) -> str:
    if info.duration_seconds is None:
        duration = "duration unknown"
    else:
        duration = clock_text(info.duration_seconds) + (" (estimated)" if info.duration_from == "estimate" else "")
    lines = [" · ".join([info.container, duration, size_text(info.size_bytes), *_rate(info.bitrate_bps)])]
    for video in info.video:
        facts = [f"{video.codec} {video.width}×{video.height}"]
        facts += [f"{video.frames_per_second:.5g} fps"] if video.frames_per_second else []
        facts += ["variable frame rate"] if video.variable_frame_rate else []
        facts += ["interlaced"] if video.interlaced else []
        facts += [f"rotated {video.rotation}°"] if video.rotation else []
        facts += ["mirrored"] if video.flipped else []
        facts += [f"HDR {video.hdr.replace('_', ' ')}"] if video.hdr else []
        facts += _rate(video.bitrate_bps) + _flags(video.default, video.decodable)
        lines.append(f"  video {video.track}  " + " · ".join(facts))
    for audio in info.audio:
        facts = [f"{audio.codec} {audio.sample_rate_hz / 1000:g} kHz {audio.layout or channels_text(audio.channels)}"]
        facts += _rate(audio.bitrate_bps) + ([audio.language] if audio.language else [])
        facts += _flags(audio.default, audio.decodable)
        lines.append(f"  audio {audio.track}  " + " · ".join(facts))
    lines += [
        "  " + " · ".join([f"{other.kind}  {other.codec or '?'}", *([other.language] if other.language else [])])
        for other in info.other
    ]
    return "\n".join(lines)


def _rate(bitrate_bps: int | None) -> list[str]:
    return [f"{bitrate_bps / 1000:.0f} kbit/s"] if bitrate_bps else []


def _flags(default: bool, decodable: bool) -> list[str]:
    return (["default"] if default else []) + ([] if decodable else ["can't be decoded"])
