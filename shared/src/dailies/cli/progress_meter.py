"""How far a job is, how fast it goes and what is left of it, as a person sees it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

# What reading a new file takes of the whole, roughly; its share is known beforehand, so that nothing ever falls back.
_READING_PERCENT = 5.0
# The speed is that of so many last seconds: fast steps come before slow ones.
_WINDOW_SECONDS = 30.0
# Before, what is left is a guess that jumps about.
_SETTLED_SECONDS, _SETTLED_PERCENT = 2.0, 3.0


class Meter:
    """The percents of one file never fall; ``clock`` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._begun: float | None = None
        self._seen: deque[tuple[float, float]] = deque()
        self.percent = 0.0
        """Of reading and processing together, 0–100."""
        self.media_seconds: float | None = None
        """Of the source, once it is known."""

    def reading(self, done: int, size: int) -> None:
        self._rise(_READING_PERCENT * done / size if size else 0.0)

    def processing(self, percent: float) -> None:
        """``percent`` 0–100 of the job that begins when the file has been read."""
        self._begun = self._clock() if self._begun is None else self._begun
        self._rise(_READING_PERCENT + (100.0 - _READING_PERCENT) * percent / 100.0)
        now = self._clock()
        self._seen.append((now, self.percent))
        while len(self._seen) > 2 and self._seen[1][0] <= now - _WINDOW_SECONDS:
            self._seen.popleft()

    def speed(self) -> float | None:
        """Seconds of media in a second, of the job so far."""
        rate = self._rate()
        return None if rate is None or not self.media_seconds else rate * self.media_seconds / 100.0

    def seconds_left(self) -> float | None:
        rate = self._rate()
        if rate is None or not self._seen:
            return None
        since = self._clock() - self._seen[-1][0]
        return max(0.0, (100.0 - self.percent) / rate - since)

    def _rate(self) -> float | None:
        """Percents a second; None while that says nothing."""
        if self._begun is None or not self._seen:
            return None
        (begun, first), (now, last) = self._seen[0], self._seen[-1]
        settled = now - self._begun >= _SETTLED_SECONDS and last >= _READING_PERCENT + _SETTLED_PERCENT
        return (last - first) / (now - begun) if settled and last > first else None

    def _rise(self, percent: float) -> None:
        self.percent = max(self.percent, min(percent, 100.0))


def speed_text(speed: float | None) -> str:
    """``12×``, ``3.1×``, ``0.25×``; nothing where it isn't known."""
    return "" if speed is None else f"{speed:.{0 if speed >= 10 else 1 if speed >= 1 else 2}f}×"


def left_text(seconds: float | None) -> str:
    """``0:12 left``; nothing where it isn't known."""
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return (f"{hours}:{minutes:02d}" if hours else str(minutes)) + f":{rest:02d} left"
