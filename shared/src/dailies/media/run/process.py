"""The only place that starts a process: bounded, sandboxed, and never left behind.

Every child gets its own session, stdin from /dev/null, an environment of ``LC_ALL=C`` only, rlimits, and, on
Linux, dies with the thread that started it (so ``kill -9`` of a worker leaves no FFmpeg). Output is read as it
comes, in one thread, with ``select``: a child can neither fill a pipe nor our memory.
"""

from __future__ import annotations

import contextlib
import os
import resource
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Literal, Self

from dailies.domain.errors import Misconfigured, SourceRefused
from dailies.domain.stop import StopToken
from dailies.media.run.child_limits import Limits, launcher, presented
from dailies.media.run.endings import Finished, raise_for_limits
from dailies.media.run.lines import Excerpt, LineReader
from dailies.media.run.sandbox import Sandbox
from dailies.media.run.watchdog import Watchdog

__all__ = ["Finished", "Limits", "OnLine", "SidePipe", "StopToken", "run"]

OnLine = Callable[[str], None]

#: Between SIGTERM and SIGKILL. FFmpeg 9.0.2 was seen to take 56 s after SIGTERM (notes/hostile-input.md), and a
#: cancel is promised within 2 s.
GRACE_SECONDS = 1.5
STOOD_STILL = "stood_still"
#: How late a stop request, or the end of a child on a system without pidfd, may be seen.
TICK_SECONDS = 0.05
#: How long the pipes may stay open after the child has gone (somebody it started still holds them).
DRAIN_SECONDS = 1.0


