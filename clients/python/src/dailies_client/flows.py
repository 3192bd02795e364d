"""What the client can do, written once: both clients run these."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from dailies_client.effects import Emit, Flow
from dailies_client.errors import UploadSession
from dailies_client.events import Event
from dailies_client.following import wait
from dailies_client.models import (
    AdviceAnswer,
    CancelAnswer,
    JobAnswer,
    JobPageAnswer,
    JobState,
    LinkAnswer,
    NewJob,
    PlanAnswer,
    Recipe,
    SourceAnswer,
    StatusAnswer,
    UploadAnswer,
)
from dailies_client.sending import Sender
from dailies_client.uploading import OnProgress, begin_session, send_file

OnSession = Callable[[UploadSession], None]


def upload(
    sender: Sender,
    path: Path,
    recipe: Recipe | None,
    resume: UploadSession | None,
    on_progress: OnProgress | None,
    on_session: OnSession | None,
) -> Flow[str]:
    """The job of a file that was sent. Raises ApiError, ConnectionFailed and UploadFailed."""
    session = resume
    if session is None:
        body: dict[str, Any] = {"size_bytes": path.stat().st_size, "file_name": path.name, "recipe": recipe}
        body["content_type"] = mimetypes.guess_type(path.name)[0] or ""
        ticket: UploadAnswer = yield from sender.json("POST", "/uploads", body)
        url = yield from begin_session(ticket["upload"], sender.retries)
        session = UploadSession(ticket["job_id"], url)
        if on_session is not None:
            on_session(session)
    yield from send_file(session, path, on_progress or _nobody, resumed=resume is not None)
    return session.job_id


def convert(
    sender: Sender,
    path: Path,
    recipe: Recipe | None,
    timeout: float | None,
    on_progress: Callable[[str, float, str], None],
) -> Flow[JobAnswer]:
    """The completed job of a file. Raises what upload and wait do."""

    def sending(sent: int, total: int) -> None:
        on_progress("upload", 100 * sent / total, f"{sent} of {total} bytes")

    def working(event: Event) -> None:
        if event.progress is not None:
            on_progress("processing", event.progress, str(event.data.get("message", "")))

    job_id = yield from upload(sender, path, recipe, None, sending, None)
    return (yield from wait(sender, job_id, 0, timeout, working))


def list_jobs(
    sender: Sender,
    *,
    state: JobState | None = None,
    kind: str | None = None,
    created_since: datetime | None = None,
    created_until: datetime | None = None,
    page_size: int = 100,
) -> Flow[None]:
    """Emits jobs, newest first, page by page as they are asked for."""
    asked = {"state": state, "kind": kind, "limit": str(page_size)}
    asked["created_since"] = None if created_since is None else created_since.isoformat()
    asked["created_until"] = None if created_until is None else created_until.isoformat()
    cursor = None
    while True:
        params = {name: value for name, value in {**asked, "cursor": cursor}.items() if value is not None}
        page: JobPageAnswer = yield from sender.json("GET", "/jobs", params=params)
        for job in page["jobs"]:
            yield Emit(job)
        cursor = page["next_cursor"]
        if cursor is None:
            return


def _nobody(_sent: int, _total: int) -> None:
    pass


def plan(sender: Sender, source: dict[str, Any], recipe: Recipe | None) -> Flow[PlanAnswer]:
    return sender.json("POST", "/plan", {"source": source, "recipe": recipe})


def create(sender: Sender, source: dict[str, Any], recipe: Recipe | None, key: str | None) -> Flow[NewJob]:
    return sender.json("POST", "/jobs", {"source": source, "recipe": recipe}, idempotency_key=key)


def get(sender: Sender, job_id: str) -> Flow[JobAnswer]:
    return sender.json("GET", f"/jobs/{job_id}")


def status(sender: Sender, job_id: str) -> Flow[StatusAnswer]:
    return sender.json("GET", f"/jobs/{job_id}/status")


def cancel(sender: Sender, job_id: str) -> Flow[CancelAnswer]:
    return sender.json("DELETE", f"/jobs/{job_id}")


def source(sender: Sender, job_id: str) -> Flow[SourceAnswer]:
    return sender.json("GET", f"/jobs/{job_id}/source")


def advice(sender: Sender, job_id: str) -> Flow[AdviceAnswer]:
    return sender.json("GET", f"/jobs/{job_id}/advice")


def share(sender: Sender, job_id: str, seconds: int) -> Flow[LinkAnswer]:
    return sender.json("POST", f"/jobs/{job_id}/share", {"seconds": seconds})


def retry(sender: Sender, job_id: str, recipe: Recipe | None, key: str | None) -> Flow[CancelAnswer]:
    return sender.json("POST", f"/jobs/{job_id}/retry", {"recipe": recipe}, idempotency_key=key)
