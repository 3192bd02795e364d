"""Keeping the store bounded and every job on its way to an end: retention, the collector, the sweeper."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from dailies.domain.errors import DailiesError, NotFound
from dailies.domain.job.job import JobState
from dailies.domain.job.retention import LEASES_AGE, RECORDS_AGE
from dailies.domain.job.uploads import parse_name
from dailies.engine.platform import Platform
from dailies.engine.scratch import remove_dead_scratch
from dailies.engine.store.artifacts import MANIFEST
from dailies.engine.store.batches import remove_batch
from dailies.engine.store.events import remove_events
from dailies.engine.store.jobs import load_job
from dailies.engine.store.metering import charge_dead
from dailies.engine.store.notifications import remove_notifications
from dailies.ports.documents import Where
from dailies.ports.objects import ObjectInfo
from dailies.ports.upload_sessions import UnderWay
from dailies.services.batches.pump import resume_batches
from dailies.services.event_readers import resume_relays
from dailies.services.notifications.mailing import resume_mails
from dailies.services.upkeep.leftovers import remove_sources
from dailies.services.upkeep.live_jobs import Round, look_after_jobs
from dailies.services.webhooks.telling import resume_deliveries

# Long enough for any attempt to have written its manifest: a job's ceiling is two days.
_UNCOMMITTED_AGE = timedelta(hours=48)
# As Cloud Storage does.
_UPLOAD_AGE = timedelta(days=7)
_RECORDS = (
    ("leases", "expires", LEASES_AGE),
    ("joins", "created", RECORDS_AGE),
    ("file_digests", "noted", RECORDS_AGE),
)
# Each document says when it may go.
_DATED = (
    "api_keys", "deliveries", "idempotency", "mail", "mail_outbox", "quotas", "queues", "rates", "relayed", "spending",
    "unheard",
)  # fmt: skip
# A running job looks up what it needs before each step. What goes during a longer step than this is made again
# if it is needed again: that costs time, and is right.
_IN_USE_AGE = timedelta(hours=1)
_SWEEP_EVERY = timedelta(hours=1)
_SWEEP_STATE = "housekeeping/sweep"


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
    """Apply the retention settings now. Safe beside running jobs: what was used within the hour stays.

    Deliverables go after the retention time; then everything, least recently used first, until the store is
    under its cap. Files of attempts that never committed, uploads that nobody waits for or reads any more, dead scratch
    folders and old records go too.
    """
    failed = sweep(platform).ended
    now = platform.now()
    retention = now - timedelta(hours=platform.settings.output_retention_hours)
    expired: list[list[ObjectInfo]] = []
    kept: list[list[ObjectInfo]] = []
    for group in _artifact_groups(platform):
        committed = any(found.name.endswith("/" + MANIFEST) for found in group)
        deliverable = any("/file-" in found.name for found in group)
        written = max(found.updated for found in group)
        over = (deliverable and written < retention) if committed else written < now - _UNCOMMITTED_AGE
        (expired if over and not _in_use(group, now) else kept).append(group)
    total = sum(map(_size, kept))
    for group in sorted(kept, key=_last_used):
        if total <= platform.settings.store_max_bytes or _in_use(group, now):
            break
        expired.append(group)
        total -= _size(group)
    removed = [found for group in expired for found in group]
    # Manifests first: an artifact whose files go while its manifest stays would be a lie for a moment.
    for found in sorted(removed, key=lambda found: not found.name.endswith("/" + MANIFEST)):
        platform.objects.delete(found.name)
    freed = sum(found.size for found in removed)
    if orphans is not None:
        freed += orphans.collect_orphans(_UNCOMMITTED_AGE)
    remove_dead_scratch(platform)
    uploads = end_stale_uploads(platform)
    sources = remove_sources(platform, of_no_use=True)
    fetched = platform.partials.collect(lambda job_id: _is_live(platform, job_id))
    _remove_old_records(platform)
    return Collected(
        len(removed) + sources.count,
        freed + uploads.freed + sources.freed + fetched.freed,
        total + uploads.kept + sources.kept + fetched.kept,
        failed,
    )


def end_stale_uploads(platform: Platform) -> UnderWay:
    """End the uploads whose job waits for none any more, and those that nothing came of in a week."""

    def wanted(name: str, idle: timedelta) -> bool:
        upload = parse_name(name)
        if upload is None:
            # One that is just beginning has no name yet.
            return idle < _IN_USE_AGE
        if upload.job_id is None or idle > _UPLOAD_AGE:
            return idle <= _UPLOAD_AGE
        try:
            return load_job(platform, upload.job_id).state is JobState.AWAITING_UPLOAD
        except NotFound:
            return False

    return platform.sessions.collect(wanted)


def _is_live(platform: Platform, job_id: str) -> bool:
    try:
        return not load_job(platform, job_id).state.terminal
    except NotFound:
        return False


def sweep(platform: Platform) -> Round:
    """Charge dead workers for what they ran, look after every unfinished job, and after what was to be told."""
    charge_dead(platform)
    resume_relays(platform)
    resume_deliveries(platform)
    resume_mails(platform)
    resume_batches(platform)
    return look_after_jobs(platform)


def collect_if_due(platform: Platform, orphans: OrphanCollector | None = None) -> None:
    """Collect when the last time is an hour ago. Called after a job; its failure is not the job's."""
    # Retried in an hour, or with the next job when not even the time could be noted; `dailies gc` shows the reason.
    with suppress(DailiesError):
        state = platform.documents.get(_SWEEP_STATE)
        now = platform.now()
        if state is None or now - state.data["at"] >= _SWEEP_EVERY:
            platform.documents.set(_SWEEP_STATE, {"at": now})
            collect_garbage(platform, orphans)


def _artifact_groups(platform: Platform) -> list[list[ObjectInfo]]:
    groups: dict[str, list[ObjectInfo]] = {}
    for found in platform.objects.list("artifacts/"):
        groups.setdefault(found.name.rpartition("/")[0], []).append(found)
    return list(groups.values())


def _last_used(group: list[ObjectInfo]) -> datetime:
    return max(found.accessed or found.updated for found in group)


def _in_use(group: list[ObjectInfo], now: datetime) -> bool:
    return _last_used(group) > now - _IN_USE_AGE


def _size(group: list[ObjectInfo]) -> int:
    return sum(found.size for found in group)


def _remove_old_records(platform: Platform) -> None:
    """Leases are worth keeping for two days; ended jobs, their joins, and the hashes of files for a month."""
    now = platform.now()
    documents = platform.documents
    for collection, dated, age in _RECORDS:
        for snapshot in documents.query(collection, where=[Where(dated, "<", now - age)]):
            documents.delete(snapshot.path)
    # A user's may hold what an unfinished job has reserved: no job takes that long.
    for collection in _DATED:
        for snapshot in documents.query(collection, where=[Where("remove_after", "<", now)]):
            documents.delete(snapshot.path)
    for snapshot in documents.query("batches", where=[Where("remove_after", "<", now)]):
        remove_batch(platform, snapshot.path.rpartition("/")[2])
    for snapshot in documents.query("jobs", where=[Where("updated", "<", now - RECORDS_AGE)]):
        if JobState(snapshot.data["state"]).terminal:
            job_id = snapshot.path.rpartition("/")[2]
            documents.delete(f"users/{snapshot.data['uid']}/operations/{job_id}")
            remove_events(platform, job_id)
            remove_notifications(platform, snapshot.data["uid"], job_id)
            documents.delete(snapshot.path)