class SidePipe:
    """One more stream of lines from the child: name ``fd`` in its arguments (``-progress pipe:7``)."""

    def __init__(self, on_line: OnLine) -> None:
        self.on_line = on_line
        self.read_fd, self.fd = os.pipe()

    def close_write(self) -> None:
        """Close our copy of the end the child writes to: end-of-file then comes when the child closes its own."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self.close_write()
        os.close(self.read_fd)


def run(
    argv: Sequence[str],
    *,
    cwd: Path,
    limits: Limits,
    on_stdout: OnLine | None = None,
    on_stderr_line: OnLine | None = None,
    stop: StopToken | None = None,
    sandbox: Sandbox | None = None,
    readable: Sequence[tuple[Path, str]] = (),
    visible: Sequence[Path] = (),
    side_pipe: SidePipe | None = None,
    moved: Callable[[], object] = lambda: None,
) -> Finished:
    """Run ``argv`` (its first word an absolute path) in ``cwd`` until it ends, and return how it did.

    ``cwd`` is the only folder it may write. Each ``(path, name)`` of ``readable`` appears as ``cwd/name`` for the
    time of the run; ``visible`` are files and folders that the program itself needs (a Python's libraries).
    Callbacks get lines without their newline; lines over 64 KiB come in pieces, bytes that aren't UTF-8 replaced.
    ``moved`` returns something else whenever the child's work has gone on, where stdout doesn't show it.

    A non-zero exit is returned, not raised: what it means is the caller's to say. Raises Cancelled, Interrupted or
    LeaseLost when ``stop`` is set; SourceRefused ``stood_still`` when it does nothing; Killed when somebody else ended
    it; PermanentError ``time_limit`` (wall clock or CPU), ``memory_limit`` or ``output_limit``; StorageFull when it met
    a full disk; Misconfigured when it can't be started. Whatever is raised, also by a callback or Ctrl-C, the whole
    process group is dead by then.
    """
    if stop is not None:
        stop.check()
    command = list(argv)
    if not Path(command[0]).is_absolute():
        raise ValueError(f"{command[0]!r} must be an absolute path")
    with presented(readable, cwd, as_mount=sandbox is not None and sandbox.active):
        if sandbox is not None:
            command = sandbox.wrap(command, cwd=cwd, readable=readable, visible=visible)
        with _Child([*launcher(limits), *command], cwd, side_pipe) as child:
            child.listen(on_stdout, on_stderr_line, side_pipe)
            ended_by = child.attend(limits, stop, moved)
            finished = child.reap()
    if ended_by == "stop" and stop is not None:
        raise stop.error()
    if ended_by == "still":
        raise SourceRefused(
            f"What reads this media stood still for {limits.still_seconds:g} s; convert it to another format first.",
            code=STOOD_STILL,
        )
    if finished.returncode != 0 and stop is not None:
        # Who ends a machine ends its processes in any order.
        stop.check()
    raise_for_limits(finished, limits, cwd, timed_out=ended_by == "time")
    return finished


class _Child:
    """A started process group. Leaving the context kills and reaps what is left of it."""

    def __init__(self, command: list[str], cwd: Path, side_pipe: SidePipe | None) -> None:
        self.started = time.monotonic()
        self.stderr = Excerpt()
        self._readers: dict[int, LineReader] = {}
        self._finished: Finished | None = None
        try:
            self.popen: subprocess.Popen[bytes] = subprocess.Popen(
                command,
                cwd=cwd,
                env={"LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                pass_fds=() if side_pipe is None else (side_pipe.fd,),
                start_new_session=True,  # a group of its own to signal, and Ctrl-C reaches only us
            )
        except OSError as error:
            raise Misconfigured(f"Can't start {command[0]} in {cwd}: {error.strerror}.") from error

    def __enter__(self) -> Self:
        self._selector = selectors.DefaultSelector()
        self._pidfd = _pidfd(self.popen.pid)
        if self._pidfd is not None:
            self._selector.register(self._pidfd, selectors.EVENT_READ)
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        try:
            for reader in self._readers.values():
                reader.mute()  # on the way out of an error nobody wants the rest
            self.reap()
        finally:
            self._selector.close()
            if self._pidfd is not None:
                os.close(self._pidfd)
            for pipe in (self.popen.stdout, self.popen.stderr):
                if pipe is not None:
                    pipe.close()

    def listen(self, on_stdout: OnLine | None, on_stderr: OnLine | None, side_pipe: SidePipe | None) -> None:
        """Send each output's lines where they belong."""
        self._readers[_fileno(self.popen.stdout)] = LineReader(on_stdout)
        self._readers[_fileno(self.popen.stderr)] = LineReader(on_stderr, self.stderr)
        if side_pipe is not None:
            side_pipe.close_write()
            self._readers[side_pipe.read_fd] = LineReader(side_pipe.on_line)
        for fd in self._readers:
            os.set_blocking(fd, False)
            self._selector.register(fd, selectors.EVENT_READ)

    def attend(
        self, limits: Limits, stop: StopToken | None, moved: Callable[[], object]
    ) -> Literal["itself", "stop", "time", "still"]:
        """Serve the child until it has ended; returns what made it end."""
        deadline = self.started + limits.wall_seconds
        stdout = self._readers[_fileno(self.popen.stdout)]
        watchdog = Watchdog(self.popen.pid, limits.still_seconds, lambda: (stdout.taken, moved()))
        while not self._ended():
            if stop is not None and stop.is_set():
                self._terminate()
                return "stop"
            if time.monotonic() >= deadline:
                self._terminate()
                return "time"
            if watchdog.stands_still():
                self._terminate()
                return "still"
            self._serve(TICK_SECONDS)
        return "itself"

    def reap(self) -> Finished:
        """Kill what is left of the group, read what it still said, collect it. Later calls change nothing."""
        if self._finished is not None:
            return self._finished
        wall = time.monotonic() - self.started
        self._signal(signal.SIGKILL)  # before the wait: until then its zombie keeps the group's number from reuse
        _, status, usage = os.wait4(self.popen.pid, 0)
        returncode = self.popen.returncode = os.waitstatus_to_exitcode(status)
        limit = time.monotonic() + DRAIN_SECONDS
        while self._readers and time.monotonic() < limit:  # closed pipes: nobody of the group lives and writes
            self._serve(TICK_SECONDS)
        cpu = usage.ru_utime + usage.ru_stime
        self._finished = Finished(returncode, self.stderr.text(), wall, cpu, _maxrss(usage))
        return self._finished

    def _ended(self) -> bool:
        return os.waitid(os.P_PID, self.popen.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None

    def _serve(self, timeout: float) -> None:
        for key, _ in self._selector.select(timeout):
            if key.fd == self._pidfd:
                self._selector.unregister(key.fd)  # it stays readable: heard once is enough
            elif not self._readers[key.fd].read(key.fd):
                self._selector.unregister(key.fd)
                del self._readers[key.fd]

    def _terminate(self) -> None:
        """Ask, wait for the grace, insist. Reading goes on: a child blocked on a full pipe could not obey."""
        self._signal(signal.SIGTERM)
        limit = time.monotonic() + GRACE_SECONDS
        while not self._ended() and time.monotonic() < limit:
            self._serve(TICK_SECONDS)
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self.popen.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS says EPERM for a zombie
                os.killpg(self.popen.pid, number)


def _fileno(pipe: IO[bytes] | None) -> int:
    if pipe is None:
        raise AssertionError("Popen was told PIPE")
    return pipe.fileno()


def _pidfd(pid: int) -> int | None:
    """A descriptor that becomes readable when the process ends (Linux ≥ 5.3); else the tick finds out."""
    if sys.platform != "linux":
        return None
    try:
        return os.pidfd_open(pid)
    except OSError:
        return None


def _maxrss(usage: resource.struct_rusage) -> int:
    return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
