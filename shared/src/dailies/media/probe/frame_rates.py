"""From the distances of frames to the rates that a film has, and is made at. Pure; trusts no value to be sane."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import accumulate
from typing import Any

from dailies.domain.edit.edit_list import nominal_rate
from dailies.domain.pictures.sampling import STILL_SECONDS

#: libav counts microseconds in 63 bits: no clock of its goes further.
_FURTHEST_SECONDS = 1e13
#: No camera's frames are nearer to each other.
_SHORTEST_SECONDS = 1e-6
#: A frame this much longer or shorter than the usual one counts as uneven; two are allowed (a stream cut out of a
#: broadcast starts with a gap), or a fiftieth (edits).
_UNEVEN, _UNEVEN_SHARE = 0.2, 0.02
#: Frames a second: a time-lapse camera's, and the fastest that are filmed.
_SLOWEST, _FASTEST = Fraction(1, 3600), Fraction(1000)
_RATES = [
    *(Fraction(n) for n in (10, 12, 15, 24, 25, 30, 48, 50, 60, 100, 120)),
    *(Fraction(1000 * n, 1001) for n in (24, 30, 60, 120)),
]


def steady_rate(steps: Sequence[float], rate: str | None, *, variable: bool, interlaced: bool) -> str:
    """As an edit's. The fields of an interlaced film may come one by one: its frames are what its header says."""
    times = (
        [] if interlaced and rate is not None else list(accumulate(step for step in steps if step > _SHORTEST_SECONDS))
    )
    steady = nominal_rate(times, rate, variable=variable)
    return f"{steady.numerator}/{steady.denominator}"


def uneven(steps: Sequence[float], tick: float) -> bool:
    """Whether frames last differently long, beyond the rounding of the file's clock (``tick`` seconds)."""
    positive = [step for step in steps if step > 0]
    if len(positive) < 3:
        return False
    usual = statistics.median(positive)
    allowed = max(_UNEVEN * usual, 1.5 * tick)
    odd = sum(abs(step - usual) > allowed for step in positive)
    return odd > max(2, _UNEVEN_SHARE * len(positive)) or max(positive) > max(STILL_SECONDS, 2 * usual + allowed)


def frame_rate(stream: Mapping[str, Any]) -> str | None:
    seconds = finite(stream["counted_seconds"])
    counted = stream["packets"] / seconds if seconds and stream["packets"] > 2 else None
    for name in ("average_rate", "guessed_rate"):
        rate = fraction(stream.get(name))
        # Containers with a clock of milliseconds make libav guess 1000 frames a second; what was counted decides.
        if rate is not None and _SLOWEST <= rate <= _FASTEST and (counted is None or 0.9 < counted / rate < 1.1):
            return f"{rate.numerator}/{rate.denominator}"
    if counted is None or not _SLOWEST <= counted <= _FASTEST:
        return None
    nearest = min(_RATES, key=lambda rate: abs(rate - counted))
    rate = nearest if abs(nearest - counted) < 0.01 * counted else Fraction(counted).limit_denominator(1001)
    return f"{rate.numerator}/{rate.denominator}"


def fraction(text: str | None) -> Fraction | None:
    if text is None:
        return None
    try:
        value = Fraction(text)
    except (ValueError, ZeroDivisionError):
        return None
    return value if value > 0 else None


def finite(value: float | None) -> float | None:
    return value if value is not None and abs(value) < _FURTHEST_SECONDS else None
