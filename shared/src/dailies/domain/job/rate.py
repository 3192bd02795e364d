"""How often somebody may ask: the generic cell rate algorithm (ITU-T I.371), in whole microseconds. Pure.

One number is kept: when all that was asked for would be paid off, if each asking took its even share of time.
"""

from __future__ import annotations

from dataclasses import dataclass

_MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Rate:
    """``amount`` in each ``seconds``, all of it at once if nothing was asked for before."""

    amount: int
    seconds: int

    @property
    def share(self) -> int:
        """Of the time, that one asking takes: microseconds."""
        return -(-self.seconds * _MICROSECONDS // self.amount)

    @property
    def window(self) -> int:
        return self.share * self.amount


@dataclass(frozen=True, slots=True)
class Taken:
    """``granted`` of what was asked for; ``paid_at`` is what to keep. Times are microseconds, as they were given.

    ``left`` could be taken at once now; ``full_in_seconds`` from now all can be, ``again_in_seconds`` one more.
    """

    rate: Rate
    granted: int
    paid_at: int
    left: int
    full_in_seconds: float
    again_in_seconds: float


def take(rate: Rate, paid_at: int, now: int, wanted: int = 1) -> Taken:
    """As much of ``wanted`` as may be had ``now``, none or more."""
    since = max(paid_at, now)
    granted = min(wanted, (now + rate.window - since) // rate.share)
    after = since + granted * rate.share
    room = now + rate.window - after
    left = room // rate.share
    missing = 0 if left else rate.share - room
    return Taken(rate, granted, after, left, (after - now) / _MICROSECONDS, missing / _MICROSECONDS)
