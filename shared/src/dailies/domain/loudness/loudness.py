"""Loudness of any part of a programme, from the momentary blocks of one measurement. Pure arithmetic.

ITU-R BS.1770-4 (annex 1) cuts a programme into 400 ms blocks that overlap by 75 %, drops those below an absolute
and then a relative gate, and averages the power of the rest. One pass over the source records every block's
loudness; the integrated loudness of a segment is then a sum over its blocks, and nothing is measured twice.

Loudness is in LUFS, differences are in LU (1 LU = 1 dB), times are in seconds.
"""

from __future__ import annotations

import math
import sys
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

#: Length of a gating block and the distance of two (BS.1770-4, annex 1: 400 ms, 75 % overlap).
BLOCK_SECONDS = 0.4
STEP_SECONDS = 0.1
#: Blocks at or below it are silence to the meter (BS.1770-4, annex 1, Γa).
ABSOLUTE_GATE_LUFS = -70.0
#: Second gate, relative to the loudness of what passed the first (BS.1770-4, annex 1, Γr).
RELATIVE_GATE_LU = -10.0
#: Loudness range: short-term window, its relative gate and its percentiles (EBU Tech 3342, section 3.1).
SHORT_TERM_SECONDS = 3.0
RANGE_GATE_LU = -20.0
RANGE_PERCENTILES = (0.10, 0.95)

_BLOCK_STEPS = round(BLOCK_SECONDS / STEP_SECONDS)
_SHORT_TERM_STEPS = round(SHORT_TERM_SECONDS / STEP_SECONDS)
_TILED_STEPS = _SHORT_TERM_STEPS // _BLOCK_STEPS * _BLOCK_STEPS
_FLOOR_LUFS = -200.0
_POWER_OF_LUFS = math.log(10.0) / 10.0
#: A boundary this close to a step is on it: times come as decimal fractions, steps as binary ones.
_ON_STEP = 1e-4


@dataclass(frozen=True, slots=True)
class Blocks:
    """Momentary loudness: ``lufs[k]`` is of the 400 ms from ``k × step_seconds`` on.

    The step is 0.1 s, or the nearest whole number of samples below it (11,025 Hz: 1102 samples = 0.09995 s), as
    FFmpeg's ``ebur128`` counts it. Single precision: 4 bytes a block, 288 kB for two hours.
    """

    lufs: array[float]
    step_seconds: float = STEP_SECONDS

    @classmethod
    def of(cls, lufs: Iterable[float], step_seconds: float = STEP_SECONDS) -> Blocks:
        """Blocks from plain numbers. A block that is not a number (the source has such samples) is silence."""
        return cls(array("f", (_FLOOR_LUFS if math.isnan(x) else max(x, _FLOOR_LUFS) for x in lufs)), step_seconds)

    def __len__(self) -> int:
        return len(self.lufs)

    @property
    def seconds(self) -> float:
        """End of the last block; the programme ends less than one step later."""
        return (len(self.lufs) + _BLOCK_STEPS - 1) * self.step_seconds if self.lufs else 0.0

    def to_bytes(self) -> bytes:
        """Little-endian IEEE 754 single floats, without the step."""
        values = self.lufs
        if sys.byteorder == "big":
            values = values[:]
            values.byteswap()
        return values.tobytes()

    @classmethod
    def from_bytes(cls, data: bytes, step_seconds: float = STEP_SECONDS) -> Blocks:
        """The inverse of :meth:`to_bytes`. Raises ValueError when ``data`` is not whole floats."""
        values = array("f")
        values.frombytes(data)
        if sys.byteorder == "big":
            values.byteswap()
        return cls(values, step_seconds)


