"""What a worker does for a user is charged while it does it, whatever becomes of the job.

Among the ``meters`` of ``quotas/{uid}`` each worker's says since when its time is not charged yet. It is written with
the charge, in one document, so that none is charged twice, and a worker that was killed left what it takes to charge
the rest.
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
from dailies.domain.job.job import Job
from dailies.domain.job.quota import RunningMeter, Usage, Work
from dailies.domain.stop import StopToken
from dailies.engine.platform import Platform
from dailies.engine.store.quota import charged, quota_path, read_usage, usage_document, usage_or_new
from dailies.logs import Logger
from dailies.planning.estimates import cost_usd
from dailies.ports.documents import Transaction, Where, Writes

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
        self._name = secrets.token_hex(8)
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
            now = self._platform.now()
            usage = usage_or_new(transaction, self._job.uid, now)
            before = self._charged
            if before is not None and self._name not in usage.meters:
                # Taken for dead, and charged for: what was meant for the time up to the next heartbeat.
                before = Work(
                    before.cpu_seconds + settings.heartbeat_seconds,
                    before.usd + cost_usd(settings.heartbeat_seconds * _processors()),
                )
            before = before or Work(0.0, 0.0)
            ran = Work(max(0.0, total.cpu_seconds - before.cpu_seconds), max(0.0, total.usd - before.usd))
            after, beside = charged(transaction, usage, self._job.id, now, ran)
            _write(
                transaction, self._job.uid, _with(after, self._name, None if last else self._running(now)), beside, now
            )
            spent = after.running[self._job.id].spent_usd if self._job.id in after.running else 0.0
            return Work(before.cpu_seconds + ran.cpu_seconds, before.usd + ran.usd), spent

        self._charged, spent = self._platform.documents.transaction(charge)
        if spent >= settings.job_max_usd:
            self._stop.set("over_ceiling")

    def _running(self, now: datetime) -> RunningMeter:
        return RunningMeter(job=self._job.id, owner=self._platform.owners.me(), since=now, processors=_processors())


@contextmanager
def metered(platform: Platform, job: Job, stop: StopToken) -> Iterator[None]:
    """Charge the work inside to the job's user, after what workers of the job that were killed left uncharged.

    Nothing for the job of a command on this machine: its work is nobody's but the caller's.
    """
    if not job.served:
        yield
        return
    charge_dead(platform, job)
    with Meter(platform, job, stop):
        yield


def charge_external(platform: Platform, job: Job, usd: float) -> None:
    """Charge what others have charged for a step, as soon as it is known: it is spent, whatever becomes of the step."""
    if not usd or not job.served:
        return

    def charge(transaction: Transaction) -> None:
        now = platform.now()
        usage = usage_or_new(transaction, job.uid, now)
        after, beside = charged(transaction, usage, job.id, now, Work(0.0, usd))
        _write(transaction, job.uid, after, beside, now)

    platform.documents.transaction(charge)


def charge_dead(platform: Platform, job: Job | None = None) -> int:
    """Charge what workers that were killed, of ``job`` or of all, had not; returns how many there were. Idempotent.

    How long one lived after its last heartbeat nobody knows: until the next at most.
    """
    if job is None:
        found = platform.documents.query("quotas", where=[Where("metered", "==", True)])
    else:
        own = platform.documents.get(quota_path(job.uid))
        found = [] if own is None else [own]
    count = 0
    for snapshot in found:
        uid = snapshot.path.rpartition("/")[2]
        for name, meter in Usage.model_validate(snapshot.data).meters.items():
            if (job is None or job.id == meter.job) and _is_dead(platform, meter):
                count += _charge_dead(platform, uid, name, meter)
    return count


def _is_dead(platform: Platform, meter: RunningMeter) -> bool:
    silent = platform.now() - meter.since
    return platform.owners.is_dead(meter.owner) or silent.total_seconds() > platform.settings.lease_seconds


def _charge_dead(platform: Platform, uid: str, name: str, meter: RunningMeter) -> bool:
    def charge(transaction: Transaction) -> bool:
        usage = read_usage(transaction, uid)
        if usage is None or usage.meters.get(name) != meter:
            return False
        now = platform.now()
        most = timedelta(seconds=platform.settings.heartbeat_seconds)
        seconds = max(timedelta(0), min(now - meter.since, most)).total_seconds()
        ran = Work(seconds, cost_usd(seconds * meter.processors))
        after, beside = charged(transaction, usage, meter.job, now, ran)
        _write(transaction, uid, _with(after, name, None), beside, now)
        return True

    return platform.documents.transaction(charge)


def _with(usage: Usage, name: str, meter: RunningMeter | None) -> Usage:
    """The usage with the worker's meter as it is now, or without it."""
    others = {each: other for each, other in usage.meters.items() if each != name}
    return usage.model_copy(update={"meters": others if meter is None else {**others, name: meter}})


def _write(transaction: Transaction, uid: str, usage: Usage, beside: Writes, now: datetime) -> None:
    transaction.set(quota_path(uid), usage_document(usage, now))
    for path, document in beside.items():
        transaction.set(path, document)


def _cpu_seconds() -> float:
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def _processors() -> int:
    return os.cpu_count() or 1
