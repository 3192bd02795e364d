"""Which gain, and how much limiting, brings a programme to its target loudness under its true-peak ceiling.

Three things stand between "target minus measured" and a file that measures right, and each is *heard*, not assumed:

* **A limiter takes loudness away.** With drive d = gain − ceiling, loudness after it is L(d) + ceiling: one curve
  for every ceiling. It is sought on excerpts, settled by one hearing of the whole.
* **A codec takes loudness away**: 0.4 LU in LAME (it scales by 0.95 below its top rates), up to 3 LU of wide-band
  noise at low rates, nothing in PCM. A pilot, the excerpts really encoded, tells how much.
* **A codec and a converter add true peak** over the limiter's sample ceiling: 0.1 dB for speech in PCM, 3 dB in
  AAC at 48 kbit/s. The pilot tells that, too.

The verified file has the last word: :func:`correct` turns its figures into the next attempt. Gains and peaks are
in dB, ceilings in dBFS (sample) or dBTP (ITU-R BS.1770-4, annex 2), loudness in LUFS.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from pydantic import Field

from dailies.domain.audio_selection import Window
from dailies.domain.codec_effects import CodecEffect
from dailies.domain.loudness import Blocks, integrated, powers
from dailies.domain.model import Model
from dailies.domain.recipe import Normalize
from dailies.domain.result import LoudnessMode

#: What the encoded file may be off by, LU. EBU R 128 allows ±0.5 (±1.0 live); we promise a tenth.
TOLERANCE_LU = 0.1
#: What the hearing of the whole may be off by before another is made: the pilot's own error is about as large.
SETTLED_LU = 0.03
#: 8 of a 16-bit sample's bits: a programme so quiet that it needs more is mostly its own quantisation noise.
MAX_GAIN_DB = 48.0
#: Over this much limiting (loudness lost to it, LU) a programme is no longer what it was: the target is refused.
MAX_LOSS_LU = 12.0
#: True peak over sample peak seldom passes it: 0.1 dB for speech, 1.7 for drums, 2.3 for white noise (measured).
INTERSAMPLE_DB = 3.0
#: Added to what the pilot peaked at over the ceiling, with this part of it: the whole has higher peaks than its
#: excerpts, and the more so the higher those are (benchmarks/codec_headroom.py).
PILOT_MARGIN_DB, PILOT_MARGIN_PART = 0.3, 0.2
#: FFmpeg's ebur128 prints peaks with one decimal.
PEAK_ROUNDING_DB = 0.05
#: Renders of one output before its step gives up with QualityNotReached.
MAX_RENDERS = 4
#: The alimiter filter's lowest ``limit``, 0.0625.
LOWEST_CEILING_DBFS = -24.0

_MAX_WHOLE_HEARINGS = 4
_MAX_EXCERPT_HEARINGS = 6
_EXCERPT_SETTLED_LU = 0.05
_LEAST_SLOPE = 0.15


class Chain(Model):
    """What is done to the samples: a gain and, where a ceiling is given, the limiter behind it."""

    gain_db: float = 0.0
    limiter_ceiling_dbfs: float | None = None


class Level(Model):
    """The decision for one output; a step's artifact, and what ``render`` builds its filters from."""

    mode: LoudnessMode
    gain_db: float = 0.0
    limiter_ceiling_dbfs: float | None = Field(None, description="sample peak the limiter holds; null: no limiter")
    reason: str
    predicted_lufs: float | None = Field(None, description="of the encoded file; null when undefined")
    slope: float = Field(1.0, description="LU that a further dB of gain adds here; below 1 where it meets the limiter")
    reachable: bool = Field(True, description="false: the target can't be met; the reason says why")

    @property
    def chain(self) -> Chain:
        return Chain(gain_db=self.gain_db, limiter_ceiling_dbfs=self.limiter_ceiling_dbfs)


@dataclass(frozen=True, slots=True)
class Heard:
    """A measurement of something played through a chain. ``true_peak_dbtp`` None: was not asked for."""

    blocks: Blocks
    sample_peak_dbfs: float
    true_peak_dbtp: float | None = None


