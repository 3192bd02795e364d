"""Moving a large file in several parts at once: how many, how large, and what happens when one fails."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from dailies.adapters.gcp.errors import is_transient

_MEGABYTE = 1_000_000
# More parts than a single compose takes cost a round more; larger ones cost more when they are sent again.
_AIM_PARTS = 32
_TICK_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 16.0


@dataclass(frozen=True, slots=True)
class Part:
    index: int
    start: int
    size: int


@dataclass(frozen=True, slots=True)
class Slicing:
    """The figures of a transfer; sizes in bytes."""

    sliced_from: int = 64 * _MEGABYTE
    """Smaller files go in one piece: a second connection costs more than it brings."""
    smallest_part: int = 10 * _MEGABYTE
    largest_part: int = 100 * _MEGABYTE
    fewest: int = 2
    most: int = 8
    """Parts on their way at once; the transfer begins between the two and feels its way."""
    attempts: int = 6
    """Of one part; of one that goes on where it broke off, those that brought nothing."""
    first_pause_seconds: float = 0.5
    clear_seconds: float = 15.0
    """For all parts of an upload together to be removed."""

    def parts(self, size: int) -> list[Part]:
        """The parts of a file; none of an empty one."""
        part = size
        if size >= self.sliced_from:
            part = min(max(-(-size // _AIM_PARTS), self.smallest_part), self.largest_part)
        return [Part(n, start, min(part, size - start)) for n, start in enumerate(range(0, size, part or 1))]


class Flow:
    """How many parts are on their way: one more while that makes it faster, half as many after a failure."""

    def __init__(self, slicing: Slicing, clock: Callable[[], float] = time.monotonic) -> None:
        self._slicing = slicing
        self._clock = clock
        self._lock = threading.Lock()
        self._since = clock()
        self._moved = 0
        self._parts = 0
        self._best = 0.0
        self.limit = (slicing.fewest + slicing.most) // 2

    def done(self, size: int) -> None:
        """A part of ``size`` bytes has arrived."""
        with self._lock:
            self._moved += size
            self._parts += 1
            if self._parts < self.limit:
                return
            rate = self._moved / max(self._clock() - self._since, 1e-6)
            # 5 % is noise; a fall below 3/4 of the best says that the parts are in each other's way.
            if rate > 1.05 * self._best:
                self._best = rate
                self.limit = min(self.limit + 1, self._slicing.most)
            elif rate < 0.75 * self._best:
                self.limit = max(self.limit - 1, self._slicing.fewest)
            self._restart()

    def failed(self) -> None:
        """A part was refused or broke off."""
        with self._lock:
            self.limit = max(self.limit // 2, self._slicing.fewest)
            self._restart()

    def _restart(self) -> None:
        self._since, self._moved, self._parts = self._clock(), 0, 0


class Stopped(Exception):
    """The transfer ends: another part, or on_progress, has failed for good."""


@dataclass(slots=True)
class Meter:
    """The bytes of one part that have moved."""

    stop: threading.Event
    moved: int = 0

    def add(self, count: int) -> None:
        if self.stop.is_set():
            raise Stopped
        self.moved += count


@dataclass(slots=True)
class Transfer:
    """One file's transfer. ``move`` moves one part and tells its meter.

    Where it ``resumes``, it moves what the meter has not seen yet; else every attempt begins anew.
    """

    slicing: Slicing
    flow: Flow
    move: Callable[[Part, Meter], None]
    on_progress: Callable[[int], None] | None
    resumes: bool = False
    _stop: threading.Event = field(default_factory=threading.Event)
    _meters: dict[int, Meter] = field(default_factory=dict)
    _told: int = 0

    def run(self, parts: Sequence[Part]) -> None:
        """Move all parts. Raises what a part raises for good or too often, or what ``on_progress`` does."""
        self._meters = {part.index: Meter(self._stop) for part in parts}
        if len(parts) == 1:
            self._attempts(parts[0])
            self._tell()
            return
        waiting = iter(parts)
        with ThreadPoolExecutor(self.slicing.most, thread_name_prefix="dailies-part") as pool:
            try:
                self._drive(pool, waiting)
            finally:
                self._stop.set()

    def _drive(self, pool: ThreadPoolExecutor, waiting: Iterator[Part]) -> None:
        running: set[Future[None]] = set()
        left = True
        while left or running:
            while left and len(running) < self.flow.limit:
                part = next(waiting, None)
                left = part is not None
                if part is not None:
                    running.add(pool.submit(self._attempts, part))
            done, running = wait(running, timeout=_TICK_SECONDS, return_when=FIRST_COMPLETED)
            for future in done:
                future.result()
            self._tell()

    def _attempts(self, part: Part) -> None:
        pause, futile = self.slicing.first_pause_seconds, 0
        meter = self._meters[part.index]
        while True:
            before = meter.moved = meter.moved if self.resumes else 0
            try:
                self.move(part, meter)
            except Exception as error:
                futile += 1
                if self.resumes and meter.moved > before:
                    pause, futile = self.slicing.first_pause_seconds, 0
                if futile >= self.slicing.attempts or not is_transient(error):
                    raise
                self.flow.failed()
                if self._stop.wait(random.uniform(pause / 2, pause)):  # noqa: S311 -- spreads the repetitions
                    raise Stopped from error
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
            else:
                self.flow.done(part.size)
                return

    def _tell(self) -> None:
        moved = sum(meter.moved for meter in self._meters.values())
        # A part that is sent again starts anew; what was told stays told.
        if self.on_progress is not None and moved > self._told:
            self._told = moved
            self.on_progress(moved)
