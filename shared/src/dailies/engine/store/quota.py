"""Users' usage in the document store, inside the transactions that make, run or end a job.

``quotas/{uid}`` is a user's. ``spending/{day}`` is the sum of all users': what ran, and what is set aside for jobs that
run. It is written when a job's estimate is known and when the job ends, no oftener than ``admission/slots``, and for a
charge only where the job runs past what was set aside for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dailies.domain.job.job import Job, JobState
from dailies.domain.job.quota import (
    Limits,
    Usage,
    Work,
    arrive,
    charge,
    check_all,
    hold,
    release,
    reserve,
    set_aside,
    settle,
    weigh,
)
from dailies.domain.job.result import result_of
from dailies.domain.job.retention import record_goes
from dailies.engine.platform import Platform
from dailies.ports.documents import Snapshot, Transaction, Writes
from dailies.settings import Settings


def quota_path(uid: str) -> str:
    return f"quotas/{uid}"


def limits_of(settings: Settings) -> Limits:
    return Limits(
        jobs_per_day=settings.quota_jobs_per_day,
        bytes_per_day=settings.quota_bytes_per_day,
        source_seconds_per_day=settings.quota_source_minutes_per_day * 60,
        concurrent_jobs=settings.quota_concurrent_jobs,
        waiting_uploads=settings.quota_waiting_uploads,
        cpu_seconds_per_day=settings.quota_cpu_seconds_per_day,
        usd_per_day=settings.quota_usd_per_day,
        job_usd=settings.job_max_usd,
        all_usd_per_day=settings.all_usd_per_day,
    )


def reserved(transaction: Transaction, limits: Limits, job: Job, now: datetime, *, waiting: bool = False) -> Usage:
    """The usage with the job in it, ``waiting`` for its upload. Reads only. Raises QuotaExceeded."""
    day = _day(now)
    usage = usage_or_new(transaction, job.uid, now)
    return reserve(usage, limits, job.id, day=day, size_bytes=job.source.size, waiting=waiting)


def usage_document(usage: Usage, now: datetime) -> Mapping[str, Any]:
    """What the user has used, as it is stored: with the time from which nobody asks for it any more.

    ``metered`` finds those whose workers may have to be charged for in their place.
    """
    return {**usage.model_dump(mode="json"), "metered": bool(usage.meters), "remove_after": record_goes(now)}


def check_daily_ceiling(platform: Platform) -> None:
    """Raise QuotaExceeded when all users together have used up their day: for whoever only announces a job.

    That holds nothing, and so is no promise: what holds the ceiling is :func:`hold_work`.
    """
    check_all(limits_of(platform.settings), _used(platform.documents.get(_spending_path(_day(platform.now())))))


def hold_work(platform: Platform, job: Job, source_seconds: float, work: Work) -> None:
    """Count the source's length and what is still to be made, before anything is made of it. Idempotent.

    The ceiling of all users is looked at and written in the same transaction: jobs that begin at the same moment can't
    pass it together. Jobs that hold no quota pass. Raises QuotaExceeded.
    """

    def write(transaction: Transaction) -> None:
        now, limits = platform.now(), limits_of(platform.settings)
        day = _day(now)
        usage = read_usage(transaction, job.uid)
        if usage is None:
            return
        held = hold(usage, limits, job.id, day=day, source_seconds=source_seconds, work=work)
        if held is usage:
            return
        had = set_aside(usage, job.id, day)
        used = _used(transaction.get(_spending_path(day)))
        check_all(limits, used - had, work)
        transaction.set(quota_path(job.uid), usage_document(held, now))
        transaction.set(_spending_path(day), _spending(used + work.usd - had, now))

    snapshot = platform.documents.get(quota_path(job.uid))
    known = None if snapshot is None else Usage.model_validate(snapshot.data).running.get(job.id)
    if known is not None and known.source_seconds is None:
        platform.documents.transaction(write)


def spent_by(platform: Platform, job: Job) -> float:
    """What has been charged for the job so far, USD."""
    snapshot = platform.documents.get(quota_path(job.uid))
    held = None if snapshot is None else Usage.model_validate(snapshot.data).running.get(job.id)
    return 0.0 if held is None else held.spent_usd


def hold_bytes(platform: Platform, job: Job, size: int) -> None:
    """Count the bytes of a source that is fetched, once it is known how many. Idempotent.

    Jobs that hold no quota pass. Raises QuotaExceeded.
    """

    def write(transaction: Transaction) -> None:
        usage = read_usage(transaction, job.uid)
        held = None if usage is None else weigh(usage, limits_of(platform.settings), job.id, size)
        if held is not None and held is not usage:
            transaction.set(quota_path(job.uid), usage_document(held, platform.now()))

    if job.served:
        platform.documents.transaction(write)


def charged(transaction: Transaction, usage: Usage, job_id: str, now: datetime, ran: Work) -> tuple[Usage, Writes]:
    """The usage with what ran for the job, and the writes beside it. Reads only."""
    day = _day(now)
    after = charge(usage, job_id, day=day, ran=ran)
    more = ran.usd + set_aside(after, job_id, day) - set_aside(usage, job_id, day)
    # What was set aside becomes what was spent: nothing changes for all users.
    beyond = ran.usd > set_aside(usage, job_id, day)
    return after, _more_spent(transaction, more, now) if beyond else {}


def arrived(transaction: Transaction, job: Job, now: datetime) -> Writes:
    """The writes that make ``job``, whose upload is there, one of those under way. Reads only."""
    usage = read_usage(transaction, job.uid)
    here = usage and arrive(usage, job.id)
    return {} if here is None or here is usage else {quota_path(job.uid): usage_document(here, now)}


def ended(transaction: Transaction, job: Job, now: datetime) -> Writes:
    """The writes that free what ``job``, which is terminal, holds; none when it holds nothing. Reads only."""
    usage = read_usage(transaction, job.uid)
    if usage is None or job.id not in usage.running:
        return {}
    if job.state is JobState.COMPLETED:
        after = settle(usage, job.id, result_of(job.result, job.recipe).source.duration_seconds or 0.0)
    else:
        after = release(usage, job.id)
    freed = set_aside(usage, job.id, _day(now))
    spent = _more_spent(transaction, -freed, now) if freed else {}
    return {quota_path(job.uid): usage_document(after, now), **spent}


def read_usage(transaction: Transaction, uid: str) -> Usage | None:
    snapshot = transaction.get(quota_path(uid))
    return None if snapshot is None else Usage.model_validate(snapshot.data)


def usage_or_new(transaction: Transaction, uid: str, now: datetime) -> Usage:
    return read_usage(transaction, uid) or Usage(day=_day(now))


def _more_spent(transaction: Transaction, more: float, now: datetime) -> Writes:
    """What all use today with ``more`` USD, which may be less than none. Reads only."""
    path = _spending_path(_day(now))
    return {path: _spending(_used(transaction.get(path)) + more, now)}


def _used(spending: Snapshot | None) -> float:
    return 0.0 if spending is None else float(spending.data["usd"])


def _spending(usd: float, now: datetime) -> Mapping[str, Any]:
    return {"usd": max(0.0, usd), "remove_after": record_goes(now)}


def _spending_path(day: str) -> str:
    return f"spending/{day}"


def _day(now: datetime) -> str:
    return now.date().isoformat()
