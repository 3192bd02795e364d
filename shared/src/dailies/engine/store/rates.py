"""Who has asked how often: ``rates/{subject}``, one number each.

A document takes about one write a second in Firestore for long. So a process there takes some askings at once, and
spends them by itself; what it has over when its time is up is lost, never added. On one machine it takes one at a time:
exact, whoever asks at the same moment.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dailies.domain.errors import RateLimited
from dailies.domain.job.rate import Rate, Taken, take
from dailies.engine.platform import Platform
from dailies.ports.documents import Transaction

# Of what a process takes at once in the cloud: a tenth of all, and for a tenth of the time.
_PART = 10
_MICROSECONDS = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - in whatever zone the clock is


@dataclass(slots=True)
class _Purse:
    """What this process may still spend for a subject until then."""

    left: int
    until: int
    taken: Taken


class Rates:
    """Counts for all threads of this process."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._purses: dict[tuple[str, ...], _Purse] = {}
        self._lock = threading.Lock()

    def ask(self, limits: Mapping[str, Rate]) -> Taken:
        """Take one for each subject, or for none; returns what the tightest of them has left.

        Raises RateLimited with ``retry_after``, in seconds, and the limit: what is refused isn't counted.
        """
        if self._platform.settings.project is None:
            return self._take(limits, 1)
        key, now = tuple(sorted(limits)), self._now()
        with self._lock:
            purse = self._purses.get(key)
            if purse is not None and purse.left > 0 and now < purse.until:
                purse.left -= 1
                return replace(purse.taken, left=purse.taken.left + purse.left)
            tightest = min(limits.values(), key=lambda rate: rate.amount)
            taken = self._take(limits, max(1, tightest.amount // _PART))
            until = now + tightest.window // _PART
            self._purses = {known: each for known, each in self._purses.items() if now < each.until}
            self._purses[key] = _Purse(taken.granted - 1, until, taken)
            return replace(taken, left=taken.left + taken.granted - 1)

    def _take(self, limits: Mapping[str, Rate], wanted: int) -> Taken:
        def write(transaction: Transaction) -> tuple[str, Taken]:
            now = self._now()
            paid = {subject: transaction.get(_path(subject)) for subject in sorted(limits)}

            def of(subject: str, much: int) -> Taken:
                known = paid[subject]
                return take(limits[subject], 0 if known is None else int(known.data["paid_at"]), now, much)

            much = min([wanted, *(of(subject, wanted).granted for subject in limits)])
            found = {subject: of(subject, max(much, 1)) for subject in limits}
            tightest = min(found, key=lambda subject: (found[subject].granted, found[subject].left))
            if much:
                for subject, taken in found.items():
                    goes = self._platform.now() + timedelta(seconds=taken.full_in_seconds)
                    transaction.set(_path(subject), {"paid_at": taken.paid_at, "remove_after": goes})
            return tightest, found[tightest]

        subject, taken = self._platform.documents.transaction(write)
        if not taken.granted:
            rate = limits[subject]
            raise RateLimited(
                f"Too many requests: {rate.amount} in {rate.seconds} s are taken. Wait, as Retry-After says.",
                code="too_many_requests",
                retry_after=taken.again_in_seconds,
                limit=rate.amount,
                window_seconds=rate.seconds,
            )
        return taken

    def _now(self) -> int:
        return (self._platform.now().replace(tzinfo=None) - _EPOCH) // _MICROSECONDS


def _path(subject: str) -> str:
    return f"rates/{subject}"
