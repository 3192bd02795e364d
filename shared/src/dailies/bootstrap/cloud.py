"""Builds the platform on Google Cloud."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dailies.bootstrap import parts
from dailies.domain.source.sniff import recognise
from dailies.engine.platform import Platform
from dailies.settings import Settings

if TYPE_CHECKING:
    from dailies.adapters.gcp.owners import Execution
    from dailies.adapters.gcp.workers import CloudRunWorkers
    from dailies.services.diagnosis.deployment import DeploymentCheck

# An hour of film has 80 chunks: docs/workers.md has what more workers gain on it.
_CLOUD_WORKERS = 10
# A new project has scratch disks for ten workers in a region.
_CLOUD_RUNNING_JOBS = 10


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
    from dailies.engine.delivery_queue import DELIVERIES
    from dailies.engine.step_tasks import STEPS
    from dailies.engine.toolchains import published_toolchain

    settings.require_cloud()
    capped = {
        "workers": settings.workers or _CLOUD_WORKERS,
        "max_running_jobs": settings.max_running_jobs or _CLOUD_RUNNING_JOBS,
    }
    settings = parts.slowed(settings).model_copy(update=capped)
    place = f"projects/{settings.project}/locations/{settings.region}"
    documents = CloudDocuments(clients.firestore_client(str(settings.project), settings.database))
    storage = clients.storage_client(str(settings.project))
    objects = CloudObjects(storage, str(settings.bucket), check=check)
    caller = str(settings.task_service_account)
    targets = {
        QUEUE: TaskTarget(f"{place}/queues/{settings.queue}", str(settings.advance_url), caller),
        STEPS: TaskTarget(f"{place}/queues/{settings.steps_queue}", str(settings.run_step_url), caller),
        DELIVERIES: TaskTarget(f"{place}/queues/{settings.deliveries_queue}", str(settings.deliver_url), caller),
    }
    workers = CloudRunWorkers(
        lambda: clients.jobs_client(settings.run_endpoint),
        lambda: clients.executions_client(settings.run_endpoint),
        documents,
        f"{place}/jobs/{settings.worker_job}",
        parts.now,
    )
    toolbox = parts.toolbox(settings)
    platform = Platform(
        settings=settings,
        documents=documents,
        objects=objects,
        tasks=CloudTasks(lambda: clients.tasks_client(settings.tasks_endpoint), targets),
        sources=CloudSources(objects),
        workers=workers,
        owners=CloudOwners(execution),
        registry=parts.registry(toolbox, settings),
        toolchain=(lambda: toolbox().ffmpeg().build_id) if execution else (lambda: published_toolchain(documents)),
        scratch=settings.home / "scratch",
        now=parts.now,
        urls=CloudSignedUrls(storage, str(settings.bucket)),
        sessions=CloudUploadSessions(),
        egress=parts.egress(settings),
        partials=ScratchPartials(),
        mailer=parts.mailer(settings, documents),
        recognise=recognise,
    )
    return Cloud(platform, workers)


def deployment_check(project: str) -> DeploymentCheck:
    """Of what is deployed in a Google Cloud project. Raises Misconfigured without credentials."""
    from dailies.adapters.gcp.inspection import CloudInspector, authorized_session
    from dailies.services.diagnosis.deployment import DeploymentCheck

    rules = Path(__file__).parents[4] / "infra" / "firebase" / "firestore.rules"
    expected = rules.read_text(encoding="utf-8") if rules.is_file() else None
    return DeploymentCheck(CloudInspector(authorized_session(project), project), project, expected, parts.now)
