"""Users' usage in the document store, inside the transactions that make, run or end a job.

``quotas/{uid}`` is a user's; ``spending/{day}_{shard}`` is a part of all users', as one document takes about a write a
second. Both are written together.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dailies.domain.job import Job, JobState
from dailies.domain.quota import Limits, Usage, Work, arrive, charge, check_all, hold, release, reserve, settle
from dailies.domain.result import JobResult
from dailies.domain.retention import record_goes
from dailies.engine.platform import Platform
from dailies.ports.documents import Transaction, Where
from dailies.settings import Settings

Writes = Mapping[str, Mapping[str, Any]]
"""Documents by path, for a transaction to set."""

_SHARDS = 16


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
    usage = _usage(transaction, job.uid) or Usage(day=day)
    return reserve(usage, limits, job.id, day=day, size_bytes=job.source.size, waiting=waiting)


def usage_document(usage: Usage, now: datetime) -> Mapping[str, Any]:
    """What the user has used, as it is stored: with the time from which nobody asks for it any more."""
    return {**usage.model_dump(mode="json"), "remove_after": record_goes(now)}


def check_daily_ceiling(platform: Platform, work: Work | None = None) -> None:
    """Raise QuotaExceeded when all users together have used up their day, or ``work`` would pass it.

    The look is not part of a transaction: jobs that are let in at the same moment may pass the ceiling together.
    """
    found = platform.documents.query("spending", where=[Where("day", "==", _day(platform.now()))])
    used = sum(shard.data["usd"] + shard.data["held_usd"] for shard in found)
    check_all(limits_of(platform.settings), used, work)


def hold_work(platform: Platform, job: Job, source_seconds: float, work: Work) -> None:
    """Count the source's length and what is still to be made, before anything is made of it. Idempotent.

    Jobs that hold no quota pass. Raises QuotaExceeded.
    """
    day = _day(platform.now())

    def write(transaction: Transaction) -> None:
        usage = _usage(transaction, job.uid)
        if usage is None:
            return
        held = hold(usage, limits_of(platform.settings), job.id, day=day, source_seconds=source_seconds, work=work)
        if held is usage:
            return
        writes = _spent(transaction, job.uid, platform.now(), held_usd=work.usd)
        transaction.set(quota_path(job.uid), usage_document(held, platform.now()))
        for path, document in writes.items():
            transaction.set(path, document)

    snapshot = platform.documents.get(quota_path(job.uid))
    known = None if snapshot is None else Usage.model_validate(snapshot.data).running.get(job.id)
    if known is None or known.source_seconds is not None:
        return
    check_daily_ceiling(platform, work)
    platform.documents.transaction(write)


def charge_in(transaction: Transaction, uid: str, job_id: str, now: datetime, ran: Work) -> tuple[Writes, float]:
    """The writes that charge ``uid`` for what ran, and what the job has cost so far, USD. Reads only."""
    day = _day(now)
    before = _usage(transaction, uid) or Usage(day=day)
    after = charge(before, job_id, day=day, ran=ran)
    held, left = before.running.get(job_id), after.running.get(job_id)
    freed = held.usd - left.usd if held is not None and left is not None and held.held_on == day else 0.0
    spent = _spent(transaction, uid, now, usd=ran.usd, held_usd=-freed)
    return {quota_path(uid): usage_document(after, now), **spent}, 0.0 if left is None else left.spent_usd


def arrived(transaction: Transaction, job: Job, now: datetime) -> Writes:
    """The writes that make ``job``, whose upload is there, one of those under way. Reads only."""
    usage = _usage(transaction, job.uid)
    here = usage and arrive(usage, job.id)
    return {} if here is None or here is usage else {quota_path(job.uid): usage_document(here, now)}


def ended(transaction: Transaction, job: Job, now: datetime) -> Writes:
    """The writes that free what ``job``, which is terminal, holds; none when it holds nothing. Reads only."""
    usage = _usage(transaction, job.uid)
    held = None if usage is None else usage.running.get(job.id)
    if usage is None or held is None:
        return {}
    if job.state is JobState.COMPLETED:
        after = settle(usage, job.id, JobResult.model_validate(job.result).source.duration_seconds or 0.0)
    else:
        after = release(usage, job.id)
    freed = held.usd if held.held_on == _day(now) else 0.0
    spent = _spent(transaction, job.uid, now, held_usd=-freed) if freed else {}
    return {quota_path(job.uid): usage_document(after, now), **spent}


def _usage(transaction: Transaction, uid: str) -> Usage | None:
    snapshot = transaction.get(quota_path(uid))
    return None if snapshot is None else Usage.model_validate(snapshot.data)


def _spent(transaction: Transaction, uid: str, now: datetime, *, usd: float = 0.0, held_usd: float = 0.0) -> Writes:
    """The user's shard of what all use today, with so much more in it. Reads only."""
    day = _day(now)
    path = f"spending/{day}_{zlib.crc32(uid.encode()) % _SHARDS}"
    snapshot = transaction.get(path)
    before = {"usd": 0.0, "held_usd": 0.0} if snapshot is None else snapshot.data
    held = max(0.0, before["held_usd"] + held_usd)
    return {path: {"day": day, "usd": before["usd"] + usd, "held_usd": held, "remove_after": record_goes(now)}}


def _day(now: datetime) -> str:
    return now.date().isoformat()
