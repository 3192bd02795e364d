"""The client for threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self, Unpack

import httpx

from dailies_client import downloading, drivers, flows, following
from dailies_client.batches import Batches
from dailies_client.effects import Flow, T
from dailies_client.errors import UploadSession
from dailies_client.events import Event
from dailies_client.models import (
    AdviceAnswer,
    CancelAnswer,
    JobAnswer,
    JobBrief,
    LinkAnswer,
    NewJob,
    PlanAnswer,
    Recipe,
    SourceAnswer,
    StatusAnswer,
)
from dailies_client.options import ListOptions
from dailies_client.sending import Credential, Sender
from dailies_client.uploading import OnProgress


class Dailies:
    """``base`` is the API's address, up to and with ``/api/v1``. Close it, or use it in a ``with``."""

    def __init__(
        self, base: str, credential: Credential, *, retries: int = 2, http: httpx.Client | None = None
    ) -> None:
        self._http = http or httpx.Client()
        self._sender = Sender(base.rstrip("/"), credential, retries)
        self.jobs = Jobs(self._http, self._sender)
        self.batches = Batches(self._http, self._sender)

    def upload(
        self,
        path: str | Path,
        recipe: Recipe | None = None,
        *,
        resume: UploadSession | None = None,
        on_progress: OnProgress | None = None,
        on_session: flows.OnSession | None = None,
    ) -> str:
        """Send a file; returns its job's id. Raises ApiError, ConnectionFailed and UploadFailed.

        ``on_session`` is told where it goes: kept and given as ``resume``, another process can go on.
        """
        return self._run(flows.upload(self._sender, Path(path), recipe, resume, on_progress, on_session))

    def convert_with_progress(
        self,
        path: str | Path,
        recipe: Recipe | None = None,
        *,
        on_progress: Callable[[str, float, str], None],
        timeout: float | None = None,
    ) -> JobAnswer:
        """Send a file and wait for its job; ``on_progress`` is told "upload" or "processing", percent, and a message.

        Raises ApiError, ConnectionFailed, UploadFailed, JobFailed, and WaitTimeout ``timeout`` seconds behind it.
        """
        return self._run(flows.convert(self._sender, Path(path), recipe, timeout, on_progress))

    def plan(self, source: dict[str, Any], recipe: Recipe | None = None) -> PlanAnswer:
        """What a recipe would take and cost. Raises ApiError and ConnectionFailed."""
        return self._run(flows.plan(self._sender, source, recipe))

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        params: dict[str, str] | None = None,
        idempotency_key: str | None = None,
    ) -> Any:
        """What any route of the API answers, by its path below ``base``: those that have no method here.

        Sent again as all else is. Raises ApiError and ConnectionFailed.
        """
        return self._run(self._sender.json(method, path, body, params, idempotency_key=idempotency_key))

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self, flow: Flow[T]) -> T:
        return drivers.run(self._http, flow)


class Jobs:
    """A caller's jobs. Everything raises ApiError and ConnectionFailed."""

    def __init__(self, http: httpx.Client, sender: Sender) -> None:
        self._http = http
        self._sender = sender

    def create(
        self, source: dict[str, Any], recipe: Recipe | None = None, *, idempotency_key: str | None = None
    ) -> NewJob:
        """Make a job of a URL, an object or another job's output."""
        return self._run(flows.create(self._sender, source, recipe, idempotency_key))

    def list(self, **options: Unpack[ListOptions]) -> Iterator[JobBrief]:
        """All jobs that hold, newest first; pages are fetched as they are needed."""
        return drivers.iterate(self._http, flows.list_jobs(self._sender, **options))

    def get(self, job_id: str) -> JobAnswer:
        """All of a job."""
        return self._run(flows.get(self._sender, job_id))

    def status(self, job_id: str) -> StatusAnswer:
        """How it stands."""
        return self._run(flows.status(self._sender, job_id))

    def source(self, job_id: str) -> SourceAnswer:
        """What its source is, once a worker has looked at it."""
        return self._run(flows.source(self._sender, job_id))

    def advice(self, job_id: str) -> AdviceAnswer:
        """What would suit its source, and why: each recipe is one for :meth:`retry`."""
        return self._run(flows.advice(self._sender, job_id))

    def share(self, job_id: str, *, seconds: int = 86_400) -> LinkAnswer:
        """A link to its result for people without an account, good for so long."""
        return self._run(flows.share(self._sender, job_id, seconds))

    def cancel(self, job_id: str) -> CancelAnswer:
        """End it."""
        return self._run(flows.cancel(self._sender, job_id))

    def retry(self, job_id: str, recipe: Recipe | None = None, *, idempotency_key: str | None = None) -> CancelAnswer:
        """Try its source again, or make something else of it."""
        return self._run(flows.retry(self._sender, job_id, recipe, idempotency_key))

    def events(self, job_id: str, *, after: int = 0) -> Iterator[Event]:
        """What happens to it, until it ends: also over connections that are lost."""
        return drivers.iterate(self._http, following.follow(self._sender, job_id, after))

    def wait(
        self,
        job_id: str,
        *,
        timeout: float | None = None,
        after: int = 0,
        on_event: Callable[[Event], None] = following.silence,
    ) -> JobAnswer:
        """The job, once it is completed. Raises also JobFailed, and WaitTimeout after ``timeout`` seconds."""
        return self._run(following.wait(self._sender, job_id, after, timeout, on_event))

    def download(self, job_id: str, target: str | Path, *, output: str | None = None, file: str | None = None) -> Path:
        """Write what it has made to ``target``; ``output`` names which, where there are several."""
        return self._run(downloading.download(self._sender, job_id, Path(target), output, file))

    def _run(self, flow: Flow[T]) -> T:
        return drivers.run(self._http, flow)
