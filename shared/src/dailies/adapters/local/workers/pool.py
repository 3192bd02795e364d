"""Resident workers for the jobs of a server: as many as there are processors, each with job after job."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dailies.adapters.local.owners import LocalOwners
from dailies.adapters.local.workers.workers import (
    GRACE_SECONDS,
    SpawnedProcess,
    close_input,
    end_strays,
    processors,
    spawn,
    wait_or_kill,
)
from dailies.domain.errors import DailiesError, TransientError
from dailies.logs import Logger

log = Logger(__name__)


@dataclass(eq=False)
class _Resident:
    process: SpawnedProcess
    job_id: str | None = None
    user: str = ""
    leaving: bool = False
    told_to_give_way: bool = False
    reader: threading.Thread = field(init=False)

    def tell(self, order: str) -> None:
        if self.process.stdin is not None:
            # One that died just now is heard of by its reader.
            with contextlib.suppress(OSError):
                self.process.stdin.write(order.encode() + b"\n")
                self.process.stdin.flush()


@dataclass(frozen=True)
class _Waiting:
    job_id: str
    user: str


class WorkerPool:
    """Starts ``python -m dailies.resident`` for up to ``size`` jobs at once; the others wait for their turn.

    The turn is of the user with the fewest jobs under way, then of the job that came first. A worker that dies takes
    its job alone with it: :meth:`ended` tells, and ``start`` gives the job to another. Safe to call from any thread.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        scratch: Path,
        owners: LocalOwners,
        user_of: Callable[[str], str],
        size: int | None = None,
    ) -> None:
        """``user_of`` tells whose a job is, by its id."""
        self._environment = dict(environment)
        self._scratch = scratch
        self._owners = owners
        self._user_of = user_of
        self._size = size or processors()
        self._lock = threading.Lock()
        self._residents: list[_Resident] = []
        self._waiting: list[_Waiting] = []
        self._codes: dict[str, list[int]] = {}
        self._closed = False

    def start(self, job_id: str, tasks: int = 1) -> None:
        user = self._user_of(job_id)
        with self._lock:
            if not self._closed:
                self._waiting.extend([_Waiting(job_id, user)] * (tasks - self._count(job_id)))
                self._assign()

    def cancel(self, job_id: str) -> None:
        """Take the job out of the queue; a worker that has it watches the job, and stops by itself."""
        with self._lock:
            self._waiting = [one for one in self._waiting if one.job_id != job_id]

    def give_up(self, job_id: str, owner: str) -> None:
        # As for LocalWorkers: it is seen here whether a worker lives.
        return None

    def ended(self, job_id: str) -> list[int]:
        """How workers ended the job since the last call, as exit codes; −N after signal N."""
        with self._lock:
            return self._codes.pop(job_id, [])

    def running(self, job_id: str) -> bool:
        """Whether a worker has the job, or will."""
        with self._lock:
            return self._count(job_id) > 0

    def processes(self) -> dict[int, str | None]:
        """The workers: process id → job."""
        with self._lock:
            return {one.process.pid: one.job_id for one in self._residents}

    def join(self) -> None:
        """End all workers, those that don't within the grace by force. Nothing is started any more."""
        with self._lock:
            self._closed = True
            self._waiting.clear()
            residents = list(self._residents)
        deadline = time.monotonic() + GRACE_SECONDS
        for resident in residents:
            close_input(resident.process)
        for resident in residents:
            wait_or_kill(resident.process, deadline)
            resident.reader.join()
        if residents:
            end_strays(self._scratch, self._owners)

    def _count(self, job_id: str) -> int:
        """How many workers the job has or waits for."""
        assigned = sum(one.job_id == job_id for one in self._residents)
        return assigned + sum(one.job_id == job_id for one in self._waiting)

    def _assign(self) -> None:
        """Give waiting jobs to free workers. The caller holds the lock. Raises TransientError."""
        while self._waiting and (resident := self._free()) is not None:
            chosen = self._next()
            self._waiting.remove(chosen)
            resident.job_id, resident.user, resident.told_to_give_way = chosen.job_id, chosen.user, False
            resident.tell(f"job {chosen.job_id}")
        if self._waiting:
            for resident in self._residents:
                if not resident.told_to_give_way:
                    resident.told_to_give_way = True
                    resident.tell("give-way")

    def _next(self) -> _Waiting:
        under_way = Counter(resident.user for resident in self._residents if resident.job_id is not None)
        return min(self._waiting, key=lambda one: under_way[one.user])

    def _free(self) -> _Resident | None:
        """A worker without a job, started where there are fewer than may be."""
        free = next((one for one in self._residents if one.job_id is None and not one.leaving), None)
        if free is not None or len(self._residents) >= self._size:
            return free
        end_strays(self._scratch, self._owners)
        try:
            resident = _Resident(spawn("dailies.resident", [], self._environment, answers=True))
        except OSError as error:
            raise TransientError(f"A worker process can't be started ({error.strerror}): try again.") from error
        resident.reader = threading.Thread(target=self._listen, args=(resident,), name="resident", daemon=True)
        self._residents.append(resident)
        resident.reader.start()
        return resident

    def _listen(self, resident: _Resident) -> None:
        """Follow one worker's answers to its end."""
        if resident.process.stdout is None:
            raise AssertionError("Popen was told PIPE")
        with resident.process.stdout as answers:
            for line in answers:
                words = line.decode().split()
                self._finish(resident, int(words[0]), leaving="last" in words)
        close_input(resident.process)
        code = resident.process.wait()
        with self._lock:
            self._residents.remove(resident)
        if resident.job_id is not None:
            # What it was just starting outlives it: see end_strays.
            end_strays(self._scratch, self._owners)
        self._finish(resident, code, leaving=True)

    def _finish(self, resident: _Resident, code: int, *, leaving: bool) -> None:
        with self._lock:
            resident.leaving = leaving
            if resident.job_id is not None:
                self._codes.setdefault(resident.job_id, []).append(code)
                resident.job_id = None
            if not self._closed:
                try:
                    self._assign()
                except DailiesError as error:
                    # The next start, of whichever job, tries again.
                    log.warning("worker not started", code=error.error_code, error=error.message)
