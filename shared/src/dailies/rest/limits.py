"""How often a caller may ask, and how that is told (RateLimit header fields for HTTP, draft 9 and later)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from dailies.domain.errors import RateLimited
from dailies.domain.job.rate import Rate, Taken

_NAME = '"default"'


@dataclass(frozen=True, slots=True)
class Told:
    """What an answer says of the limit."""

    rate: Rate
    left: int
    seconds: float

    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Policy": f"{_NAME};q={self.rate.amount};w={self.rate.seconds}",
            "RateLimit": f"{_NAME};r={self.left};t={math.ceil(self.seconds)}",
        }


def told(taken: Taken) -> Told:
    return Told(taken.rate, taken.left, taken.full_in_seconds)


def refused_by(error: RateLimited) -> Told:
    """Of a refusal: nothing is left."""
    rate = Rate(int(str(error.details["limit"])), int(str(error.details["window_seconds"])))
    return Told(rate, 0, error.retry_after or 1.0)
