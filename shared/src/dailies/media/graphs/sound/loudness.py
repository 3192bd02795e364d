"""Builds the FFmpeg runs that measure loudness and try levels, and reads what they print. Pure.

Measuring is FFmpeg's ``ebur128``; its figures come as frame metadata on stdout, one set per 100 ms, which is the
same in 5.1 and 9 (the closing summary on stderr has one decimal only, but holds the peak for free).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import ffmpeg

from dailies.domain.loudness.excerpts import for_pilot
from dailies.domain.loudness.level import Chain, Heard, Level
from dailies.domain.loudness.loudness import STEP_SECONDS, Blocks
from dailies.domain.source.audio_selection import AudioSelection, Window
from dailies.media.graphs.film.encoding import keywords
from dailies.media.graphs.sound.audio_chain import cut, select, sought
from dailies.media.run.ffmpeg_flags import SOURCE
from dailies.media.run.lines import number

#: Look-ahead and recovery of the limiter, ms. 10 ms holds half a period of 50 Hz, so bass isn't bent: THD of a
#: 50 Hz sine 6 dB over the limit is 0.00 %, against 1.6 % at FFmpeg's own 5 and 50 ms. A longer release costs
#: loudness (0.5 LU on speech at 200 ms); a shorter one begins to follow the wave.
ATTACK_MS = 10
RELEASE_MS = 100
#: Ramp at the ends of a joined excerpt, s: a step at a seam would be a peak that the programme doesn't have.
_SEAM_SECONDS = 0.01

_PREFIX = "lavfi.r128."
#: Frames print peaks as amplitudes with three decimals: under this the summary's tenths of a dB are finer.
_COARSE = 0.1
_SUMMARY_PEAK = re.compile(r"(Sample|True) peak:\s+Peak:\s+(\S+) dBFS")


def gain_chain(stream: Any, level: Level | Chain, sample_rate: int) -> Any:
    """The gain, and the limiter where the level has one, at ``sample_rate``: the encoder's.

    Length and timing stay: the limiter's look-ahead is compensated. Below its ceiling it changes no bit.
    """
    if level.gain_db == 0.0 and level.limiter_ceiling_dbfs is None:
        return stream
    # Resampled first, as a resampler behind a limiter makes new peaks. No-op where the rate is the same.
    stream = stream.filter("aresample", sample_rate)
    # Double precision is what the limiter works in; a gain of 0.001 dB must not be lost in 16 bits.
    stream = stream.filter("volume", f"{level.gain_db:.4f}dB", precision="double")
    if level.limiter_ceiling_dbfs is None:
        return stream
    return stream.filter(
        "alimiter",
        limit=f"{10 ** (level.limiter_ceiling_dbfs / 20):.6f}",
        attack=ATTACK_MS,
        release=RELEASE_MS,
        level=0,  # else it raises the result to full scale
        latency=1,  # else the output is late by the attack
    )


def metered(stream: Any) -> Any:
    """Momentary blocks of a whole track on stdout, sample peak in the summary on stderr.

    True peak would double the cost (3.9 CPU seconds against 1.9 for ten minutes) and matters only for lossless
    outputs within 3 dB of the ceiling: those measure it when they need it.
    """
    return _metered(stream, true_peak=False, blocks_only=True)


def whole_arguments(
    selection: AudioSelection, window: Window, chain: Chain, sample_rate: int, *, true_peak: bool
) -> list[str]:
    """The window through the chain into the meter. Read as :func:`metered`'s output.

    Seeks, unlike a render: a few samples more or less at the start don't move a loudness.
    """
    stream = gain_chain(_excerpt(selection, [window], 0), chain, sample_rate)
    arguments: list[str] = _to_null(_metered(stream, true_peak=true_peak, blocks_only=True)).get_args()
    return arguments


def excerpts_arguments(
    selection: AudioSelection, excerpts: Sequence[Window], chain: Chain, sample_rate: int, *, true_peak: bool
) -> list[str]:
    """The excerpts, joined, through the chain into the meter; only the pilot's where there is no limiter to hear."""
    played = for_pilot(tuple(excerpts)) if chain.limiter_ceiling_dbfs is None else excerpts
    stream = gain_chain(_joined(selection, played), chain, sample_rate)
    arguments: list[str] = _to_null(_metered(stream, true_peak=true_peak)).get_args()
    return arguments


def pilot_arguments(  # noqa: PLR0917 - the audible chain, then the file: the order of a command
    selection: AudioSelection,
    excerpts: Sequence[Window],
    chain: Chain,
    sample_rate: int,
    encoder: Sequence[str],
    muxer: str,
    name: str,
) -> list[str]:
    """The pilot's part of the excerpts encoded to ``file:name``.

    ``encoder`` are the output options (``-c:a aac -b:a 128000``).
    """
    stream = gain_chain(_joined(selection, for_pilot(tuple(excerpts))), chain, sample_rate)
    options = keywords(encoder)
    arguments: list[str] = ffmpeg.output(stream, f"file:{name}", **options, f=muxer).get_args()
    return arguments


