"""From a few minutes heard through a limiter to the loudness of hours: an estimate that knows its own error. Pure.

What a limiter takes from a block depends mostly on how loud the block was, and that is known of every block. So the
excerpts give the loss for each level, and the loss of the whole follows from the levels of all its blocks. On ten
minutes of peaky speech, 24 excerpts of 4 s are right to 0.05 LU (r.m.s.), twice as good as their plain mean.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from dailies.domain.loudness.loudness import ABSOLUTE_GATE_LUFS, RELATIVE_GATE_LU, Blocks, powers
from dailies.domain.source.audio_selection import Window

#: Levels with a loss of their own; each has as many of the excerpts' blocks.
_LEVELS = 12
#: Blocks further below the loudest than this are gated away, or weigh nothing.
_RANGE_LU = 25.0
#: Blocks left out at an excerpt's start and end: the ramps, and the meter's memory of the excerpt before.
_HEAD, _TAIL = 2, 1
#: No limiter makes a block louder than its gain. Where more than this part of them is, by more than these dB, the
#: excerpts aren't what their times say: the file can't be sought in.
_MISPLACED_PART, _MISPLACED_DB = 0.05, 0.5
#: Width of the classes that the whole's blocks are counted in, LU.
_CLASS_LU = 0.1


@dataclass(frozen=True, slots=True)
class Estimate:
    """Integrated loudness of the whole behind the chain, LUFS, and its standard error, LU."""

    loudness_lufs: float
    error_lu: float


class Extrapolation:
    """The whole window's blocks, and which of them the excerpts are."""

    def __init__(self, blocks: Blocks, window: Window, excerpts: Sequence[Window]) -> None:
        classes: dict[int, list[float]] = defaultdict(list)
        for power in powers(blocks, window.start, window.end):
            classes[math.floor(10.0 * math.log10(max(power, 1e-20)) / _CLASS_LU)].append(power)
        self._classes = [(math.fsum(found) / len(found), len(found)) for _, found in sorted(classes.items())]
        self._lengths = [(excerpt.end or 0.0) - excerpt.start for excerpt in excerpts]
        self._before = [powers(blocks, excerpt.start, excerpt.end) for excerpt in excerpts]
        inner = sorted(power for before in self._before for power in before[_HEAD:-_TAIL])
        self._floor = inner[-1] * 10 ** (-_RANGE_LU / 10)
        loud = [power for power in inner if power > self._floor]
        self._edges = [loud[len(loud) * n // _LEVELS] for n in range(1, _LEVELS)]
        self._level_of_class = [self._level(power) for power, _ in self._classes]

    def estimate(self, heard: Blocks, gain_db: float) -> Estimate:
        """From the excerpts, heard one after the other through a gain and perhaps a limiter.

        The error is the jackknife's: what leaving out each excerpt in turn would have changed (Tukey, 1958).
        It is infinite where the excerpts can't be trusted.
        """
        gain = 10 ** (gain_db / 10)
        sums: list[tuple[list[float], list[float]]] = []
        louder = count = 0
        start = 0.0
        for before, length in zip(self._before, self._lengths, strict=True):
            after = powers(heard, start, start + length)
            start += length
            into, out = [0.0] * _LEVELS, [0.0] * _LEVELS
            for a, b in list(zip(before, after, strict=False))[_HEAD:-_TAIL]:
                level = self._level(a)
                into[level] += a
                out[level] += b
                if a > self._floor:
                    louder += b > a * gain * 10 ** (_MISPLACED_DB / 10)
                    count += 1
            sums.append((into, out))
        into, out = ([math.fsum(s[side][n] for s in sums) for n in range(_LEVELS)] for side in (0, 1))
        found = self._loudness(into, out, gain)
        if found is None or not count or louder > count * _MISPLACED_PART:
            return Estimate(found if found is not None else -math.inf, math.inf)
        without = [
            self._loudness(
                [whole - part for whole, part in zip(into, i, strict=True)],
                [whole - part for whole, part in zip(out, o, strict=True)],
                gain,
            )
            for i, o in sums
        ]
        kept = [x for x in without if x is not None]
        mean = math.fsum(kept) / len(kept)
        spread = math.fsum((x - mean) ** 2 for x in kept) * (len(kept) - 1) / len(kept)
        return Estimate(found, math.sqrt(spread))

    def _level(self, power: float) -> int:
        return sum(power >= edge for edge in self._edges)

    def _loudness(self, into: Sequence[float], out: Sequence[float], gain: float) -> float | None:
        """BS.1770-4's gates over the whole's blocks, each changed as its level's were in the excerpts."""
        known = {n: o / i for n, (i, o) in enumerate(zip(into, out, strict=True)) if i > 0 and o > 0}
        factors = [known[min(known, key=lambda k: abs(k - n))] if known else gain for n in range(_LEVELS)]
        floor = 10 ** (ABSOLUTE_GATE_LUFS / 10)
        changed = [
            (power * factors[level], count)
            for (power, count), level in zip(self._classes, self._level_of_class, strict=True)
        ]
        audible = [(power, count) for power, count in changed if power > floor]
        if not audible:
            return None
        gate = _mean(audible) * 10 ** (RELATIVE_GATE_LU / 10)
        return 10 * math.log10(_mean([(power, count) for power, count in audible if power > gate]))


def _mean(counted: Sequence[tuple[float, int]]) -> float:
    return math.fsum(power * count for power, count in counted) / sum(count for _, count in counted)
