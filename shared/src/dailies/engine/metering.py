"""What a worker does for a user is charged while it does it, whatever becomes of the job.

``meters/{job}-{random}`` says since when a worker's time is not charged yet. It is written with the charge, in one
transaction, so that none is charged twice, and a worker that was killed left what it takes to charge the rest.
"""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from dailies.domain.errors import DailiesError, TransientError
from dailies.domain.job import Job
from dailies.domain.quota import Work
from dailies.domain.stop import StopToken
from dailies.engine.platform import Platform
from dailies.engine.quota import charge_in
from dailies.logs import Logger
from dailies.planning.estimates import cost_usd
from dailies.ports.documents import Snapshot, Transaction, Where

log = Logger(__name__)


class Meter:
    """Charges this worker's time on a job while the context is open, at each heartbeat and at its end.

    Processor time is this process's and its children's, but as a child's is known at its end only: until then as much
    as the time that passed. Money is for the whole machine, as it is paid for. Sets ``stop`` to ``over_ceiling`` when
    the job has cost what one may.
    """

    def __init__(self, platform: Platform, job: Job, stop: StopToken) -> None:
        self._platform = platform
        self._job = job
        self._stop = stop
        self._path = f"meters/{job.id}-{secrets.token_hex(8)}"
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="meter", daemon=True)
        self._charged: Work | None = None

    def __enter__(self) -> Self:
        self._begun, self._cpu_before = time.monotonic(), _cpu_seconds()
        self._charge(Work(0.0, 0.0), last=False)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self._done.set()
        self._thread.join()
        try:
            self._charge(Work(_cpu_seconds() - self._cpu_before, self._usd()), last=True)
        except DailiesError as error:
            # The meter stays, and the sweep charges what it says.
            log.warning("not charged yet", code=error.error_code, error=error.message)

    def _beat(self) -> None:
        while not self._done.wait(self._platform.settings.heartbeat_seconds):
            # A store that is away: the next beat charges for both.
            with suppress(TransientError):
                self._charge(Work(time.monotonic() - self._begun, self._usd()), last=False)

    def _usd(self) -> float:
        return cost_usd((time.monotonic() - self._begun) * _processors())

    def _charge(self, total: Work, *, last: bool) -> None:
        """Charge what of ``total`` was not charged before."""
        settings = self._platform.settings

        def charge(transaction: Transaction) -> tuple[Work, float]:
            charged = self._charged
            if charged is not None and transaction.get(self._path) is None:
                # Taken for dead, and charged for: what was meant for the time up to the next heartbeat.
                charged = Work(
                    charged.cpu_seconds + settings.heartbeat_seconds,
                    charged.usd + cost_usd(settings.heartbeat_seconds * _processors()),
                )
            charged = charged or Work(0.0, 0.0)
            ran = Work(max(0.0, total.cpu_seconds - charged.cpu_seconds), max(0.0, total.usd - charged.usd))
            now = self._platform.now()
            writes, spent = charge_in(transaction, self._job.uid, self._job.id, now, ran)
            if ran != Work(0.0, 0.0):
                for path, document in writes.items():
                    transaction.set(path, document)
            if last:
                transaction.delete(self._path)
            else:
                transaction.set(self._path, self._document(now))
            return Work(charged.cpu_seconds + ran.cpu_seconds, charged.usd + ran.usd), spent

        self._charged, spent = self._platform.documents.transaction(charge)
        if spent >= settings.job_max_usd:
            self._stop.set("over_ceiling")

    def _document(self, now: datetime) -> dict[str, object]:
        return {
            "uid": self._job.uid,
            "job": self._job.id,
            "owner": self._platform.owners.me(),
            "since": now,
            "processors": _processors(),
        }


@contextmanager
def metered(platform: Platform, job: Job, stop: StopToken) -> Iterator[None]:
    """Charge the work inside to the job's user, after what workers of the job that were killed left uncharged.

    Nothing for a file of this machine: its work is nobody's but the caller's.
    """
    if job.source.kind != "object":
        yield
        return
    charge_dead(platform, job)
    with Meter(platform, job, stop):
        yield


def charge_dead(platform: Platform, job: Job | None = None) -> int:
    """Charge what workers that were killed, of ``job`` or of all, had not; returns how many there were. Idempotent.

    How long one lived after its last heartbeat nobody knows: until the next at most.
    """
    where = [] if job is None else [Where("job", "==", job.id)]
    meters = platform.documents.query("meters", where=where)
    return sum(_charge_dead(platform, meter) for meter in meters if _is_dead(platform, meter))


def _is_dead(platform: Platform, meter: Snapshot) -> bool:
    silent = platform.now() - meter.data["since"]
    return platform.owners.is_dead(meter.data["owner"]) or silent.total_seconds() > platform.settings.lease_seconds


def _charge_dead(platform: Platform, meter: Snapshot) -> bool:
    def charge(transaction: Transaction) -> bool:
        found = transaction.get(meter.path)
        if found is None or found.version != meter.version:
            return False
        now = platform.now()
        most = timedelta(seconds=platform.settings.heartbeat_seconds)
        seconds = max(timedelta(0), min(now - found.data["since"], most)).total_seconds()
        ran = Work(seconds, cost_usd(seconds * found.data["processors"]))
        writes, _ = charge_in(transaction, found.data["uid"], found.data["job"], now, ran)
        for path, document in writes.items():
            transaction.set(path, document)
        transaction.delete(found.path)
        return True

    return platform.documents.transaction(charge)


def _cpu_seconds() -> float:
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def _processors() -> int:
    return os.cpu_count() or 1
