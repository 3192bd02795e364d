"""Builds the platform from the settings: the one place that knows which adapter stands behind a port."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from dailies.domain.source.sniff import recognise
from dailies.engine.platform import Platform
from dailies.planning.operation import Operation, Registry
from dailies.ports.documents import DocumentStore
from dailies.ports.egress import Egress, NoEgress
from dailies.settings import Settings, read_settings

if TYPE_CHECKING:
    # Each platform's parts are imported with it: Google's libraries take a second, and a function needs no SQLite.
    from dailies.adapters.gcp.owners import Execution
    from dailies.adapters.gcp.workers import CloudRunWorkers
    from dailies.adapters.local.documents.database import Database
    from dailies.adapters.local.objects.objects import LocalObjects
    from dailies.adapters.local.objects.resumable import ResumableUploads
    from dailies.adapters.local.owners import LocalOwners
    from dailies.adapters.local.sources import LocalSources
    from dailies.adapters.local.tasks import LocalTasks
    from dailies.adapters.local.workers.pool import WorkerPool
    from dailies.adapters.local.workers.workers import LocalWorkers, Standby
    from dailies.media.toolbox import Toolbox
    from dailies.ports.transcriber import SpeechChoice
    from dailies.services.diagnosis.deployment import DeploymentCheck
    from dailies.services.embedded import Embedded

LOCAL_UID = "local"
# A user's screen needs no more, and Firestore takes no more for long.
_CLOUD_PROGRESS_SECONDS = 1.0
# An hour of film has 80 chunks: docs/workers.md has what more workers gain on it.
_CLOUD_WORKERS = 10
# A new project has scratch disks for ten workers in a region.
_CLOUD_RUNNING_JOBS = 10


@dataclass(frozen=True, slots=True)
class Local:
    """The embedded platform, with the abilities that only it has."""

    platform: Platform
    database: Database
    documents: DocumentStore
    objects: LocalObjects
    tasks: LocalTasks
    sources: LocalSources
    workers: LocalWorkers
    owners: LocalOwners
    uploads: ResumableUploads
    toolbox: Callable[[], Toolbox]

    def embedded(self) -> Embedded:
        from dailies.services.embedded import Embedded

        return Embedded(self.platform, self.tasks, self.workers)

    def embedded_for_many(self, size: int) -> Embedded:
        """For several jobs at once, which ``size`` workers take one after the other."""
        from dailies.services.embedded import Embedded

        pool = self.pool(size)
        return Embedded(replace(self.platform, workers=pool), self.tasks, pool)

    def pool(self, size: int | None = None) -> WorkerPool:
        """Workers for a server: resident, and no more than there are processors."""
        from dailies.adapters.local.workers.pool import WorkerPool
        from dailies.engine.store.jobs import load_job

        settings = self.platform.settings
        return WorkerPool(
            {"DAILIES_HOME": str(settings.home)},
            self.platform.scratch,
            self.owners,
            lambda job_id: load_job(self.platform, job_id).uid,
            size,
        )


def import_local() -> None:
    """Import what :func:`build_local` will, now."""
    rooms = ("documents.documents", "objects.objects", "objects.partials", "objects.resumable", "workers.workers")
    for part in (*rooms, "homes", "owners", "sources", "tasks"):
        import_module(f"dailies.adapters.local.{part}")


def build_local(settings: Settings, standby: Standby | None = None) -> Local:
    """Open the store below ``settings.home``, making it if needed. Raises Misconfigured, StorageFull."""
    from dailies.adapters.local.documents.database import Database
    from dailies.adapters.local.documents.documents import LocalDocuments
    from dailies.adapters.local.homes import DATABASE, make_private
    from dailies.adapters.local.objects.objects import LocalObjects
    from dailies.adapters.local.objects.partials import LocalPartials
    from dailies.adapters.local.objects.resumable import ResumableUploads
    from dailies.adapters.local.owners import LocalOwners
    from dailies.adapters.local.sources import LocalSources
    from dailies.adapters.local.tasks import LocalTasks
    from dailies.adapters.local.workers.workers import LocalWorkers

    if settings.workers and settings.workers > 1 and settings.threads is None:
        # They share this machine's processors.
        settings = settings.model_copy(update={"threads": max(1, (os.cpu_count() or 1) // settings.workers)})
    make_private(settings.home)
    database = Database(settings.home / DATABASE)
    documents: DocumentStore = LocalDocuments(database)
    if settings.emulated_project is not None:
        from dailies.adapters.gcp.documents.emulated import emulated_documents

        documents = emulated_documents(settings.emulated_project)
        settings = _slowed(settings)
    objects = LocalObjects(database, settings.home / "objects")
    tasks = LocalTasks(database)
    sources = LocalSources(documents, objects)
    scratch = settings.home / "scratch"
    uploads = ResumableUploads(objects, settings.home / "resumable")
    owners = LocalOwners(settings.home / "owners")
    workers = LocalWorkers({"DAILIES_HOME": str(settings.home)}, scratch, owners, standby)
    toolbox = _toolbox(settings)
    platform = Platform(
        settings=settings,
        documents=documents,
        objects=objects,
        tasks=tasks,
        sources=sources,
        workers=workers,
        owners=owners,
        registry=_registry(toolbox, settings),
        toolchain=lambda: toolbox().ffmpeg().build_id,
        scratch=scratch,
        now=_now,
        sessions=uploads,
        egress=_egress(settings),
        partials=LocalPartials(settings.home / "fetching"),
        recognise=recognise,
    )
    return Local(platform, database, documents, objects, tasks, sources, workers, owners, uploads, toolbox)


def _slowed(settings: Settings) -> Settings:
    pace = max(settings.progress_interval_seconds, _CLOUD_PROGRESS_SECONDS)
    return settings.model_copy(update={"progress_interval_seconds": pace})


@contextmanager
def local(standby: Standby | None = None) -> Iterator[Local]:
    """The embedded platform as the environment configures it, closed at the end."""
    built = build_local(read_settings(), standby)
    with closing(built.database), closing(built.documents):
        yield built


@dataclass(frozen=True, slots=True)
class Cloud:
    """The platform on Google Cloud, with the abilities that only it has."""

    platform: Platform
    workers: CloudRunWorkers


def build_cloud(
    settings: Settings, execution: Execution | None = None, check: Callable[[], None] = lambda: None
) -> Cloud:
    """Make Google's clients; nothing is asked of them yet. Raises Misconfigured for settings or credentials.

    ``execution`` is the worker's own, None in a function. ``check`` is called while bytes move: what it raises
    ends the transfer.
    """
    from dailies.adapters.gcp import clients
    from dailies.adapters.gcp.documents.documents import CloudDocuments
    from dailies.adapters.gcp.objects.objects import CloudObjects
    from dailies.adapters.gcp.objects.signed_urls import CloudSignedUrls
    from dailies.adapters.gcp.objects.upload_sessions import CloudUploadSessions
    from dailies.adapters.gcp.owners import CloudOwners
    from dailies.adapters.gcp.sources import CloudSources
    from dailies.adapters.gcp.tasks import CloudTasks, TaskTarget
    from dailies.adapters.gcp.workers import CloudRunWorkers
    from dailies.adapters.scratch_partials import ScratchPartials
    from dailies.engine.advance_queue import QUEUE
    from dailies.engine.step_tasks import STEPS
    from dailies.engine.toolchains import published_toolchain

    settings.require_cloud()
    capped = {
        "workers": settings.workers or _CLOUD_WORKERS,
        "max_running_jobs": settings.max_running_jobs or _CLOUD_RUNNING_JOBS,
    }
    settings = _slowed(settings).model_copy(update=capped)
    place = f"projects/{settings.project}/locations/{settings.region}"
    documents = CloudDocuments(clients.firestore_client(str(settings.project), settings.database))
    storage = clients.storage_client(str(settings.project))
    objects = CloudObjects(storage, str(settings.bucket), check=check)
    caller = str(settings.task_service_account)
    targets = {
        QUEUE: TaskTarget(f"{place}/queues/{settings.queue}", str(settings.advance_url), caller),
        STEPS: TaskTarget(f"{place}/queues/{settings.steps_queue}", str(settings.run_step_url), caller),
    }
    workers = CloudRunWorkers(
        lambda: clients.jobs_client(settings.run_endpoint),
        lambda: clients.executions_client(settings.run_endpoint),
        documents,
        f"{place}/jobs/{settings.worker_job}",
        _now,
    )
    toolbox = _toolbox(settings)
    platform = Platform(
        settings=settings,
        documents=documents,
        objects=objects,
        tasks=CloudTasks(lambda: clients.tasks_client(settings.tasks_endpoint), targets),
        sources=CloudSources(objects),
        workers=workers,
        owners=CloudOwners(execution),
        registry=_registry(toolbox, settings),
        toolchain=(lambda: toolbox().ffmpeg().build_id) if execution else (lambda: published_toolchain(documents)),
        scratch=settings.home / "scratch",
        now=_now,
        urls=CloudSignedUrls(storage, str(settings.bucket)),
        sessions=CloudUploadSessions(),
        egress=_egress(settings) if execution else NoEgress(),
        partials=ScratchPartials(),
        recognise=recognise,
    )
    return Cloud(platform, workers)


def _egress(settings: Settings) -> Egress:
    from dailies.adapters.web.egress import GuardedEgress

    return GuardedEgress(ports=settings.fetch_ports)


def _toolbox(settings: Settings) -> Callable[[], Toolbox]:
    """FFmpeg, made on first use: createUpload plans nothing, and what runs FFmpeg is half of what we import."""

    @cache
    def make() -> Toolbox:
        from dailies.media.toolbox import Toolbox

        return Toolbox(settings)

    return make


def _registry(toolbox: Callable[[], Toolbox], settings: Settings) -> Registry:
    # One engine for all steps of a process: it holds its model.
    speech = cache(lambda: speech_choice(settings))

    def make(kind: str) -> Operation:
        from dailies.operations import Ports, operation_of

        return operation_of(kind, Ports(toolbox(), speech))

    return Registry(make)


def speech_choice(settings: Settings) -> SpeechChoice:
    """The speech engine that the settings name, or the best that is there. Raises Misconfigured without any."""
    from dailies.adapters.speech_engine import SpeechEngines

    key = settings.openai_api_key
    engines = SpeechEngines(
        cache=settings.home / "cache",
        whisper_model=settings.whisper_model,
        threads=settings.threads,
        key=None if key is None else key.get_secret_value(),
        base_url=settings.openai_base_url,
        model=settings.openai_speech_model,
    )
    return engines.choose(None if settings.speech_engine == "auto" else settings.speech_engine)


def deployment_check(project: str) -> DeploymentCheck:
    """Of what is deployed in a Google Cloud project. Raises Misconfigured without credentials."""
    from dailies.adapters.gcp.inspection import CloudInspector, authorized_session
    from dailies.services.diagnosis.deployment import DeploymentCheck

    rules = Path(__file__).parents[3] / "infra" / "firebase" / "firestore.rules"
    expected = rules.read_text(encoding="utf-8") if rules.is_file() else None
    return DeploymentCheck(CloudInspector(authorized_session(project), project), project, expected, _now)


@cache
def platform() -> Platform:
    """The platform that the environment configures, built on first use and kept: the cloud where a project is set."""
    settings = read_settings()
    return build_local(settings).platform if settings.project is None else build_cloud(settings).platform


def _now() -> datetime:
    return datetime.now(UTC)