class Hearing(Protocol):
    """Plays the window through a chain and measures it; ``media/loudness.py`` builds the FFmpeg runs."""

    def excerpts(self, chain: Chain) -> Heard:
        """The excerpts one after the other, true peak included: a fifth of a second of work."""

    def pilot(self, chain: Chain) -> Heard:
        """The same, really encoded and decoded again."""

    def whole(self, chain: Chain, *, true_peak: bool) -> Heard:
        """The whole window."""


@dataclass(frozen=True, slots=True)
class Material:
    """What the measure step knows of the window. ``sample_peak_dbfs`` may be that of more than the window."""

    blocks: Blocks
    window: Window
    sample_peak_dbfs: float
    excerpts: tuple[Window, ...]
    covered: bool
    """Whether the excerpts are the whole window."""


def find_level(material: Material, target: Normalize, effect: CodecEffect, hearing: Hearing) -> Level:
    """The level at which the encoded window meets ``target``.

    Undefined loudness gives ``unchanged``; a target out of reach gives ``reachable`` False and a reason for the
    user. Otherwise |prediction − target| is a few hundredths.
    """
    loudness = integrated(material.blocks, material.window.start, material.window.end)
    if loudness is None:
        return Level(mode="unchanged", reason=_undefined(material))
    gain = target.integrated_lufs - loudness
    if gain > MAX_GAIN_DB:
        return Level(
            mode="unchanged",
            reason=f"too quiet: {gain:.0f} dB of gain would be needed, over {MAX_GAIN_DB:.0f} dB only noise rises",
            predicted_lufs=loudness,
        )
    return _Search(material, target, effect, hearing, loudness).run()


