"""Keeping the store bounded and every job on its way to an end: retention, the collector, the sweeper."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from dailies.domain.errors import DailiesError, PermanentError
from dailies.domain.job import JobState
from dailies.engine.advance import enqueue_advance
from dailies.engine.artifacts import MANIFEST
from dailies.engine.jobs import fail_job, move_job
from dailies.engine.platform import Platform
from dailies.ports.documents import Where
from dailies.ports.objects import ObjectInfo

# Long enough for any attempt to have written its manifest: a job's ceiling is two days.
_UNCOMMITTED_AGE = timedelta(hours=48)
_RECORDS_AGE = timedelta(days=30)
_SWEEP_EVERY = timedelta(hours=1)
_SWEEP_STATE = "housekeeping/sweep"
_LIVE = (JobState.AWAITING_UPLOAD.value, JobState.QUEUED.value, JobState.PROCESSING.value)


class OrphanCollector(Protocol):
    """The ability of a local store to remove bytes that no object refers to."""

    def collect_orphans(self, older_than: timedelta) -> int:
        """Remove them and return their size in bytes."""


@dataclass(frozen=True, slots=True)
class Collected:
    """What a collection freed and what remains, in bytes; and the jobs it ended."""

    objects_removed: int
    bytes_removed: int
    bytes_kept: int
    jobs_failed: int


def collect_garbage(platform: Platform, orphans: OrphanCollector | None = None) -> Collected:
    """Apply the retention settings now. Safe beside running jobs: what they need was used just now.

    Deliverables go after the retention time, everything else least recently used first until the store is
    under its cap; files of attempts that never committed, dead scratch folders and old records go too.
    """
    failed = sweep(platform)
    now = platform.now()
    groups = _artifact_groups(platform)
    retention = now - timedelta(hours=platform.settings.output_retention_hours)
    removed: list[ObjectInfo] = []
    kept: list[list[ObjectInfo]] = []
    for group in groups:
        committed = any(found.name.endswith("/" + MANIFEST) for found in group)
        deliverable = any("/file-" in found.name for found in group)
        written = max(found.updated for found in group)
        if (not committed and written < now - _UNCOMMITTED_AGE) or (deliverable and written < retention):
            removed += group
        else:
            kept.append(group)
    kept.sort(key=_last_used, reverse=True)
    total = 0
    for group in kept:
        size = sum(found.size for found in group)
        if total + size > platform.settings.store_max_bytes:
            removed += group
        else:
            total += size
    # Manifests first: an artifact whose files go while its manifest stays would be a lie for a moment.
    for found in sorted(removed, key=lambda found: not found.name.endswith("/" + MANIFEST)):
        platform.objects.delete(found.name)
    freed = sum(found.size for found in removed)
    if orphans is not None:
        freed += orphans.collect_orphans(_UNCOMMITTED_AGE)
    _remove_dead_scratch(platform)
    _remove_old_records(platform)
    return Collected(len(removed), freed, total, failed)


def sweep(platform: Platform) -> int:
    """Fail jobs past their deadline and uploads that never came; queue those whose worker is gone again.

    Returns the number of jobs ended.
    """
    ended = 0
    now = platform.now()
    for snapshot in platform.documents.query("jobs", where=[Where("state", "in", list(_LIVE))]):
        job_id = snapshot.path.rpartition("/")[2]
        if snapshot.data["deadline"] >= now:
            if snapshot.data["state"] == JobState.PROCESSING.value:
                enqueue_advance(platform, job_id)
            continue
        if snapshot.data["state"] == JobState.AWAITING_UPLOAD.value:
            move_job(platform, job_id, JobState.EXPIRED)
        else:
            hours = platform.settings.job_max_hours
            error = PermanentError(
                f"The job was not finished within {hours:g} hours: split the source or raise DAILIES_JOB_MAX_HOURS.",
                code="deadline_exceeded",
            )
            fail_job(platform, job_id, error)
        ended += 1
    return ended


def collect_if_due(platform: Platform, orphans: OrphanCollector | None = None) -> None:
    """Collect when the last time is an hour ago. Called after a job; its failure is not the job's."""
    state = platform.documents.get(_SWEEP_STATE)
    now = platform.now()
    if state is not None and now - state.data["at"] < _SWEEP_EVERY:
        return
    platform.documents.set(_SWEEP_STATE, {"at": now})
    try:
        collect_garbage(platform, orphans)
    except DailiesError:
        # Retried in an hour, and `dailies gc` shows the reason.
        platform.documents.set(_SWEEP_STATE, {"at": now, "failed": True})


def _artifact_groups(platform: Platform) -> list[list[ObjectInfo]]:
    groups: dict[str, list[ObjectInfo]] = {}
    for found in platform.objects.list("artifacts/"):
        groups.setdefault(found.name.rpartition("/")[0], []).append(found)
    return list(groups.values())


def _last_used(group: list[ObjectInfo]) -> float:
    return max((found.accessed or found.updated).timestamp() for found in group)


def _remove_dead_scratch(platform: Platform) -> None:
    if not platform.scratch.is_dir():
        return
    for left in platform.scratch.iterdir():
        owner = "-".join(left.name.split("-")[:4])
        if platform.owners.is_dead(owner):
            shutil.rmtree(left, ignore_errors=True)


def _remove_old_records(platform: Platform) -> None:
    """Leases and joins are worth keeping for a day, finished jobs and their progress for a month."""
    now = platform.now()
    documents = platform.documents
    for snapshot in documents.query("leases", where=[Where("expires", "<", now - _UNCOMMITTED_AGE)]):
        documents.delete(snapshot.path)
    for snapshot in documents.query("joins", where=[Where("created", "<", now - _RECORDS_AGE)]):
        documents.delete(snapshot.path)
    for snapshot in documents.query("jobs", where=[Where("updated", "<", now - _RECORDS_AGE)]):
        if JobState(snapshot.data["state"]).terminal:
            job_id = snapshot.path.rpartition("/")[2]
            documents.delete(f"users/{snapshot.data['uid']}/operations/{job_id}")
            documents.delete(snapshot.path)
