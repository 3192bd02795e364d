"""Workers as subprocesses of this one."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

from dailies.adapters.local.owners import LocalOwners
from dailies.adapters.local.workers.forked import ForkedProcess, can_fork
from dailies.domain.errors import TransientError

# A worker that was told to end kills its FFmpeg within two seconds and needs a little to tidy up.
GRACE_SECONDS = 6.0
_WORKER = "dailies.worker"

SpawnedProcess = subprocess.Popen[bytes]
WorkerProcess = SpawnedProcess | ForkedProcess


class Standby:
    """A worker that has no job yet.

    It is a fork where that is safe: what this process has imported, it need not import again. Elsewhere it does its
    imports while the command does its own, on another processor.
    """

    def __init__(self, *, wanted: bool = True, work: Callable[[], Callable[[], int]] | None = None) -> None:
        """``wanted`` False: there will be none, and whoever needs a worker starts one.

        ``work`` imports what a worker needs and returns what it does: what ``dailies.worker`` does without a job.
        """
        self._wanted = wanted
        self._work = work
        self._process: WorkerProcess | None = None

    def __enter__(self) -> Self:
        if not self._wanted:
            return self
        with contextlib.suppress(OSError):  # whoever needs a worker meets it again, and says so
            if self._work is not None and can_fork():
                self._process = ForkedProcess(self._work(), name=b"dailies-worker")
            elif processors() > 1:
                self._process = spawn(_WORKER, [])
        return self

    def take(self, job_id: str) -> WorkerProcess | None:
        """Give it the job; None when there is none any more."""
        process, self._process = self._process, None
        if process is None or process.stdin is None:
            return None
        try:
            process.stdin.write(job_id.encode() + b"\n")
            process.stdin.flush()
        except OSError:  # it died while it waited
            _end(process)
            return None
        return process

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            _end(self._process)


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _end(process: WorkerProcess) -> None:
    process.kill()
    close_input(process)
    process.wait()


def spawn(
    module: str, arguments: Sequence[str], environment: Mapping[str, str] | None = None, *, answers: bool = False
) -> SpawnedProcess:
    """Start ``python -m MODULE``; ``answers``: what it says on standard output is read. Raises OSError."""
    return subprocess.Popen(
        [sys.executable, "-P", "-m", module, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE if answers else subprocess.DEVNULL,
        env={**os.environ, **(environment or {})},
        # Its own group: Ctrl-C reaches the command, which then ends the worker in order.
        process_group=0,
    )


class LocalWorkers:
    """Starts ``python -m dailies.worker JOB``. Each worker ends by itself when this process does: it holds
    the other end of the worker's standard input."""

    def __init__(
        self, environment: Mapping[str, str], scratch: Path, owners: LocalOwners, standby: Standby | None = None
    ) -> None:
        """``standby`` is used for the first start; it was given the same environment."""
        self._environment = dict(environment)
        self._scratch = scratch
        self._owners = owners
        self._standby = standby
        self._running: dict[str, list[WorkerProcess]] = {}

    def start(self, job_id: str, tasks: int = 1) -> None:
        # Those that have ended stay listed until ``ended`` has told of them.
        known = self._running.setdefault(job_id, [])
        for _ in range(tasks - sum(process.poll() is None for process in known)):
            known.append(self._start(job_id))

    def _start(self, job_id: str) -> WorkerProcess:
        end_strays(self._scratch, self._owners)
        ready = self._standby.take(job_id) if self._standby is not None else None
        try:
            return ready or spawn(_WORKER, [job_id], self._environment)
        except OSError as error:
            raise TransientError(f"A worker process can't be started ({error.strerror}): try again.") from error

    def cancel(self, job_id: str) -> None:
        for process in self._running.get(job_id, []):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)

    def give_up(self, job_id: str, owner: str) -> None:
        # Leases lapse here when the machine sleeps: its processes go on where they were, and ``start`` sees dead ones.
        return None

    def ended(self, job_id: str) -> list[int]:
        """The exit codes of the job's workers that ended since the last call; −N after signal N."""
        running = self._running.get(job_id, [])
        ended = [(process, code) for process in running if (code := process.poll()) is not None]
        for process, _ in ended:
            running.remove(process)
            close_input(process)
        return [code for _, code in ended]

    def running(self, job_id: str) -> bool:
        """Whether a worker of the job, started here, lives."""
        return any(process.poll() is None for process in self._running.get(job_id, []))

    def join(self) -> None:
        """Wait for every worker to end; those that don't within the grace are killed."""
        deadline = time.monotonic() + GRACE_SECONDS
        for processes in self._running.values():
            for process in processes:
                close_input(process)
            for process in processes:
                wait_or_kill(process, deadline)
        if self._running:
            end_strays(self._scratch, self._owners)
        self._running.clear()


def end_strays(scratch: Path, owners: LocalOwners) -> None:
    """Kill what works in the scratch folder of a dead process.

    A child dies with its worker, but for one that bubblewrap is just setting up: for some milliseconds the
    death signal is not armed yet. It would encode to its end, or wait for ever.
    """
    scratch = scratch.resolve()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError):
            place = (process / "cwd").readlink().relative_to(scratch)
            # "(deleted)" may follow; the folder is named by its owner.
            if place.parts and owners.is_dead(place.parts[0].split()[0]):
                os.kill(int(process.name), signal.SIGKILL)


def wait_or_kill(process: WorkerProcess, deadline: float) -> None:
    """Wait for the process to end; at ``deadline``, of the monotonic clock, its group is killed."""
    try:
        process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def close_input(process: WorkerProcess) -> None:
    """Tell a worker that nothing more comes: it stops."""
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()
