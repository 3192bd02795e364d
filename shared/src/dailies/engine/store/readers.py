"""Readers of jobs' events in the document store: how far each has come, and which jobs' ends it has yet to come to.

``relayed/{job}`` has, for each reader, the sequence of the last event that it has passed; ``unheard/{job}`` is there
from the end of a job, in whose transaction it is written, until every reader has passed it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from dailies.domain.job.job import Job
from dailies.domain.job.retention import record_goes
from dailies.engine.platform import Platform
from dailies.ports.documents import Transaction, Writes

T = TypeVar("T")


def read_on(platform: Platform, job: Job, reader: str, upto: int, make: Callable[[int], tuple[T, Writes]]) -> T | None:
    """Write what the reader makes of the job's events behind the last that it has passed, up to ``upto``.

    Once, whoever calls: None where it has passed them. ``make`` is given that last one's sequence; it says what it
    has made, and how that is written.
    """

    def write(transaction: Transaction) -> T | None:
        snapshot = transaction.get(f"relayed/{job.id}")
        passed = {} if snapshot is None else _passed(snapshot.data)
        after = passed.get(reader, 0)
        if after >= upto:
            return None
        made, writes = make(after)
        for path, document in writes.items():
            transaction.set(path, document)
        goes = record_goes(platform.now())
        passed[reader] = upto
        transaction.set(f"relayed/{job.id}", {"passed": passed, "uid": job.uid, "remove_after": goes})
        return made

    return platform.documents.transaction(write)


def unheard(platform: Platform, job: Job) -> Writes:
    """What notes, with a job's end, that somebody is to be told of it; nothing where nobody is.

    Reads, beside any transaction: there a document that is only read is written as one to be verified.
    """
    from dailies.engine.store.notifications import anybody_is_told
    from dailies.engine.store.webhooks import anybody_listens

    if not anybody_listens(platform, job) and not anybody_is_told(platform, job.uid):
        return {}
    return {_unheard_path(job.id): {"job": job.id, "uid": job.uid, "remove_after": record_goes(job.updated)}}


def unheard_jobs(platform: Platform, limit: int) -> list[str]:
    """Jobs whose end some reader has not passed yet."""
    return [str(each.data["job"]) for each in platform.documents.query("unheard", limit=limit)]


def heard(platform: Platform, job_id: str) -> None:
    """Every reader has passed the job's end. Idempotent."""
    platform.documents.delete(_unheard_path(job_id))


def _passed(data: Mapping[str, Any]) -> dict[str, int]:
    # A document of when webhooks were the only reader has but its sequence.
    return dict(data["passed"]) if "passed" in data else {"webhooks": int(data["sequence"])}


def _unheard_path(job_id: str) -> str:
    return f"unheard/{job_id}"
