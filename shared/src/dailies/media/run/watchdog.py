"""Tells a child that works from one that stands still, by what it writes and by the CPU it uses."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

#: What a child that waits for ever uses of a CPU: FFmpeg wakes twice a second to say that nothing has changed.
_IDLE_SHARE = 0.01
#: Looks within the time that is allowed.
_LOOKS = 10
# Of /proc/PID/stat, after the name in parentheses: session, and user and system time in clock ticks.
_SESSION, _USER, _SYSTEM = 3, 11, 12


class Watchdog:
    """Watches the processes of ``session``. ``moved`` returns something else whenever the work has gone on."""

    def __init__(self, session: int, seconds: float, moved: Callable[[], object]) -> None:
        self._session = session
        self._seconds = seconds
        self._moved = moved
        self._mark: object = None
        self._cpu = 0.0
        self._still = self._since_look = 0.0
        self._last = time.monotonic()

    def stands_still(self) -> bool:
        """Whether it neither moved nor used CPU for so long. To be asked many times a second."""
        now = time.monotonic()
        # Were we ourselves stopped meanwhile, the child may have been, too: only what we watched counts.
        self._since_look += min(now - self._last, self._seconds / _LOOKS)
        self._last = now
        if self._since_look < self._seconds / _LOOKS:
            return False
        self._still += self._since_look
        self._since_look = 0.0
        mark, cpu = self._moved(), cpu_seconds(self._session)
        if cpu is None or mark != self._mark or not 0 <= cpu - self._cpu <= _IDLE_SHARE * self._seconds:
            self._mark, self._cpu, self._still = mark, cpu or 0.0, 0.0
        return self._still >= self._seconds


def cpu_seconds(session: int) -> float | None:
    """CPU time of a session's living processes; None where the system doesn't list them (only Linux does)."""
    if not sys.platform.startswith("linux"):
        return None
    ticks = 0
    for process in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = process.read_bytes().rpartition(b")")[2].split()
        except OSError:
            continue  # it has just ended
        if int(fields[_SESSION]) == session:
            ticks += int(fields[_USER]) + int(fields[_SYSTEM])
    return ticks / os.sysconf("SC_CLK_TCK")
