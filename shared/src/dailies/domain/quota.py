"""What one user may use in a day (UTC): reserved when a job is made, settled or given back at its end."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import Field

from dailies.domain.errors import QuotaExceeded
from dailies.domain.model import Model

_TOMORROW = "The day ends at midnight UTC: try again then."


@dataclass(frozen=True, slots=True)
class Limits:
    """Per user. A source's length is known once it was probed: then it must fit, beside those of other jobs."""

    jobs_per_day: int
    bytes_per_day: int
    source_seconds_per_day: float
    concurrent_jobs: int


class Reservation(Model):
    """What an unfinished job holds. ``day`` is the one that it counts for, also when it ends after midnight.

    ``source_seconds`` is None until the source was probed.
    """

    day: str
    bytes: int
    source_seconds: float | None = None


class Usage(Model):
    """``quotas/{uid}``: written in the same transaction as the job that it counts."""

    day: str
    jobs: int = 0
    bytes: int = 0
    source_seconds: float = 0.0
    running: dict[str, Reservation] = Field(default_factory=dict)


def reserve(usage: Usage, limits: Limits, job_id: str, *, day: str, size_bytes: int) -> Usage:
    """The usage with the job in it. Idempotent. Raises QuotaExceeded, naming the limit, when there is no room."""
    if job_id in usage.running:
        return usage
    today = usage if usage.day == day else Usage(day=day, running=usage.running)
    if len(today.running) >= limits.concurrent_jobs:
        raise QuotaExceeded(
            f"{limits.concurrent_jobs} jobs run at once: wait for one to end, or cancel one.",
            code="quota_concurrent_jobs",
            limit=limits.concurrent_jobs,
        )
    if today.jobs >= limits.jobs_per_day:
        raise QuotaExceeded(
            f"{limits.jobs_per_day} jobs a day are reached. {_TOMORROW}", code="quota_jobs", limit=limits.jobs_per_day
        )
    if today.bytes + size_bytes > limits.bytes_per_day:
        raise QuotaExceeded(
            f"This file would pass the {limits.bytes_per_day} bytes a day. {_TOMORROW}",
            code="quota_bytes",
            limit=limits.bytes_per_day,
        )
    if _source_seconds(today) >= limits.source_seconds_per_day:
        minutes = limits.source_seconds_per_day / 60
        raise QuotaExceeded(
            f"{minutes:g} minutes of media a day are reached. {_TOMORROW}", code="quota_source_minutes", limit=minutes
        )
    return today.model_copy(
        update={
            "jobs": today.jobs + 1,
            "bytes": today.bytes + size_bytes,
            "running": {**today.running, job_id: Reservation(day=day, bytes=size_bytes)},
        }
    )


def hold_source(usage: Usage, limits: Limits, job_id: str, source_seconds: float) -> Usage:
    """The usage with the length of the job's source in it. Idempotent.

    Raises QuotaExceeded when it doesn't fit beside what was used today and what other jobs hold.
    """
    held = usage.running.get(job_id)
    if held is None or held.source_seconds is not None:
        return usage
    if held.day == usage.day and _source_seconds(usage) + source_seconds > limits.source_seconds_per_day:
        minutes = limits.source_seconds_per_day / 60
        raise QuotaExceeded(
            f"This file would pass the {minutes:g} minutes of media a day. {_TOMORROW}",
            code="quota_source_minutes",
            limit=minutes,
        )
    measured = held.model_copy(update={"source_seconds": source_seconds})
    return usage.model_copy(update={"running": {**usage.running, job_id: measured}})


def settle(usage: Usage, job_id: str, source_seconds: float) -> Usage:
    """The job is done: its place is free, and what it used stays counted."""
    held, rest = _take(usage, job_id)
    counts = held is not None and held.day == usage.day
    return rest.model_copy(update={"source_seconds": usage.source_seconds + (source_seconds if counts else 0)})


def release(usage: Usage, job_id: str) -> Usage:
    """The job came to nothing: all it held is given back."""
    held, rest = _take(usage, job_id)
    if held is None or held.day != usage.day:
        return rest
    return rest.model_copy(update={"jobs": usage.jobs - 1, "bytes": usage.bytes - held.bytes})


def _source_seconds(usage: Usage) -> float:
    """Used today, by completed jobs and those under way."""
    held = (each.source_seconds or 0.0 for each in usage.running.values() if each.day == usage.day)
    return usage.source_seconds + sum(held)


def _take(usage: Usage, job_id: str) -> tuple[Reservation | None, Usage]:
    running = dict(usage.running)
    held = running.pop(job_id, None)
    return held, usage.model_copy(update={"running": running})