class _Search:
    """One call of :func:`find_level`, with what has been heard so far."""

    def __init__(
        self, material: Material, target: Normalize, effect: CodecEffect, hearing: Hearing, loudness: float
    ) -> None:
        self.material = material
        self.target = target
        self.effect = effect
        self.hearing = hearing
        self.loudness = loudness
        self.shift = effect.shift_lu
        self.excess = effect.peak_db
        self.piloted = False
        self.flat: list[float] | None = None

    def run(self) -> Level:
        linear = self._linear()
        return linear if linear is not None else self._limited()

    # Without a limiter: arithmetic, checked by a pilot where a codec changes loudness.

    def _linear(self) -> Level | None:
        gain = self.target.integrated_lufs - self.loudness - self.shift
        peak = self.material.sample_peak_dbfs + PEAK_ROUNDING_DB
        ceiling = self.target.true_peak_dbtp
        if peak + gain > ceiling:
            return None
        if self.effect.lossless:
            if peak + gain > ceiling - INTERSAMPLE_DB:
                heard = self.hearing.whole(Chain(), true_peak=True)
                if _true_peak(heard) + PEAK_ROUNDING_DB + gain > ceiling:
                    return None
        else:
            chain = Chain(gain_db=gain)
            plain, coded = self.hearing.excerpts(chain), self.hearing.pilot(chain)
            self.shift = self._ratio_db(coded, plain)
            gain = self.target.integrated_lufs - self.loudness - self.shift
            self.excess = self._headroom(coded, plain.sample_peak_dbfs)
            self.piloted = True
            if peak + gain + self.excess > ceiling:
                return None
        return Level(
            mode="linear",
            gain_db=gain,
            reason=f"{gain:+.1f} dB fits under {ceiling:g} dBTP",
            predicted_lufs=self.target.integrated_lufs,
        )

    # With one: excerpts find the neighbourhood, the pilot the codec's part, the whole the exact place.

    def _limited(self) -> Level:
        ceiling = self._ceiling()
        gain, slope = self._on_excerpts(self.target.integrated_lufs - self.loudness - self.shift, ceiling)
        if not self.piloted:
            chain = Chain(gain_db=gain, limiter_ceiling_dbfs=ceiling)
            plain = self.hearing.excerpts(chain)
            coded = plain if self.effect.lossless else self.hearing.pilot(chain)
            self.shift = self._ratio_db(coded, plain)
            self.excess = self._headroom(coded, ceiling)
            ceiling = self._ceiling()
            gain, slope = self._on_excerpts(gain, ceiling)
        return self._on_whole(gain, slope, ceiling)

    def _headroom(self, coded: Heard, sample_ceiling: float) -> float:
        """How far below the true-peak ceiling the encoder's input has to stay, by a pilot's account."""
        seen = _true_peak(coded) - sample_ceiling
        return max(seen + PILOT_MARGIN_DB + PILOT_MARGIN_PART * max(seen, 0.0), self.effect.least_peak_db)

    def _ceiling(self) -> float:
        return max(self.target.true_peak_dbtp - self.excess, LOWEST_CEILING_DBFS)

    def _on_excerpts(self, gain: float, ceiling: float) -> tuple[float, float]:
        """The gain at which the excerpts say that the whole, encoded, meets the target; and the slope there."""
        slope, before = 1.0, (0.0, 0.0)
        for turn in range(_MAX_EXCERPT_HEARINGS):
            found = self._estimate(gain, ceiling)
            if turn and abs(gain - before[0]) > 1e-3:
                slope = min(1.0, max(_LEAST_SLOPE, (found - before[1]) / (gain - before[0])))
            error = self.target.integrated_lufs - self.shift - found
            if abs(error) <= _EXCERPT_SETTLED_LU and turn:
                break
            before = (gain, found)
            gain = self._bounded(gain + error / slope)
        return gain, slope

    def _estimate(self, gain: float, ceiling: float) -> float:
        heard = self.hearing.excerpts(Chain(gain_db=gain, limiter_ceiling_dbfs=ceiling))
        if self.material.covered:
            found = integrated(heard.blocks)
            return self.loudness + gain if found is None else found
        if self.flat is None:
            self.flat = self._powers(self.hearing.excerpts(Chain()))
        return self.loudness + _mean_ratio_db(self._powers(heard), self.flat)

    def _on_whole(self, gain: float, slope: float, ceiling: float) -> Level:
        wanted = self.target.integrated_lufs - self.shift
        predicted = wanted
        idle = False
        tried: list[tuple[float, float]] = []
        for _ in range(_MAX_WHOLE_HEARINGS):
            heard = self.hearing.whole(Chain(gain_db=gain, limiter_ceiling_dbfs=ceiling), true_peak=False)
            found = integrated(heard.blocks)
            if found is None:  # can't be: the window was audible before its gain
                break
            idle = heard.sample_peak_dbfs < ceiling - 2 * PEAK_ROUNDING_DB
            if tried and abs(gain - tried[-1][0]) > 0.02:
                slope = min(1.0, max(_LEAST_SLOPE, (found - tried[-1][1]) / (gain - tried[-1][0])))
            tried.append((gain, found))
            step = (wanted - found) / slope
            unsure = abs(step) * 0.1  # a slope is known to about a tenth
            next_gain = self._bounded(gain + step)
            predicted = found + (next_gain - gain) * slope
            gain = next_gain
            if unsure <= SETTLED_LU:
                break
        lost = self.loudness + gain - predicted
        reachable = abs(predicted - wanted) <= TOLERANCE_LU and lost <= MAX_LOSS_LU
        mode: LoudnessMode = "linear" if idle and reachable else "limited"
        return Level(
            mode=mode,
            gain_db=gain,
            limiter_ceiling_dbfs=None if mode == "linear" else ceiling,
            reason=self._limited_reason(gain, lost, ceiling, idle=idle, reachable=reachable),
            predicted_lufs=predicted + self.shift,
            slope=1.0 if mode == "linear" else slope,
            reachable=reachable,
        )

    def _limited_reason(self, gain: float, lost: float, ceiling: float, *, idle: bool, reachable: bool) -> str:
        if not reachable:
            return (
                f"{self.target.integrated_lufs:g} LUFS can't be reached under {self.target.true_peak_dbtp:g} dBTP"
                f" without crushing the sound: ask for a lower loudness or a higher ceiling"
            )
        if idle:
            return f"{gain:+.1f} dB fits under {self.target.true_peak_dbtp:g} dBTP"
        return (
            f"{gain:+.1f} dB would peak over {self.target.true_peak_dbtp:g} dBTP:"
            f" limited at {ceiling:.1f} dBFS, which takes {max(lost, 0.0):.1f} LU"
        )

    def _bounded(self, gain: float) -> float:
        most = self.target.integrated_lufs - self.loudness + MAX_LOSS_LU + 3.0
        return min(gain, most)

    def _powers(self, heard: Heard) -> list[float]:
        return excerpt_powers(heard.blocks, self.material.excerpts)

    def _ratio_db(self, after: Heard, before: Heard) -> float:
        """Loudness of one hearing of the excerpts over another."""
        if self.material.covered:
            pair = integrated(after.blocks), integrated(before.blocks)
            return 0.0 if pair[0] is None or pair[1] is None else pair[0] - pair[1]
        return _mean_ratio_db(self._powers(after), self._powers(before))


