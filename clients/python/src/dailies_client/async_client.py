"""The client for event loops: asyncio and trio."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self, Unpack

import httpx

from dailies_client import downloading, drivers, flows, following
from dailies_client.batches import AsyncBatches
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


class AsyncDailies:
    """``base`` is the API's address, up to and with ``/api/v1``. Close it, or use it in an ``async with``."""

    def __init__(
        self, base: str, credential: Credential, *, retries: int = 2, http: httpx.AsyncClient | None = None
    ) -> None:
        self._http = http or httpx.AsyncClient()
        self._sender = Sender(base.rstrip("/"), credential, retries)
        self.jobs = AsyncJobs(self._http, self._sender)
        self.batches = AsyncBatches(self._http, self._sender)

    async def upload(
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
        return await self._run(flows.upload(self._sender, Path(path), recipe, resume, on_progress, on_session))

    async def convert_with_progress(
        self,
        path: str | Path,
        recipe: Recipe | None = None,
        *,
        on_progress: Callable[[str, float, str], None],
        timeout: float | None = None,  # noqa: ASYNC109 -- where to wait again is in the error
    ) -> JobAnswer:
        """Send a file and wait for its job; ``on_progress`` is told "upload" or "processing", percent, and a message.

        Raises ApiError, ConnectionFailed, UploadFailed, JobFailed, and WaitTimeout ``timeout`` seconds behind it.
        """
        return await self._run(flows.convert(self._sender, Path(path), recipe, timeout, on_progress))

    async def plan(self, source: dict[str, Any], recipe: Recipe | None = None) -> PlanAnswer:
        """What a recipe would take and cost. Raises ApiError and ConnectionFailed."""
        return await self._run(flows.plan(self._sender, source, recipe))

    async def request(
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
        return await self._run(self._sender.json(method, path, body, params, idempotency_key=idempotency_key))

    async def close(self) -> None:
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _run(self, flow: Flow[T]) -> T:
        return await drivers.run_async(self._http, flow)


class AsyncJobs:
    """A caller's jobs. Everything raises ApiError and ConnectionFailed."""

    def __init__(self, http: httpx.AsyncClient, sender: Sender) -> None:
        self._http = http
        self._sender = sender

    async def create(
        self, source: dict[str, Any], recipe: Recipe | None = None, *, idempotency_key: str | None = None
    ) -> NewJob:
        """Make a job of a URL, an object or another job's output."""
        return await self._run(flows.create(self._sender, source, recipe, idempotency_key))

    def list(self, **options: Unpack[ListOptions]) -> AsyncIterator[JobBrief]:
        """All jobs that hold, newest first; pages are fetched as they are needed."""
        return drivers.iterate_async(self._http, flows.list_jobs(self._sender, **options))

    async def get(self, job_id: str) -> JobAnswer:
        """All of a job."""
        return await self._run(flows.get(self._sender, job_id))

    async def status(self, job_id: str) -> StatusAnswer:
        """How it stands."""
        return await self._run(flows.status(self._sender, job_id))

    async def source(self, job_id: str) -> SourceAnswer:
        """What its source is, once a worker has looked at it."""
        return await self._run(flows.source(self._sender, job_id))

    async def advice(self, job_id: str) -> AdviceAnswer:
        """What would suit its source, and why: each recipe is one for :meth:`retry`."""
        return await self._run(flows.advice(self._sender, job_id))

    async def share(self, job_id: str, *, seconds: int = 86_400) -> LinkAnswer:
        """A link to its result for people without an account, good for so long."""
        return await self._run(flows.share(self._sender, job_id, seconds))

    async def cancel(self, job_id: str) -> CancelAnswer:
        """End it."""
        return await self._run(flows.cancel(self._sender, job_id))

    async def retry(
        self, job_id: str, recipe: Recipe | None = None, *, idempotency_key: str | None = None
    ) -> CancelAnswer:
        """Try its source again, or make something else of it."""
        return await self._run(flows.retry(self._sender, job_id, recipe, idempotency_key))

    def events(self, job_id: str, *, after: int = 0) -> AsyncIterator[Event]:
        """What happens to it, until it ends: also over connections that are lost."""
        return drivers.iterate_async(self._http, following.follow(self._sender, job_id, after))

    async def wait(
        self,
        job_id: str,
        *,
        timeout: float | None = None,  # noqa: ASYNC109 -- where to wait again is in the error
        after: int = 0,
        on_event: Callable[[Event], None] = following.silence,
    ) -> JobAnswer:
        """The job, once it is completed. Raises also JobFailed, and WaitTimeout after ``timeout`` seconds."""
        return await self._run(following.wait(self._sender, job_id, after, timeout, on_event))

    async def download(
        self, job_id: str, target: str | Path, *, output: str | None = None, file: str | None = None
    ) -> Path:
        """Write what it has made to ``target``; ``output`` names which, where there are several."""
        return await self._run(downloading.download(self._sender, job_id, Path(target), output, file))

    async def _run(self, flow: Flow[T]) -> T:
        return await drivers.run_async(self._http, flow)
