"""Verifies what was encoded: every figure of the certificate is measured on the output file itself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from dailies.domain.channel_layouts import LAYOUTS, positions_of
from dailies.domain.errors import QualityNotReached
from dailies.domain.level import Heard, Level
from dailies.domain.levelling import TOLERANCE_LU
from dailies.domain.loudness import integrated, loudness_range
from dailies.domain.media_info import MediaInfo, VideoStream
from dailies.domain.recipe import DUAL_MONO_LU, Normalize
from dailies.domain.result import AudioFacts, Check, LoudnessFacts, VideoFacts
from dailies.domain.stop import StopToken
from dailies.media.encoding import AudioEncoding
from dailies.media.ffmpeg import RunReport
from dailies.media.loudness import MeterReader, verify_arguments
from dailies.planning.operation import file_sha256

if TYPE_CHECKING:
    from dailies.media.toolbox import Toolbox

_BT709 = "bt709/bt709/bt709/tv"
#: One frame at 25 per second: EBU R 37 allows sound 40 ms early to 60 ms late.
SYNC_SECONDS = 0.04


@dataclass(frozen=True, slots=True)
class Verification:
    """What an output turned out to be. ``heard`` is None when nothing asked for its loudness."""

    info: MediaInfo
    heard: Heard | None
    sha256: str
    """Of the file, 64 hexadecimal digits."""

    @property
    def integrated_lufs(self) -> float | None:
        return None if self.heard is None else integrated(self.heard.blocks)


class Beside(Protocol):
    """What else listens in the run that measures an output. It is told of each end, good or bad."""

    source: Path
    """May be read in that run, as ``file:source``."""

    def outputs(self) -> Sequence[Any]:
        """Further outputs for ``verify_arguments``."""

    def heard(self, folder: Path) -> None:
        """The run has ended, in ``folder``; called also when it failed."""


def inspect(
    toolbox: Toolbox,
    output: Path,
    stop: StopToken,
    *,
    heard_at: int | None = None,
    media_seconds: float | None = None,
    beside: Beside | None = None,
) -> Verification:
    """Open the file as anybody would. ``heard_at`` is the sample rate, Hz, of sound that is decoded and measured, in
    the time that ``media_seconds`` may take: the file's or its source's; ``beside`` listens with it.

    Raises QualityNotReached when part of the sound that was measured can't be decoded.
    """
    folder = output.parent / "probe"
    folder.mkdir(exist_ok=True)

    def listen() -> Heard:
        return _heard(toolbox, output, stop, heard_at or 0, media_seconds, beside)

    with ThreadPoolExecutor(2) as pool:
        hashing = pool.submit(file_sha256, output)
        hearing = None if heard_at is None else pool.submit(listen)
        info = toolbox.probe(output, folder, stop, ours=True)
    # A film may begin behind the end of its sound: there is then nothing to hear, which FFmpeg calls an error.
    return Verification(info, hearing.result() if hearing is not None and info.audio else None, hashing.result())


def _heard(
    toolbox: Toolbox,
    output: Path,
    stop: StopToken,
    sample_rate_hz: int,
    media_seconds: float | None,
    beside: Beside | None,
) -> Heard:
    reader = MeterReader(sample_rate_hz)
    arguments = verify_arguments(output.name, () if beside is None else beside.outputs())
    try:
        report = toolbox.run(
            arguments,
            scratch=output.parent,
            source=output if beside is None else beside.source,
            stop=stop,
            media_seconds=media_seconds,
            on_line=reader.line,
        )
    finally:
        if beside is not None:
            beside.heard(output.parent)
    _require_decodable(report, arguments, output.name)
    return reader.heard(report.stderr)


def _require_decodable(report: RunReport, arguments: Sequence[str], name: str) -> None:
    """Raise QualityNotReached when anything of an output can't be decoded: of our own nothing is tolerated."""
    inputs = [value for flag, value in pairwise(arguments) if flag == "-i"]
    ours = {number for number, value in enumerate(inputs) if value == f"file:{name}"}
    broken = sum(read.errors for read in report.reads if read.file in ours)
    if broken:
        raise QualityNotReached(
            f"The output was made but failed its verification: {broken} of its frames can't be decoded; run it again.",
            broken_frames=broken,
        )


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
            measured="undefined" if found is None else f"{found + dual:.2f} LUFS",
            passed=found is not None and abs(found - target.integrated_lufs) <= TOLERANCE_LU,
            advisory=unchanged,
        ),
        Check(
            name="true peak",
            expected=f"≤ {target.true_peak_dbtp:g} dBTP",
            measured="undefined" if peak is None else "silence" if silent else f"{peak:.1f} dBTP",
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
    if not verification.info.audio:
        return (
            None
            if not asked
            else LoudnessFacts(
                integrated_lufs=None, true_peak_dbtp=None, range_lu=None, mode="unchanged", reason="no audio track"
            )
        )
    if level is None or verification.heard is None:
        return LoudnessFacts(
            integrated_lufs=None,
            true_peak_dbtp=None,
            range_lu=None,
            mode="unchanged",
            reason="normalisation was not asked for",
        )
    heard, found = verification.heard, verification.integrated_lufs
    spread = loudness_range(heard.blocks)
    peak = heard.true_peak_dbtp
    return LoudnessFacts(
        integrated_lufs=None if found is None else round(found, 2),
        true_peak_dbtp=None if peak is None or peak < -200 else round(peak, 1),
        range_lu=None if spread is None else round(spread, 1),
        mode=level.mode,
        reason=level.reason,
        gain_db=round(level.gain_db, 2),
    )