def powers(blocks: Blocks, start: float = 0.0, end: float | None = None) -> list[float]:
    """Mean square of each block that a meter started at ``start`` would see until ``end``, on LUFS' own scale.

    A meter started off the grid sees windows between two recorded ones. Their power is interpolated by a cubic
    through four of them (Catmull and Rom, 1974): a 400 ms mean hardly moves faster than 10 samples a second can
    follow. A segment shorter than a block has none.
    """
    step = blocks.step_seconds
    origin = max(start, 0.0) / step
    first = round(origin) if abs(origin - round(origin)) < _ON_STEP else math.floor(origin)
    shift = max(0.0, origin - first)
    count: int | None = None
    if end is not None:
        count = math.floor((end - max(start, 0.0)) / step + _ON_STEP) - _BLOCK_STEPS + 1
        if count <= 0:
            return []
    if shift < _ON_STEP:
        return _powers(blocks.lufs[first : None if count is None else first + count])
    found = _powers(blocks.lufs[max(first - 1, 0) : None if count is None else first + count + 2])
    if not found:
        return []
    # Before the first and after the last block nothing is recorded: the nearest stands in.
    around = [*found[: first == 0], *found, found[-1], found[-1]]
    between = _between(around, shift)
    return between[:count] if count is not None else between[: len(found) - (first > 0) - 1]


def _powers(lufs: Iterable[float]) -> list[float]:
    return [math.exp(x * _POWER_OF_LUFS) for x in lufs]


def _between(found: Sequence[float], shift: float) -> list[float]:
    """The cubic through each four successive powers, at ``shift`` from the second to the third.

    Beside a steep edge it may swing below what there is: the least of the four is kept to.
    """
    square, cube = shift * shift, shift * shift * shift
    w = (
        square - (cube + shift) / 2,
        1 - 2.5 * square + 1.5 * cube,
        2 * square + shift / 2 - 1.5 * cube,
        (cube - square) / 2,
    )
    fours = zip(found, found[1:], found[2:], found[3:], strict=False)
    return [max(w[0] * p + w[1] * q + w[2] * r + w[3] * s, min(p, q, r, s)) for p, q, r, s in fours]


def integrated(blocks: Blocks, start: float = 0.0, end: float | None = None) -> float | None:
    """Integrated loudness of a segment, LUFS (BS.1770-4, annex 1, equations 5 to 7).

    None where it is undefined: shorter than one block, or no block above the absolute gate.
    """
    return gated(powers(blocks, start, end))


def gated(found: Sequence[float]) -> float | None:
    """Integrated loudness of blocks given as :func:`powers`; None when nothing passes the gates."""
    floor = 10.0 ** (ABSOLUTE_GATE_LUFS / 10.0)
    audible = [x for x in found if x > floor]
    if not audible:
        return None
    gate = math.fsum(audible) / len(audible) * 10.0 ** (RELATIVE_GATE_LU / 10.0)
    loud = [x for x in audible if x > gate]
    if not loud:  # samples that are no numbers, or a rate too low for the meter's filters: infinite
        return None
    return 10.0 * math.log10(math.fsum(loud) / len(loud))


def loudness_range(blocks: Blocks, start: float = 0.0, end: float | None = None) -> float | None:
    """Loudness range of a segment, LU (EBU Tech 3342); None when it is shorter than 3 s or silent.

    Short-term (3 s) loudness is seven blocks end to end, 2.8 s, and half of the one around the last 0.2 s: within
    0.2 LU of FFmpeg's ``ebur128`` on programmes of a minute.
    """
    found = powers(blocks, start, end)
    count = len(found) - (_SHORT_TERM_STEPS - _BLOCK_STEPS)
    if count <= 0:
        return None
    tiled = [math.fsum(found[n : n + _TILED_STEPS : _BLOCK_STEPS]) for n in range(min(count, _BLOCK_STEPS))]
    for n in range(len(tiled), count):
        tiled.append(tiled[n - _BLOCK_STEPS] - found[n - _BLOCK_STEPS] + found[n - _BLOCK_STEPS + _TILED_STEPS])
    short = [
        (2 * tiles + last) / 15 for tiles, last in zip(tiled, found[_SHORT_TERM_STEPS - _BLOCK_STEPS :], strict=True)
    ]
    floor = 10.0 ** (ABSOLUTE_GATE_LUFS / 10.0)
    audible = [x for x in short if x > floor]
    if not audible:
        return None
    gate = math.fsum(audible) / len(audible) * 10.0 ** (RANGE_GATE_LU / 10.0)
    loud = sorted(x for x in audible if x >= gate)
    low, high = (loud[round((len(loud) - 1) * part)] for part in RANGE_PERCENTILES)
    return 10.0 * math.log10(high / low)
