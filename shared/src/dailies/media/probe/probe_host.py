"""A process that has PyAV imported and probes one user's files, each in a fork: the import is most of a probe.

It is the sandboxed child that a single probe has, under the same limits, but for the file: that comes as a descriptor.
Files of several users never meet in one. Whatever goes wrong here is not judged here: the caller then runs a child for
this file alone, and what that one says counts.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from dailies.domain.errors import DailiesError
from dailies.domain.stop import StopToken
from dailies.media.run.child_limits import Limits, launcher
from dailies.media.run.lines import Excerpt, LineReader
from dailies.media.run.sandbox import Sandbox

#: A file that takes longer has a child of its own wait for it.
_ANSWER_SECONDS = 10.0
_START_SECONDS = 10.0
_TICK_SECONDS = 0.05
_START = "import sys; sys.path += sys.argv[1:3]; from dailies.media.probe.child.host import serve; serve()"


class ProbeHost:
    """Started by the first question, and again after its end. Linux only: elsewhere it answers nothing.

    The process dies with the thread whose question started it, as every child does.
    """

    def __init__(self, scratch: Path, prefix: str) -> None:
        """A folder is made in ``scratch`` for a moment, its name begins with ``prefix``."""
        self._scratch = scratch
        self._prefix = prefix
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None
        self._user = ""

    def serve(self, user: str) -> None:
        """From here on the files are ``user``'s: what has seen another's is ended."""
        if user != self._user:
            self._user = user
            self.close()

    def close(self) -> None:
        """End the process. Idempotent."""
        with self._lock:
            self._end()

    def ask(
        self,
        source: Path,
        options: str,
        *,
        folders: Sequence[Path],
        visible: Sequence[Path],
        sandbox: Sandbox | None,
        limits: Limits,
        on_stdout: Callable[[str], None],
        stop: StopToken | None,
    ) -> str | None:
        """Probe ``source``; returns what was said on standard error, None where a child has to be asked instead.

        ``folders`` are those of Dailies and of PyAV. Raises the stop's error.
        """
        if sys.platform != "linux" or not self._lock.acquire(blocking=False):
            return None
        errors = Excerpt()
        answered = False
        try:
            if self._channel is None:
                self._start(folders, visible, sandbox, limits)
            answered = self._exchange(source, options.encode(), LineReader(on_stdout), LineReader(None, errors), stop)
        except (OSError, DailiesError):
            if stop is not None:
                stop.check()
        finally:
            if not answered:
                self._end()
            self._lock.release()
        return errors.text() if answered else None

    def _start(self, folders: Sequence[Path], visible: Sequence[Path], sandbox: Sandbox | None, limits: Limits) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._channel = ours
        self._scratch.mkdir(parents=True, exist_ok=True)
        with theirs, tempfile.TemporaryDirectory(dir=self._scratch, prefix=self._prefix) as place:
            command = [sys.executable, "-I", "-S", "-c", _START, *map(str, folders)]
            if sandbox is not None:
                command = sandbox.wrap(command, cwd=Path(place), visible=visible)
            # The folder is removed once it has started: a file's descriptor is all that it needs.
            self._process = subprocess.Popen(  # noqa: S603 - our own words, like those of process.run
                [*launcher(limits), *command],
                cwd=place,
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={"LC_ALL": "C"},
                start_new_session=True,
            )
            theirs.close()
            ours.settimeout(_START_SECONDS)
            if ours.recv(16) != b"ready":
                raise OSError("the probe's host did not start")

    def _exchange(self, source: Path, options: bytes, out: LineReader, err: LineReader, stop: StopToken | None) -> bool:
        """Hand the file over and read the fork's output; whether it ended well."""
        channel = self._channel
        if channel is None:
            raise OSError("the probe's host is gone")
        deadline = time.monotonic() + _ANSWER_SECONDS
        with contextlib.ExitStack() as stack, source.open("rb") as file:
            readers: dict[int, LineReader] = {}
            ends = []
            for reader in (out, err):
                read_end, write_end = os.pipe()
                stack.callback(os.close, read_end)
                readers[read_end] = reader
                ends.append(write_end)
            try:
                socket.send_fds(channel, [options], [file.fileno(), *ends])
            finally:
                for end in ends:
                    os.close(end)
            self._read(readers, deadline, stop)
            channel.settimeout(max(0.001, deadline - time.monotonic()))
            return channel.recv(16) == b"0"

    def _read(self, readers: dict[int, LineReader], deadline: float, stop: StopToken | None) -> None:
        with selectors.DefaultSelector() as selector:
            for descriptor in readers:
                selector.register(descriptor, selectors.EVENT_READ)
            while readers:
                if stop is not None:
                    stop.check()
                if time.monotonic() > deadline:
                    raise TimeoutError("the probe's host takes too long")
                for key, _ in selector.select(_TICK_SECONDS):
                    if not readers[key.fd].read(key.fd):
                        selector.unregister(key.fd)
                        del readers[key.fd]

    def _end(self) -> None:
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None
