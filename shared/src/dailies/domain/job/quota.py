"""What users may use in a day (UTC): reserved when a job is made, held once its plan is known, given back at its end.

What ran is another thing: it is charged as it runs, whatever becomes of the job, and never given back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pydantic import ConfigDict, Field

from dailies.domain.errors import QuotaExceeded
from dailies.domain.model import Model

_TOMORROW = "The day ends at midnight UTC: try again then."
_LESS = "Ask for fewer or shorter outputs or a faster preset"


@dataclass(frozen=True, slots=True)
class Limits:
    """Per user and day, but for ``job_usd``, of one job, and ``all_usd``, of all users together and day.

    A source's length and what its job will take are known once it was probed: then they must fit, beside those of
    other jobs.
    """

    jobs_per_day: int
    bytes_per_day: int
    source_seconds_per_day: float
    concurrent_jobs: int
    waiting_uploads: int
    cpu_seconds_per_day: float
    usd_per_day: float
    job_usd: float
    all_usd_per_day: float


class Reservation(Model):
    """What an unfinished job holds. ``day`` is the one that it counts for, also when it ends after midnight.

    ``source_seconds`` is None until the source was probed. ``cpu_seconds`` and ``usd`` are what is still expected of
    the job's estimate; ``spent_usd`` is what has run of it. ``set_aside`` is what the sum of all users' day
    ``held_on`` has for the job and what was not spent yet, USD.
    """

    day: str
    bytes: int
    source_seconds: float | None = None
    cpu_seconds: float = 0.0
    usd: float = 0.0
    spent_usd: float = 0.0
    set_aside: float = 0.0
    held_on: str = ""
    waiting: bool = Field(False, description="for its upload: nothing runs for it yet")


class RunningMeter(Model):
    """A worker that works on ``job``, and is charged for up to ``since``."""

    job: str
    owner: str
    since: datetime
    processors: int


class Usage(Model):
    """``quotas/{uid}``: written in the same transaction as the job that it counts.

    ``cpu_seconds`` and ``usd`` are what has run on ``day``. Each worker has a name of its own in ``meters``.
    """

    # Beside these fields the document has the time of its removal.
    model_config = ConfigDict(extra="ignore")

    day: str
    jobs: int = 0
    bytes: int = 0
    source_seconds: float = 0.0
    cpu_seconds: float = 0.0
    usd: float = 0.0
    running: dict[str, Reservation] = Field(default_factory=dict)
    meters: dict[str, RunningMeter] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Work:
    """How much of the workers something takes: estimated, or as it ran."""

    cpu_seconds: float
    usd: float


def reserve(usage: Usage, limits: Limits, job_id: str, *, day: str, size_bytes: int, waiting: bool = False) -> Usage:
    """The usage with the job in it; ``waiting`` for its upload it takes no place of jobs that run. Idempotent.

    Raises QuotaExceeded, naming the limit, when there is no room.
    """
    if job_id in usage.running:
        return usage
    today = on(usage, day)
    waits = sum(each.waiting for each in today.running.values())
    if len(today.running) - waits >= limits.concurrent_jobs:
        raise QuotaExceeded(
            f"{limits.concurrent_jobs} jobs run at once: wait for one to end, or cancel one.",
            code="quota_concurrent_jobs",
            limit=limits.concurrent_jobs,
        )
    if waiting and waits >= limits.waiting_uploads:
        raise QuotaExceeded(
            f"{limits.waiting_uploads} jobs wait for their upload: send one of those files, or cancel a job.",
            code="quota_waiting_uploads",
            limit=limits.waiting_uploads,
        )
    if today.jobs >= limits.jobs_per_day:
        raise QuotaExceeded(
            f"{limits.jobs_per_day} jobs a day are reached. {_TOMORROW}", code="quota_jobs", limit=limits.jobs_per_day
        )
    _check_bytes(limits, today.bytes + size_bytes)
    if _source_seconds(today) >= limits.source_seconds_per_day:
        minutes = limits.source_seconds_per_day / 60
        raise QuotaExceeded(
            f"{minutes:g} minutes of media a day are reached. {_TOMORROW}", code="quota_source_minutes", limit=minutes
        )
    _check_work(today, limits, None)
    return today.model_copy(
        update={
            "jobs": today.jobs + 1,
            "bytes": today.bytes + size_bytes,
            "running": {**today.running, job_id: Reservation(day=day, bytes=size_bytes, waiting=waiting)},
        }
    )


def arrive(usage: Usage, job_id: str) -> Usage:
    """The usage once the job's upload is there. Never refused: what was let in and sent is done, if later."""
    held = usage.running.get(job_id)
    if held is None or not held.waiting:
        return usage
    here = held.model_copy(update={"waiting": False})
    return usage.model_copy(update={"running": {**usage.running, job_id: here}})


def weigh(usage: Usage, limits: Limits, job_id: str, size_bytes: int) -> Usage:
    """The usage once the size of the job's source is known, which is fetched. Idempotent.

    Raises QuotaExceeded when it would pass the bytes of the day.
    """
    held = usage.running.get(job_id)
    if held is None or held.bytes == size_bytes:
        return usage
    more = size_bytes - held.bytes if held.day == usage.day else 0
    _check_bytes(limits, usage.bytes + more)
    weighed = held.model_copy(update={"bytes": size_bytes})
    return usage.model_copy(update={"bytes": usage.bytes + more, "running": {**usage.running, job_id: weighed}})


