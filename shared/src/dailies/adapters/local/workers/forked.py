"""A child that is a fork of this process: what is imported here need not be imported there."""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path

# As short as what waits for it is; Popen.wait polls in the same way.
_LONGEST_PAUSE_SECONDS = 0.02


def can_fork() -> bool:
    """Whether a fork is safe: on Linux (macOS's own libraries don't survive it), and with no other thread."""
    return sys.platform == "linux" and threading.active_count() == 1


class ForkedProcess:
    """What ``Popen`` is for a program, for a function: of its methods those that a worker's parent needs.

    The child has a group of its own, a pipe as standard input, nothing as standard output, and no other descriptor of
    ours. It ends with what ``work`` returns as exit code, whatever the frames below would do.
    """

    def __init__(self, work: Callable[[], int], *, name: bytes) -> None:
        """``name``, at most 15, is what ``ps`` calls it. Raises OSError."""
        self.returncode: int | None = None
        # What is here stays: neither process's collector need look at it again.
        gc.freeze()
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                with contextlib.suppress(OSError):  # whoever writes to it next meets it again
                    stream.flush()
        read_end, write_end = os.pipe()
        try:
            self.pid = os.fork()
        except OSError:
            os.close(write_end)
            raise
        finally:
            if getattr(self, "pid", None) != 0:
                os.close(read_end)
        if self.pid == 0:
            _become_child(work, read_end, name)
        # Both sides do it: whichever comes first, a signal to the group finds it.
        with contextlib.suppress(OSError):
            os.setpgid(self.pid, self.pid)
        self.stdin = os.fdopen(write_end, "wb")

    def poll(self) -> int | None:
        """The exit code, −N after signal N; None while it runs."""
        if self.returncode is None:
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:  # somebody has waited for every child
                pid, status = self.pid, 0
            if pid == self.pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end. Raises subprocess.TimeoutExpired after ``timeout`` seconds."""
        deadline = None if timeout is None else time.monotonic() + timeout
        pause = 0.0005
        while (code := self.poll()) is None:
            if deadline is not None and time.monotonic() >= deadline:
                raise subprocess.TimeoutExpired([f"fork {self.pid}"], timeout or 0)
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
        return code

    def send_signal(self, number: int) -> None:
        """Send the signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def _become_child(work: Callable[[], int], read_end: int, name: bytes) -> None:
    """Never returns: the frames below are the parent's."""
    code = 1
    try:
        os.setpgid(0, 0)
        os.dup2(read_end, 0)
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, 1)
        # Those that are open: where a container allows a thousand million, to try each takes minutes.
        for descriptor in [int(entry.name) for entry in Path("/proc/self/fd").iterdir()]:
            if descriptor > 2:
                with contextlib.suppress(OSError):  # the listing's own
                    os.close(descriptor)
        with contextlib.suppress(OSError):
            Path("/proc/self/comm").write_bytes(name)
        code = work()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001 - as the interpreter does at the end of a program
        traceback.print_exc()
    finally:
        atexit._run_exitfuncs()  # noqa: SLF001 - as multiprocessing does: the frames below must not be unwound
        with contextlib.suppress(OSError):
            sys.stderr.flush()
        os._exit(code)