def correct(
    level: Level, target: Normalize, loudness: float | None, true_peak_dbtp: float, sample_peak_dbfs: float
) -> Level | None:
    """The next attempt after a render that measured so; None when it is within tolerance.

    ``sample_peak_dbfs`` is that of the encoded file. A first limiter is set below it by as much as the true peak
    is over the ceiling.
    """
    if level.mode == "unchanged" or loudness is None:
        return None
    error = target.integrated_lufs - loudness
    over = true_peak_dbtp - target.true_peak_dbtp
    if abs(error) <= TOLERANCE_LU and over <= 0:
        return None
    ceiling = level.limiter_ceiling_dbfs
    gain = level.gain_db + error / level.slope
    reason = level.reason
    if over > 0:
        lower = over + PEAK_ROUNDING_DB * 2
        if ceiling is None:
            # The encoder's input peaked near its output's sample peak; the limiter then starts just under it.
            ceiling = min(sample_peak_dbfs, target.true_peak_dbtp) - lower
            reason = f"the encoded file peaked {over:.1f} dB over {target.true_peak_dbtp:g} dBTP: limited"
        else:
            ceiling -= lower
            # Drive grows by `lower`: loudness follows at the slope, less the ceiling's own fall.
            gain += (1.0 - level.slope) * lower / level.slope
        ceiling = max(ceiling, LOWEST_CEILING_DBFS)
    return level.model_copy(
        update={
            "mode": "limited" if ceiling is not None else level.mode,
            "gain_db": gain,
            "limiter_ceiling_dbfs": ceiling,
            "reason": reason,
            "predicted_lufs": target.integrated_lufs,
        }
    )


def excerpt_powers(blocks: Blocks, excerpts: Sequence[Window]) -> list[float]:
    """Mean power of each excerpt in a measurement of all of them joined; blocks across a seam are left out."""
    result: list[float] = []
    start = 0.0
    for excerpt in excerpts:
        length = (excerpt.end or 0.0) - excerpt.start
        found = powers(blocks, start, start + length)
        result.append(math.fsum(found) / len(found) if found else 0.0)
        start += length
    return result


def _mean_ratio_db(after: Sequence[float], before: Sequence[float]) -> float:
    """Excerpts are drawn with a chance in proportion to their power, so the plain mean of the ratios estimates the
    ratio of the sums (Hansen and Hurwitz, Ann. Math. Stat. 14, 1943)."""
    ratios = [a / b for a, b in zip(after, before, strict=True) if b > 1e-12]
    mean = math.fsum(ratios) / len(ratios) if ratios else 1.0
    return 10.0 * math.log10(max(mean, 1e-12))


def _true_peak(heard: Heard) -> float:
    return heard.sample_peak_dbfs if heard.true_peak_dbtp is None else heard.true_peak_dbtp


def _undefined(material: Material) -> str:
    if not powers(material.blocks, material.window.start, material.window.end):
        return "loudness is undefined below 0.4 s: passed through unchanged"
    return "silence: nothing is louder than -70 LUFS, passed through unchanged"
