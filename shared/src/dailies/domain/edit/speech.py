"""Where somebody speaks, by the rhythm of syllables, and where there is a pause to cut in. Pure.

Speech swings in loudness three to eight times a second, deeper than music or noise do (Scheirer and Slaney,
"Construction and evaluation of a robust multifeature speech/music discriminator", ICASSP 1997: 4 Hz modulation energy).
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Sequence
from itertools import groupby

#: The envelope's values a second: RMS of 50 ms in the band that carries speech.
ENVELOPE_HZ = 20
#: Syllables a second, and how deep they must swing: r.m.s. of the swing over the mean level.
_SYLLABLES_HZ = (2.5, 8.5)
_DEPTH = 0.3
#: Analysed around each second. Longer: half a second of talk would vanish; shorter: it can't be told from a beat.
_WINDOW_SECONDS = 2
#: An envelope this far below the loudest tenth is no voice that is meant to be heard, dB; and below this nothing is.
_BELOW_DB, _SILENT_DBFS = -30.0, -60.0


#: A pause is so much below the loudest tenth of the half minute around it, dB, for as many seconds.
_PAUSE_DB, _PAUSE_SECONDS, _AROUND_SECONDS = -20.0, 0.25, 15


def speech_seconds(levels_dbfs: Sequence[float]) -> list[bool]:
    """For each second, whether there is speech. ``levels_dbfs``: the envelope, :data:`ENVELOPE_HZ` values a second."""
    levels = _amplitudes(levels_dbfs)
    if not levels:
        return []
    least = max(_loud(levels) * 10 ** (_BELOW_DB / 20), 10 ** (_SILENT_DBFS / 20))
    half = (_WINDOW_SECONDS * ENVELOPE_HZ - ENVELOPE_HZ) // 2
    found = []
    for begin in range(0, len(levels), ENVELOPE_HZ):
        window = levels[max(begin - half, 0) : begin + ENVELOPE_HZ + half]
        mean = math.fsum(window) / len(window)
        found.append(mean >= least and _swing(window) >= _DEPTH * mean)
    return found


def second_levels(levels_dbfs: Sequence[float]) -> tuple[float, ...]:
    """The mean level of each second, dBFS, no lower than −120. ``levels_dbfs`` as above."""
    levels = _amplitudes(levels_dbfs)
    seconds = [levels[begin : begin + ENVELOPE_HZ] for begin in range(0, len(levels), ENVELOPE_HZ)]
    powers = [math.fsum(level * level for level in own) / len(own) for own in seconds]
    return tuple(round(10 * math.log10(max(power, 1e-12)), 1) for power in powers)


def pauses(levels_dbfs: Sequence[float]) -> list[float]:
    """The middles of the pauses, in seconds. ``levels_dbfs`` as above."""
    return [(start + end) / 2 for start, end in quiet_spans(levels_dbfs)]


def quiet_spans(levels_dbfs: Sequence[float]) -> list[tuple[float, float]]:
    """Where each pause begins and ends, in seconds. ``levels_dbfs`` as above."""
    levels = _amplitudes(levels_dbfs)
    quiet: list[bool] = []
    for begin in range(0, len(levels), ENVELOPE_HZ):
        around = levels[max(begin - _AROUND_SECONDS * ENVELOPE_HZ, 0) : begin + _AROUND_SECONDS * ENVELOPE_HZ]
        least = max(_loud(around) * 10 ** (_PAUSE_DB / 20), 10 ** (_SILENT_DBFS / 20))
        quiet += [level <= least for level in levels[begin : begin + ENVELOPE_HZ]]
    found, place = [], 0
    for silent, run in groupby(quiet):
        length = sum(1 for _ in run)
        if silent and length >= _PAUSE_SECONDS * ENVELOPE_HZ:
            found.append((place / ENVELOPE_HZ, (place + length) / ENVELOPE_HZ))
        place += length
    return found


def _amplitudes(levels_dbfs: Sequence[float]) -> list[float]:
    return [0.0 if not math.isfinite(level) else 10 ** (level / 20) for level in levels_dbfs]


def _loud(levels: Sequence[float]) -> float:
    """What the loudest tenth is over."""
    return sorted(levels)[len(levels) * 9 // 10]


def _swing(window: Sequence[float]) -> float:
    """R.m.s. of the parts of an envelope that swing as fast as syllables (Parseval's theorem)."""
    size = len(window)
    low, high = (math.ceil(hertz * size / ENVELOPE_HZ) for hertz in _SYLLABLES_HZ)
    power = 0.0
    for k in range(max(low, 1), min(high, (size + 1) // 2)):
        turn = cmath.exp(-2j * math.pi * k / size)
        total, phase = 0j, 1 + 0j
        for value in window:
            total += value * phase
            phase *= turn
        power += 2 * abs(total / size) ** 2
    return math.sqrt(power)
