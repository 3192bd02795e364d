"""The words in front of a child's own: they set its limits and tie its life to ours."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

#: Sets the rlimits and becomes the program: 0.6 ms, and no ``preexec_fn`` (unsafe with threads, and it turns
#: Popen's vfork into a fork of the whole worker). ``$1`` is the pid that must be our parent: had it died before
#: the death signal was armed, nobody would be left to send it. A limit that can't be set (macOS has no -v, or
#: a stricter hard limit is in force) is skipped. SIGXCPU comes at the soft limit, SIGKILL 2 s after it.
_LAUNCH = """[ "$PPID" = "$1" ] || exit 125
{ ulimit -v "$2"; ulimit -S -t "$3"; ulimit -H -t "$4"; ulimit -f "$5"; ulimit -n "$6"; ulimit -c 0; } 2>/dev/null
shift 6; exec "$@" """
#: The same arming of the death signal where util-linux's ``setpriv`` is missing: 23 ms instead of 0.6.
_ARM = "import ctypes,os,sys;ctypes.CDLL(None).prctl(1,9,0,0,0);os.execv(sys.argv[1],sys.argv[1:])"


#: FFmpeg says twice a second how far it is, and any work shows in its CPU time.
STILL_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What one child may use. ``memory_bytes`` is address space: allow about 2 × the resident size expected."""

    wall_seconds: float
    cpu_seconds: int
    memory_bytes: int
    file_bytes: int
    open_files: int = 256
    #: How long it may neither write, nor move, nor use CPU.
    still_seconds: float = STILL_SECONDS


def launcher(limits: Limits) -> list[str]:
    """The words to put before a command. Linux: the child dies with the *thread* that starts it."""
    cpu = max(1, limits.cpu_seconds)
    words = (limits.memory_bytes // 1024, cpu, cpu + 2, limits.file_bytes // 512, limits.open_files)
    return [*_arm(), "/bin/sh", "-c", _LAUNCH, "sh", str(os.getpid()), *map(str, words)]


@cache
def _arm() -> tuple[str, ...]:
    """The words that make the child die with us (PR_SET_PDEATHSIG); none where the system has no such thing."""
    if not sys.platform.startswith("linux"):
        return ()
    setpriv = shutil.which("setpriv", path="/usr/bin:/bin")
    if setpriv is not None and "busybox" not in os.path.realpath(setpriv):  # BusyBox's lacks --pdeathsig
        return (setpriv, "--pdeathsig", "KILL")
    return (sys.executable, "-I", "-S", "-c", _ARM)


@contextlib.contextmanager
def presented(readable: Sequence[tuple[Path, str]], cwd: Path, *, as_mount: bool) -> Iterator[None]:
    """Make each file appear as ``cwd/name``: a mount point for the sandbox, else a symbolic link."""
    made: list[Path] = []
    try:
        for path, name in readable:
            place = cwd / name
            if place.is_symlink() or (place.is_file() and place.stat().st_size == 0):
                place.unlink()  # left by a run that was killed
            if as_mount:
                place.touch(exist_ok=False)
            else:
                place.symlink_to(path.absolute())
            made.append(place)
        yield
    finally:
        for place in made:
            place.unlink(missing_ok=True)
