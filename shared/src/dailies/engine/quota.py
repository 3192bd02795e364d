"""The user's usage in the document store, inside the transaction that makes or ends a job."""

from __future__ import annotations

from datetime import datetime

from dailies.domain.job import Job, JobState
from dailies.domain.quota import Limits, Usage, hold_source, release, reserve, settle
from dailies.domain.result import JobResult
from dailies.engine.platform import Platform
from dailies.ports.documents import Transaction
from dailies.settings import Settings


def quota_path(uid: str) -> str:
    return f"quotas/{uid}"


def limits_of(settings: Settings) -> Limits:
    return Limits(
        jobs_per_day=settings.quota_jobs_per_day,
        bytes_per_day=settings.quota_bytes_per_day,
        source_seconds_per_day=settings.quota_source_minutes_per_day * 60,
        concurrent_jobs=settings.quota_concurrent_jobs,
    )


def reserved(transaction: Transaction, limits: Limits, job: Job, now: datetime) -> Usage:
    """The usage with the job in it, for the transaction to write. Reads only. Raises QuotaExceeded."""
    day = now.date().isoformat()
    snapshot = transaction.get(quota_path(job.uid))
    usage = Usage(day=day) if snapshot is None else Usage.model_validate(snapshot.data)
    return reserve(usage, limits, job.id, day=day, size_bytes=job.source.size)


def hold_source_length(platform: Platform, job: Job, source_seconds: float) -> None:
    """Count the source's length, now that it is known, before anything is made of it. Idempotent.

    Jobs that hold no quota pass. Raises QuotaExceeded.
    """

    def hold(transaction: Transaction) -> None:
        snapshot = transaction.get(quota_path(job.uid))
        if snapshot is None:
            return
        usage = Usage.model_validate(snapshot.data)
        held = hold_source(usage, limits_of(platform.settings), job.id, source_seconds)
        if held is not usage:
            transaction.set(snapshot.path, held.model_dump(mode="json"))

    platform.documents.transaction(hold)


def ended(transaction: Transaction, job: Job) -> Usage | None:
    """The usage after the end of ``job``, which is terminal; None when it holds nothing. Reads only."""
    snapshot = transaction.get(quota_path(job.uid))
    usage = None if snapshot is None else Usage.model_validate(snapshot.data)
    if usage is None or job.id not in usage.running:
        return None
    if job.state is JobState.COMPLETED:
        return settle(usage, job.id, JobResult.model_validate(job.result).source.duration_seconds or 0.0)
    return release(usage, job.id)
