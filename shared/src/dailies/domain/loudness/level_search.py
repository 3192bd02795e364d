"""The search behind levelling.py: few hearings, each of them cheap. Pure, given something to hear with."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from dailies.domain.loudness.codec_effects import CodecEffect
from dailies.domain.loudness.excerpts import end_of, for_pilot
from dailies.domain.loudness.extrapolation import Extrapolation
from dailies.domain.loudness.level import Chain, Heard, Level, LoudnessProbe, Material, peak_of
from dailies.domain.loudness.loss_curve import LEAST_SLOPE, LossCurve
from dailies.domain.loudness.loudness import Blocks, integrated, powers
from dailies.domain.recipe.recipe import Normalize
from dailies.domain.source.audio_selection import Window

#: What the encoded file may be off by, LU. EBU R 128 allows ±0.5 (±1.0 live); we promise a tenth.
TOLERANCE_LU = 0.1
#: Loudness lost to the limiter, LU, over which the target is called out of reach: the sound would be crushed.
MAX_LOSS_LU = 12.0
#: The alimiter filter's lowest ``limit``, 0.0625.
LOWEST_CEILING_DBFS = -24.0
#: True peak over sample peak seldom passes it: 0.1 dB for speech, 1.7 for drums, 2.3 for white noise (measured).
INTERSAMPLE_DB = 3.0
#: What it passes it by where a mistake costs no more than finding out.
USUAL_INTERSAMPLE_DB = 1.0
#: Sound up to this long is encoded again in less time than a pilot before each encode takes, if few of them miss.
REPEATED_SECONDS = 300.0
#: Added to what the pilot peaked at over the ceiling, with this part of it: the whole has higher peaks than its
#: excerpts, and the more so the higher those are (benchmarks/codec_headroom.py). At most 0.9 dB in all.
PILOT_MARGIN_DB, PILOT_MARGIN_PART, PILOT_MARGIN_UP_TO_DB = 0.3, 0.2, 3.0
#: FFmpeg's ebur128 sums peaks up with one decimal.
PEAK_ROUNDING_DB = 0.05
#: A pilot whose codec took this much more or less than assumed, LU, was made at a gain too far from the final one.
PILOT_AGAIN_LU = 0.5
#: Loudness after a step is known to a tenth of the step; over this, LU, the whole is heard once more.
SETTLED_LU = 0.03
STEP_ERROR = 0.1
#: A smaller loss on excerpts, LU, says nothing about how fast the whole's grows, nor whether the limiter works at all.
LEAST_LOSS_LU = 0.1
#: An estimate from excerpts is taken when its standard error, LU, is below this: two of them are within tolerance.
TRUSTED_LU = 0.05

_LEAST_TOLD_LU = 0.05
_MAX_PILOTS = 2
_MAX_WHOLE_HEARINGS = 4
_NEWTON_STEPS = 3


@dataclass(frozen=True, slots=True)
class _Played:
    """What the excerpts, heard through ``chain``, say of the whole: ``found`` LUFS, give or take ``error`` LU."""

    chain: Chain
    heard: Heard
    found: float
    error: float


class LevelSearch:
    """One search for a level, with what has been heard so far."""

    def __init__(
        self,
        material: Material,
        target: Normalize,
        probe: LoudnessProbe,
        loudness: float,
        effect: CodecEffect,
        shift: float | None = None,
    ) -> None:
        """``loudness`` is the window's, less a gain near the final one; ``shift`` replaces the codec's usual one."""
        self.material = material
        self.target = target
        self.probe = probe
        self.loudness = loudness
        self.effect = effect
        self.shift = effect.shift_lu if shift is None else shift
        self.headroom = effect.peak_db
        self._extrapolation: Extrapolation | None = None

    def run(self) -> Level:
        """Linear when that fits under the ceiling, else limited."""
        peak = self.material.sample_peak_dbfs + PEAK_ROUNDING_DB
        ceiling = self.target.true_peak_dbtp
        if peak + self._linear_gain() > ceiling:
            return self._limited(piloted=False)
        if not self.effect.lossless:
            room = ceiling - peak - self._linear_gain()
            if self._own_pilot() and room >= self.effect.peak_db + USUAL_INTERSAMPLE_DB:
                return self.linear_level().model_copy(update={"own_pilot": True})
            self._pilot_linear()
            fits = peak + self._linear_gain() + self.headroom <= ceiling
            return self.linear_level() if fits else self._limited(piloted=True)
        if peak + self._linear_gain() > ceiling - INTERSAMPLE_DB:
            peak = peak_of(self.probe.whole(Chain(), true_peak=True)) + PEAK_ROUNDING_DB
        fits = peak + self._linear_gain() <= ceiling
        return self.linear_level() if fits else self._limited(piloted=False)

    def _own_pilot(self) -> bool:
        """Whether to encode the sound again is, on average, cheaper than to try out first: it is as short as a pilot,
        or not long and its codec does what is expected of it."""
        seconds = end_of(self.material.blocks, self.material.window) - self.material.window.start
        return self.material.covered or (self.effect.steady and seconds <= REPEATED_SECONDS)

    def linear_level(self) -> Level:
        """A plain gain."""
        gain = self._linear_gain()
        return Level(
            mode="linear",
            gain_db=gain,
            reason=linear_reason(gain, self.target),
            predicted_lufs=self.target.integrated_lufs,
            shift_lu=self.shift,
        )

    def settle(self, gain: float, ceiling: float, slope: float, loss: float | None = None) -> Level:
        """From a gain nearby to the gain, by hearing the whole through the limiter at ``ceiling``.

        ``slope`` and ``loss`` are what the excerpts say of that gain. Where the whole loses k times as much, its
        loss is taken to grow k times as fast.
        """
        curve = LossCurve(-self.material.sample_peak_dbfs)
        gain = min(gain, self._most())
        for turn in count(1):
            chain = Chain(gain_db=gain, limiter_ceiling_dbfs=ceiling)
            heard = self.probe.whole(chain, true_peak=False)
            found = integrated(heard.blocks)
            if found is None:  # the source can't be heard again as it was measured: the verified file will tell
                break
            lost = self.loudness + gain - found
            curve.add(gain - ceiling, lost)
            if turn > 1:
                slope = curve.slope(gain - ceiling)
            elif loss is not None and loss > LEAST_LOSS_LU:
                slope = min(1.0, max(LEAST_SLOPE, 1.0 - (1.0 - slope) * lost / loss))
            step = self._step(gain, found, slope)
            if abs(step) * STEP_ERROR <= SETTLED_LU or turn == _MAX_WHOLE_HEARINGS:
                return self._level(chain, step, found, slope, heard.sample_peak_dbfs)
            gain += step
        return self._out_of_reach(gain, ceiling, -math.inf)

    def _step(self, gain: float, found: float, slope: float) -> float:
        """What is missing of the gain when the encoder's input is ``found`` LUFS."""
        return min(gain + (self.target.integrated_lufs - self.shift - found) / slope, self._most()) - gain

    def _level(self, heard: Chain, step: float, found: float, slope: float, peak: float) -> Level:
        """The level one last ``step`` of gain away from what was heard at ``found`` LUFS, peaking at ``peak``."""
        gain, ceiling = heard.gain_db + step, heard.limiter_ceiling_dbfs or 0.0
        predicted = found + step * slope
        lost = self.loudness + gain - predicted
        wanted = self.target.integrated_lufs - self.shift
        if abs(predicted - wanted) > TOLERANCE_LU or lost > MAX_LOSS_LU:
            return self._out_of_reach(gain, ceiling, predicted)
        if peak < ceiling - 2 * PEAK_ROUNDING_DB and peak + step < ceiling:
            return self.linear_level()
        return Level(
            mode="limited",
            gain_db=gain,
            limiter_ceiling_dbfs=ceiling,
            reason=limited_reason(gain, self.target, ceiling, lost),
            predicted_lufs=predicted + self.shift,
            shift_lu=self.shift,
            slope=slope,
        )

    def _out_of_reach(self, gain: float, ceiling: float, predicted: float) -> Level:
        return Level(
            mode="limited",
            gain_db=gain,
            limiter_ceiling_dbfs=ceiling,
            reason=f"{self.target.integrated_lufs:g} LUFS can't be reached under {self.target.true_peak_dbtp:g} dBTP"
            " without crushing the sound: ask for a lower loudness or a higher ceiling",
            predicted_lufs=predicted + self.shift,
            shift_lu=self.shift,
            reachable=False,
        )

    def _linear_gain(self) -> float:
        return self.target.integrated_lufs - self.shift - self.loudness

    def _ceiling(self) -> float:
        return max(self.target.true_peak_dbtp - self.headroom, LOWEST_CEILING_DBFS)

    def _most(self) -> float:
        """The gain past which the target is out of reach."""
        return self._linear_gain() + MAX_LOSS_LU + 1.0

    def _pilot_linear(self) -> None:
        for _ in range(_MAX_PILOTS):
            chain = Chain(gain_db=self._linear_gain())
            plain = self.probe.excerpts(chain, true_peak=False)
            if self._learn(plain, self.probe.pilot(chain), chain, plain.sample_peak_dbfs):
                return

    def _limited(self, *, piloted: bool) -> Level:
        curve = LossCurve(-self.material.sample_peak_dbfs)
        ceiling = self._ceiling()
        gain = self._linear_gain()
        for _ in range(0 if piloted else _MAX_PILOTS):
            self._play(gain, ceiling, curve)
            gain = self._next(gain, ceiling, curve)
            played = self._play(gain, ceiling, curve)
            coded = played.heard if self.effect.lossless else self.probe.pilot(played.chain)
            learnt = self._learn(played.heard, coded, played.chain, ceiling)
            ceiling = self._ceiling()
            gain = self._next(gain, ceiling, curve)
            if learnt:
                break
        played = self._play(gain, ceiling, curve)
        slope, loss = curve.slope(gain - ceiling), curve.loss(gain - ceiling)
        step = self._step(gain, played.found, slope)
        peak = played.heard.sample_peak_dbfs
        if self.material.window.whole:  # the excerpts may lack the one click that needs the limiter
            peak = max(peak, min(self.material.sample_peak_dbfs + gain, ceiling))
        sure = math.hypot(played.error, step * STEP_ERROR) <= TRUSTED_LU
        if sure and (self.material.covered or self.material.window.whole or loss > LEAST_LOSS_LU):
            return self._level(played.chain, step, played.found, slope, peak)
        return self.settle(gain + step, ceiling, slope, loss)

    def _play(self, gain: float, ceiling: float, curve: LossCurve) -> _Played:
        chain = Chain(gain_db=gain, limiter_ceiling_dbfs=ceiling)
        heard = self.probe.excerpts(chain, true_peak=self.effect.lossless)
        if self.material.covered:
            found, error = integrated(heard.blocks), 0.0
        else:
            if self._extrapolation is None:
                self._extrapolation = Extrapolation(self.material.blocks, self.material.window, self.material.excerpts)
            estimate = self._extrapolation.estimate(heard.blocks, gain)
            found, error = estimate.loudness_lufs, estimate.error_lu
        if found is None or not math.isfinite(found):
            found, error = self.loudness + gain, math.inf
        curve.add(gain - ceiling, self.loudness + gain - found)
        return _Played(chain, heard, found, error)

    def _next(self, gain: float, ceiling: float, curve: LossCurve) -> float:
        """The gain at which the excerpts so far say that the target is met."""
        for _ in range(_NEWTON_STEPS):
            loss, slope = curve.loss(gain - ceiling), curve.slope(gain - ceiling)
            gain = min(gain + (self._linear_gain() - gain + loss) / slope, self._most())
        return gain

    def _learn(self, plain: Heard, coded: Heard, chain: Chain, sample_peak: float) -> bool:
        """Take the codec's effect from a pilot; False when it was so unexpected that the gain was far off.

        ``sample_peak`` is that of the encoder's input, which ``plain`` is a hearing of.
        """
        before, self.shift = self.shift, self._shift(plain, coded, chain)
        over = peak_of(coded) - sample_peak
        margin = PILOT_MARGIN_DB + PILOT_MARGIN_PART * min(max(over, 0.0), PILOT_MARGIN_UP_TO_DB)
        self.headroom = max(over + margin, self.effect.least_peak_db)
        return abs(self.shift - before) <= PILOT_AGAIN_LU

    def _shift(self, plain: Heard, coded: Heard, chain: Chain) -> float:
        """Loudness after the codec over that before it, LU.

        Excerpts are drawn with a chance in proportion to their power, so the plain mean of the ratios estimates
        the ratio of the sums (Hansen and Hurwitz, Ann. Math. Stat. 14, 1943).
        """
        if self.effect.lossless:
            return 0.0
        if self.material.covered:
            pair = integrated(coded.blocks), integrated(plain.blocks)
            return self.shift if pair[0] is None or pair[1] is None else pair[0] - pair[1]
        excerpts = self.material.excerpts
        piloted = for_pilot(excerpts)
        played = piloted if chain.limiter_ceiling_dbfs is None else excerpts
        before = dict(zip(played, excerpt_powers(plain.blocks, played), strict=True))
        after = excerpt_powers(coded.blocks, piloted)
        ratios = [power / before[excerpt] for excerpt, power in zip(piloted, after, strict=True) if before[excerpt] > 0]
        return 10.0 * math.log10(max(_mean(ratios), 1e-12))


def excerpt_powers(blocks: Blocks, excerpts: Sequence[Window]) -> list[float]:
    """Mean power of each excerpt in a measurement of all of them joined; blocks across a seam are left out."""
    result: list[float] = []
    start = 0.0
    for excerpt in excerpts:
        length = (excerpt.end or 0.0) - excerpt.start
        result.append(_mean(powers(blocks, start, start + length)))
        start += length
    return result


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else 0.0


def linear_reason(gain_db: float, target: Normalize) -> str:
    """What the certificate says of a plain gain."""
    return f"{gain_db:+.1f} dB fits under {target.true_peak_dbtp:g} dBTP"


def limited_reason(gain_db: float, target: Normalize, ceiling_dbfs: float, lost_lu: float) -> str:
    """What the certificate says of a gain whose peaks are held back; a loss that rounds to nothing is none."""
    loss = f", {lost_lu:.1f} LU quieter by it" if lost_lu >= _LEAST_TOLD_LU else ""
    over = f"{gain_db:+.1f} dB would peak over {target.true_peak_dbtp:g} dBTP"
    return f"{over}: peaks are held at {ceiling_dbfs:.1f} dBFS{loss}"
