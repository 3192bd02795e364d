"""Workers as subprocesses of this one."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from dailies.adapters.local.owners import LocalOwners
from dailies.domain.errors import TransientError

# A worker that was told to end kills its FFmpeg within two seconds and needs a little to tidy up.
_GRACE_SECONDS = 6.0


class LocalWorkers:
    """Starts ``python -m dailies.worker JOB``. Each worker ends by itself when this process does: it holds
    the other end of the worker's standard input."""

    def __init__(self, environment: Mapping[str, str], scratch: Path, owners: LocalOwners) -> None:
        self._environment = dict(environment)
        self._scratch = scratch
        self._owners = owners
        self._running: dict[str, list[subprocess.Popen[bytes]]] = {}

    def start(self, job_id: str, tasks: int = 1) -> None:
        # Those that have ended stay listed until ``ended`` has told of them.
        known = self._running.setdefault(job_id, [])
        for _ in range(tasks - sum(process.poll() is None for process in known)):
            known.append(self._start(job_id))

    def _start(self, job_id: str) -> subprocess.Popen[bytes]:
        self._end_strays()
        try:
            return subprocess.Popen(
                [sys.executable, "-P", "-m", "dailies.worker", job_id],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                env={**os.environ, **self._environment},
                # Its own group: Ctrl-C reaches the command, which then ends the worker in order.
                process_group=0,
            )
        except OSError as error:
            raise TransientError(f"A worker process can't be started ({error.strerror}): try again.") from error

    def cancel(self, job_id: str) -> None:
        for process in self._running.get(job_id, []):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)

    def ended(self, job_id: str) -> list[int]:
        """The exit codes of the job's workers that ended since the last call; −N after signal N."""
        running = self._running.get(job_id, [])
        ended = [process for process in running if process.poll() is not None]
        for process in ended:
            running.remove(process)
            _close_input(process)
        return [process.returncode for process in ended]

    def running(self, job_id: str) -> bool:
        """Whether a worker of the job, started here, lives."""
        return any(process.poll() is None for process in self._running.get(job_id, []))

    def join(self) -> None:
        """Wait for every worker to end; those that don't within the grace are killed."""
        deadline = time.monotonic() + _GRACE_SECONDS
        for processes in self._running.values():
            for process in processes:
                _close_input(process)
            for process in processes:
                try:
                    process.wait(max(0.0, deadline - time.monotonic()))
                except subprocess.TimeoutExpired:
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
        if self._running:
            self._end_strays()
        self._running.clear()

    def _end_strays(self) -> None:
        """Kill what works in the scratch folder of a dead process.

        A child dies with its worker, but for one that bubblewrap is just setting up: for some milliseconds the
        death signal is not armed yet. It would encode to its end, or wait for ever.
        """
        scratch = self._scratch.resolve()
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError, ValueError):
                place = (process / "cwd").readlink().relative_to(scratch)
                # "(deleted)" may follow; the folder is named by its owner.
                if place.parts and self._owners.is_dead(place.parts[0].split()[0]):
                    os.kill(int(process.name), signal.SIGKILL)


def _close_input(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()
