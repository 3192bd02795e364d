"""The first bytes of an upload have come: its job is waited for longer."""

from __future__ import annotations

from datetime import datetime, timedelta

from dailies.domain.job.job import Job, JobState
from dailies.domain.job.uploads import parse_name
from dailies.engine.platform import Platform
from dailies.engine.store.jobs import job_path
from dailies.ports.documents import Transaction


def began_unseen(platform: Platform, job: Job) -> bool:
    """Whether bytes came of the job's upload, which goes past this server; then it has its whole time from now on.

    Asked at the deadline alone, and once: what has had its time is over. Raises TransientError where nobody knows.
    """
    if job.upload_session is None or job.source.kind != "object" or job.deadline >= _whole_time(platform, job):
        return False
    if not platform.sessions.begun(job.upload_session):
        return False
    upload_begun(platform, job.source.name)
    return True


def upload_begun(platform: Platform, name: str) -> None:
    """Give the job of this object the whole time for an upload. Idempotent, and nothing where no job waits for it."""
    upload = parse_name(name)
    if upload is None or upload.job_id is None:
        return
    path = job_path(upload.job_id)

    def extend(transaction: Transaction) -> None:
        snapshot = transaction.get(path)
        job = None if snapshot is None else Job.model_validate(snapshot.data)
        if job is None or job.uid != upload.uid or job.state is not JobState.AWAITING_UPLOAD:
            return
        deadline = _whole_time(platform, job)
        if job.deadline < deadline:
            transaction.update(path, {"deadline": deadline})

    platform.documents.transaction(extend)


def _whole_time(platform: Platform, job: Job) -> datetime:
    return job.created + timedelta(hours=platform.settings.upload_wait_hours)