def hold(usage: Usage, limits: Limits, job_id: str, *, day: str, source_seconds: float, work: Work) -> Usage:
    """The usage with the length of the job's source, and what is still to be made of it. Idempotent.

    Raises QuotaExceeded when it doesn't fit beside what was used today and what other jobs hold, or is too much for
    one job.
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
    if held.spent_usd + work.usd > limits.job_usd:
        raise QuotaExceeded(
            f"This job is estimated to cost ${held.spent_usd + work.usd:.2f}, and one may cost ${limits.job_usd:g} here"
            f" (DAILIES_JOB_MAX_USD). {_LESS}.",
            code="job_ceiling",
            limit=limits.job_usd,
            estimate=round(held.spent_usd + work.usd, 6),
        )
    today = on(usage, day)
    _check_work(today, limits, work)
    known = {
        "source_seconds": source_seconds,
        "cpu_seconds": work.cpu_seconds,
        "usd": work.usd,
        "set_aside": work.usd,
        "held_on": day,
    }
    return today.model_copy(update={"running": {**today.running, job_id: held.model_copy(update=known)}})


def charge(usage: Usage, job_id: str, *, day: str, ran: Work) -> Usage:
    """The usage with what has run for the job on ``day``: it stays, also when the job comes to nothing, or has ended.

    What the job holds for the rest becomes less by as much. One that runs past what was set aside for it has as much
    again as it has had, so that the sum of all users' day is written a few times and not with each charge.
    """
    today = on(usage, day)
    running = dict(today.running)
    held = running.get(job_id)
    if held is not None:
        spent, aside = held.spent_usd + ran.usd, set_aside(usage, job_id, day)
        rest = {
            "cpu_seconds": max(0.0, held.cpu_seconds - ran.cpu_seconds),
            "usd": max(0.0, held.usd - ran.usd),
            "spent_usd": spent,
            "set_aside": aside - ran.usd if ran.usd <= aside else spent,
            "held_on": day,
        }
        running[job_id] = held.model_copy(update=rest)
    return today.model_copy(
        update={
            "cpu_seconds": today.cpu_seconds + ran.cpu_seconds,
            "usd": today.usd + ran.usd,
            "running": running,
        }
    )


def set_aside(usage: Usage, job_id: str, day: str) -> float:
    """What the sum of all users' ``day`` has for the job, and what is not spent, USD."""
    held = usage.running.get(job_id)
    return held.set_aside if held is not None and held.held_on == day else 0.0


def settle(usage: Usage, job_id: str, source_seconds: float) -> Usage:
    """The job is done: its place is free, and what it used stays counted."""
    held, rest = _take(usage, job_id)
    counts = held is not None and held.day == usage.day
    return rest.model_copy(update={"source_seconds": usage.source_seconds + (source_seconds if counts else 0)})


def release(usage: Usage, job_id: str) -> Usage:
    """The job came to nothing: all it held is given back, but for what has run."""
    held, rest = _take(usage, job_id)
    if held is None or held.day != usage.day:
        return rest
    return rest.model_copy(update={"jobs": usage.jobs - 1, "bytes": usage.bytes - held.bytes})


def on(usage: Usage, day: str) -> Usage:
    """The usage of ``day``: a new one's counts nothing but what is under way."""
    return usage if usage.day >= day else Usage(day=day, running=usage.running, meters=usage.meters)


def check_all(limits: Limits, usd: float, work: Work | None = None) -> None:
    """Raise QuotaExceeded when all users together have used their day, or ``work`` beside ``usd`` would pass it."""
    if usd >= limits.all_usd_per_day or (work is not None and usd + work.usd > limits.all_usd_per_day):
        raise QuotaExceeded(
            f"This server does work for ${limits.all_usd_per_day:g} a day (DAILIES_ALL_USD_PER_DAY), and ${usd:.2f} are"
            f" used. {_TOMORROW}",
            code="daily_ceiling",
            limit=limits.all_usd_per_day,
        )


def _check_bytes(limits: Limits, used: int) -> None:
    if used > limits.bytes_per_day:
        raise QuotaExceeded(
            f"This file would pass the {limits.bytes_per_day} bytes a day. {_TOMORROW}",
            code="quota_bytes",
            limit=limits.bytes_per_day,
        )


def _check_work(today: Usage, limits: Limits, work: Work | None) -> None:
    """Raise QuotaExceeded when the user's processor time or money of the day is used, or ``work`` would pass it."""
    running = today.running.values()
    seconds = today.cpu_seconds + sum(each.cpu_seconds for each in running)
    usd = today.usd + sum(each.usd for each in running)
    for code, unit, limit, used, wanted in (
        ("quota_cpu_seconds", "CPU seconds", limits.cpu_seconds_per_day, seconds, work.cpu_seconds if work else 0.0),
        ("quota_usd", "US dollars", limits.usd_per_day, usd, work.usd if work else 0.0),
    ):
        if used >= limit or used + wanted > limit:
            job = f"This job is estimated at {wanted:.4g} {unit}. {_LESS}, or wait. " if work else ""
            raise QuotaExceeded(
                f"{job}Of the {limit:g} {unit} a day {used:.4g} are used or held by jobs under way. {_TOMORROW}",
                code=code,
                limit=limit,
                used=round(used, 6),
                estimate=round(wanted, 6),
            )


def _source_seconds(usage: Usage) -> float:
    """Used today, by completed jobs and those under way."""
    held = (each.source_seconds or 0.0 for each in usage.running.values() if each.day == usage.day)
    return usage.source_seconds + sum(held)


def _take(usage: Usage, job_id: str) -> tuple[Reservation | None, Usage]:
    running = dict(usage.running)
    held = running.pop(job_id, None)
    return held, usage.model_copy(update={"running": running})
