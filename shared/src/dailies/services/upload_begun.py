"""The first bytes of an upload have come: its job is waited for longer."""

from __future__ import annotations

from datetime import timedelta

from dailies.domain.job import Job, JobState
from dailies.domain.uploads import parse_name
from dailies.engine.jobs import job_path
from dailies.engine.platform import Platform
from dailies.ports.documents import Transaction


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
        deadline = job.created + timedelta(hours=platform.settings.upload_wait_hours)
        if job.deadline < deadline:
            transaction.update(path, {"deadline": deadline})

    platform.documents.transaction(extend)
