"""What it means when a child did not end by itself: its limits, a full disk, or a signal of somebody else's."""

from __future__ import annotations

import re
import signal
from dataclasses import dataclass
from pathlib import Path

from dailies.domain.errors import Killed, PermanentError, StorageFull
from dailies.media.run.child_limits import Limits

_NO_SPACE = re.compile(r"^\S.*No space left on device\s*$", re.MULTILINE)
#: FFmpeg, Python, C++ (x265, and aom in its own words), in this order.
_NO_MEMORY = re.compile(
    r"^\S.*Cannot allocate memory\s*$|^MemoryError|std::bad_alloc|^\S.*malloc of size \d+ failed", re.MULTILINE
)
#: Those that no program sends itself: the kernel out of memory, an operator, a machine on its way down.
_FROM_OUTSIDE = {signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGKILL}
#: FFmpeg ends in order after them, with code 255.
_HEARD_SIGNAL = re.compile(r"^(?:\[[^\]\n]*\] )*Exiting normally, received signal (\d+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Finished:
    """How a child ended. ``stderr`` is its first and last 32 KiB; ``returncode`` is −N after signal N."""

    returncode: int
    stderr: str
    wall_seconds: float
    cpu_seconds: float
    #: Largest resident set; never less than this process's own, which the kernel counts from before the exec.
    peak_memory_bytes: int


def raise_for_limits(finished: Finished, limits: Limits, cwd: Path, *, timed_out: bool) -> None:
    """Raise for a child that a limit, a full disk or somebody else ended; what else failed is the caller's to say."""
    if timed_out:
        raise PermanentError(
            f"Processing took longer than the allowed {limits.wall_seconds:g} s and was stopped.",
            code="time_limit",
            wall_seconds=limits.wall_seconds,
        )
    if finished.returncode == 0:
        return
    # A shell or bubblewrap between us and the program reports its death by signal N as 128 + N.
    number = -finished.returncode if finished.returncode < 0 else finished.returncode - 128
    if _NO_SPACE.search(finished.stderr):
        raise StorageFull(f"No space is left on the volume of {cwd}; free some and try again.")
    if number == signal.SIGXCPU or finished.cpu_seconds >= limits.cpu_seconds * 0.98:
        raise PermanentError(
            f"Processing needed more than the allowed {limits.cpu_seconds} CPU seconds and was stopped.",
            code="time_limit",
            cpu_seconds=limits.cpu_seconds,
        )
    if number == signal.SIGXFSZ or "File too large" in finished.stderr:
        raise PermanentError(
            f"The output grew over the allowed {limits.file_bytes // 2**20} MiB and was stopped.",
            code="output_limit",
            file_bytes=limits.file_bytes,
        )
    if _NO_MEMORY.search(finished.stderr):
        raise PermanentError(
            f"Processing needs more memory than the allowed {limits.memory_bytes // 2**20} MiB.",
            code="memory_limit",
            memory_bytes=limits.memory_bytes,
        )
    heard = _HEARD_SIGNAL.search(finished.stderr)
    if number in _FROM_OUTSIDE or heard is not None:
        by = number if heard is None else int(heard[1])
        raise Killed(
            f"A tool was ended from outside (signal {by}), most likely by the system for want of memory: give the"
            " machine more of it, or run fewer jobs and workers at once.",
            signal=by,
        )
