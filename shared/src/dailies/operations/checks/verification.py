"""The certificate's lines and facts, from what an output turned out to be."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dailies.domain.job.result import AudioFacts, Check, LoudnessFacts, VideoFacts
from dailies.domain.loudness.level import Level
from dailies.domain.loudness.levelling import TOLERANCE_LU
from dailies.domain.loudness.loudness import loudness_range
from dailies.domain.recipe.recipe import DUAL_MONO_LU, Normalize
from dailies.domain.source.channel_layouts import LAYOUTS, positions_of
from dailies.domain.source.media_info import MediaInfo, VideoStream
from dailies.media.graphs.film.encoding import AudioEncoding
from dailies.operations.checks.inspection import Verification

_BT709 = "bt709/bt709/bt709/tv"
#: One frame at 25 per second: EBU R 37 allows sound 40 ms early to 60 ms late.
SYNC_SECONDS = 0.04


def duration_check(info: MediaInfo, expected: float, tolerance: float) -> Check:
    measured = info.duration_seconds or 0.0
    return Check(
        name="duration",
        expected=f"{expected:.3f} s ± {tolerance:.2f}",
        measured=f"{measured:.3f} s",
        passed=abs(measured - expected) <= tolerance,
    )


def loudness_checks(verification: Verification, level: Level, target: Normalize) -> list[Check]:
    """Integrated loudness and true peak against the target.

    Of sound that was passed through unchanged they are advisory: the target is missed, and that is said.
    """
    heard, found = verification.heard, verification.integrated_lufs
    if heard is None:
        return []
    unchanged = level.mode == "unchanged"
    peak = heard.true_peak_dbtp
    dual, said = (DUAL_MONO_LU, ", as dual mono") if target.dual_mono else (0.0, "")
    silent = unchanged and peak is not None and not math.isfinite(peak)
    return [
        Check(
            name="integrated loudness",
            expected=f"{target.integrated_lufs + dual:g} LUFS ± {TOLERANCE_LU:g}{said}",
            measured="none: silent, or under 0.4 s" if found is None else f"{found + dual:.2f} LUFS",
            passed=found is not None and abs(found - target.integrated_lufs) <= TOLERANCE_LU,
            advisory=unchanged,
        ),
        Check(
            name="true peak",
            expected=f"≤ {target.true_peak_dbtp:g} dBTP",
            measured="none" if peak is None else "silence" if silent else f"{peak:.1f} dBTP",
            passed=peak is not None and peak <= target.true_peak_dbtp,
            advisory=unchanged,
        ),
    ]


def audio_checks(info: MediaInfo, encoding: AudioEncoding) -> list[Check]:
    """Codec, rate and number of channels; of what was encoded, where each of them is played."""
    stream = info.audio[0] if info.audio else None
    measured = "no audio" if stream is None else f"{stream.codec} {stream.sample_rate_hz} Hz {stream.channels} ch"
    expected = f"{encoding.codec} {encoding.sample_rate_hz} Hz {encoding.channels} ch"
    checks = [
        Check(
            name="audio format",
            expected=expected,
            measured=measured,
            passed=stream is not None and stream.decodable and measured == expected,
        )
    ]
    if encoding.layout is None or stream is None:
        return checks
    wanted, found = LAYOUTS[encoding.layout], positions_of(stream.layout, stream.channels) or ("unknown",)
    places = Check(name="channels", expected=" ".join(wanted), measured=" ".join(found), passed=found == wanted)
    return [*checks, places]


def picture_checks(info: MediaInfo, size: tuple[int, int] | None) -> list[Check]:
    """Size, pixel format and colour of encoded pictures; a copy (``size`` None) only has to decode."""
    stream = info.video[0] if info.video else None
    if stream is None:
        return [Check(name="picture", expected="a video track", measured="none", passed=False)]
    if size is None:
        return [Check(name="picture", expected="decodes", measured=stream.codec, passed=stream.decodable)]
    picture = f"{stream.width}×{stream.height} {stream.pixel_format}"
    wanted = f"{size[0]}×{size[1]} yuv420p"
    colour = colour_of(stream)
    return [
        Check(name="picture", expected=wanted, measured=picture, passed=stream.decodable and picture == wanted),
        Check(name="colour", expected=f"SDR {_BT709}", measured=colour, passed=colour == _BT709 and stream.hdr is None),
    ]


def ticks_check(ticks: Sequence[int], frames: int) -> Check:
    """Every frame of the film is there, and on its tick."""
    displaced = sum(tick != place for place, tick in enumerate(ticks))
    return Check(
        name="frames",
        expected=f"{frames} on their ticks",
        measured=f"{len(ticks)}, {displaced} displaced",
        passed=len(ticks) == frames and displaced == 0,
    )


def sync_check(info: MediaInfo) -> list[Check]:
    """Where audio and pictures begin, relative to each other."""
    if not info.audio or not info.video:
        return []
    offset = info.audio[0].start_seconds - info.video[0].start_seconds
    return [
        Check(
            name="A/V offset",
            expected=f"≤ {SYNC_SECONDS * 1000:.0f} ms",
            measured=f"{offset * 1000:+.0f} ms",
            passed=abs(offset) <= SYNC_SECONDS,
        )
    ]


def colour_of(stream: VideoStream) -> str:
    """Primaries/transfer/matrix/range as FFmpeg names them."""
    parts = (stream.color_primaries, stream.color_transfer, stream.color_matrix, stream.color_range)
    return "/".join(part or "unknown" for part in parts)


#: What of the pictures of a film is decoded where all of them would cost a tenth of its encode.
SAMPLED_PICTURES = "pictures at the start and each keyframe"


def decode_check(verification: Verification, pictures: str = "") -> list[Check]:
    """What of the output was decoded, and without an error: its sound, and of its pictures ``pictures``.

    None where nothing was: it is a copy.
    """
    parts = ["the whole sound"] if verification.heard is not None else []
    parts += [pictures] if pictures else []
    return [Check(name="decode errors", expected="0", measured=f"0: {', '.join(parts)}", passed=True)] if parts else []


def audio_facts(info: MediaInfo) -> AudioFacts | None:
    if not info.audio:
        return None
    stream = info.audio[0]
    return AudioFacts(
        codec=stream.codec,
        # Of a track by itself what the file takes: a header may give what the encoder was asked for.
        bitrate_bps=stream.bitrate_bps if info.video or info.cover() else info.bitrate_bps,
        sample_rate_hz=stream.sample_rate_hz,
        channels=stream.channels,
    )


def video_facts(info: MediaInfo, frames: int | None, pieces: str | None = None) -> VideoFacts | None:
    """``pieces``: how a long film was encoded."""
    if not info.video:
        return None
    stream = info.video[0]
    return VideoFacts(
        codec=stream.codec,
        width=stream.width,
        height=stream.height,
        frame_rate=stream.frame_rate,
        frames=frames,
        pixel_format=stream.pixel_format,
        color=colour_of(stream),
        bitrate_bps=stream.bitrate_bps,
        pieces=pieces,
    )


def loudness_facts(verification: Verification, level: Level | None, *, asked: bool) -> LoudnessFacts | None:
    """What the certificate says of loudness. ``asked``: the recipe wanted it normalised."""
    heard, found = verification.heard, verification.integrated_lufs
    why = "normalisation was not asked for"
    if not verification.info.audio:
        if not asked:
            return None
        why = "no audio track"
    elif heard is None:
        why = "copied: not measured"
    spread = None if heard is None else loudness_range(heard.blocks)
    peak = None if heard is None else heard.true_peak_dbtp
    return LoudnessFacts(
        integrated_lufs=None if found is None else round(found, 2),
        true_peak_dbtp=None if peak is None or peak < -200 else round(peak, 1),
        range_lu=None if spread is None else round(spread, 1),
        mode="unchanged" if level is None else level.mode,
        reason=why if level is None or heard is None else level.reason,
        gain_db=0.0 if level is None else round(level.gain_db, 2),
    )