def verify_arguments(name: str, beside: Sequence[Any] = (), *, true_peak: bool) -> list[str]:
    """Measure the first audio stream of ``file:name``, an encoded file of ours, as anybody would.

    ``beside`` are further outputs of the run, which keep off stdout: two that print would mix their lines.
    True peak is most of what measuring costs: 2.6 of 3.8 CPU seconds for ten minutes of MP3, its decode included.
    """
    measured = _to_null(_metered(ffmpeg.input(f"file:{name}", vn=None)["a:0"], true_peak=true_peak))
    arguments: list[str] = (ffmpeg.merge_outputs(measured, *beside) if beside else measured).get_args()
    return arguments


class MeterReader:
    """Collects what ``ebur128`` prints: hand its :meth:`line` every line of stdout."""

    def __init__(self, sample_rate: int | None = None) -> None:
        """``sample_rate`` of what is measured, where it isn't a multiple of 10 Hz; None: steps are 0.1 s."""
        self._lufs: list[float] = []
        self._peaks: dict[str, float] = {}
        self._step = STEP_SECONDS if sample_rate is None else (sample_rate // 10) / sample_rate
        self._frames = 0

    def line(self, line: str) -> None:
        name, separator, value = line.partition("=")
        if not separator:
            return
        if name == _PREFIX + "M":
            self._frames += 1
            # The window is full with the fourth step: before that FFmpeg prints its floor.
            if self._frames >= 4:
                self._lufs.append(number(value))
        elif name == _PREFIX + "sample_peak" or name == _PREFIX + "true_peak":
            self._peaks[name] = number(value)

    @property
    def seconds(self) -> float:
        """What was measured, to the full step below."""
        return self._frames * self._step

    def heard(self, stderr: str = "") -> Heard:
        """The measurement; peaks that stdout has not come from the summary in ``stderr``.

        Peaks of a silent or empty programme are -inf.
        """
        summary = {kind.lower(): number(value) for kind, value in _SUMMARY_PEAK.findall(stderr)}
        sample = self._peak("sample", summary)
        return Heard(
            blocks=Blocks.of(self._lufs, self._step),
            sample_peak_dbfs=-math.inf if sample is None else sample,
            true_peak_dbtp=self._peak("true", summary),
        )

    def _peak(self, kind: str, summary: Mapping[str, float]) -> float | None:
        printed = self._peaks.get(f"{_PREFIX}{kind}_peak")
        if kind in summary and (printed is None or printed < _COARSE):
            return summary[kind]
        if printed is None:
            return None
        return 20.0 * math.log10(printed) if printed > 0 else -math.inf


def _metered(stream: Any, *, true_peak: bool, blocks_only: bool = False) -> Any:
    stream = stream.filter(
        "ebur128",
        metadata=1,
        peak="sample+true" if true_peak else "sample",
        # AV_LOG_QUIET, which 9 obeys: ten lines a second in the log cost a second per ten minutes. 5.1 has no such
        # level, takes the number all the same and logs them as verbose.
        framelog=-8,
    )
    only = {"key": _PREFIX + "M"} if blocks_only else {}
    return stream.filter("ametadata", mode="print", **only, file="-")


def _excerpt(selection: AudioSelection, windows: Sequence[Window], number: int) -> Any:
    return select(sought(SOURCE, windows, number)[str(selection.stream)], selection)


def _joined(selection: AudioSelection, excerpts: Sequence[Window]) -> Any:
    if len(excerpts) == 1:
        return _excerpt(selection, excerpts, 0)
    parts = [_ramped(_excerpt(selection, excerpts, number), window) for number, window in enumerate(excerpts)]
    return ffmpeg.concat(*parts, v=0, a=1)


def _ramped(stream: Any, window: Window) -> Any:
    length = (window.end or 0.0) - window.start
    # Padded and cut to the same length, whatever the seek gave: excerpts are told apart by their time.
    stream = cut(stream.filter("apad"), Window(end=length))
    stream = stream.filter("afade", t="in", d=_SEAM_SECONDS)
    return stream.filter("afade", t="out", st=f"{length - _SEAM_SECONDS:.3f}", d=_SEAM_SECONDS)


def _to_null(stream: Any) -> Any:
    # Doubles are what comes out of the meter: the default of 16 bits would cost a conversion for nothing.
    return ffmpeg.output(stream, "-", f="null", acodec="pcm_f64le")
