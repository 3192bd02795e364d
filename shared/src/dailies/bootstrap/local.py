"""Builds the embedded platform."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING

from dailies.bootstrap import parts
from dailies.domain.source.sniff import recognise
from dailies.engine.platform import Platform
from dailies.ports.documents import DocumentStore
from dailies.settings import Settings, read_settings

if TYPE_CHECKING:
    # Each platform's parts are imported with it: Google's libraries take a second, and a function needs no SQLite.
    from dailies.adapters.local.documents.database import Database
    from dailies.adapters.local.objects.objects import LocalObjects
    from dailies.adapters.local.objects.resumable import ResumableUploads
    from dailies.adapters.local.owners import LocalOwners
    from dailies.adapters.local.sources import LocalSources
    from dailies.adapters.local.tasks import LocalTasks
    from dailies.adapters.local.workers.pool import WorkerPool
    from dailies.adapters.local.workers.workers import LocalWorkers, Standby
    from dailies.media.toolbox import Toolbox
    from dailies.services.embedded import Embedded

LOCAL_UID = "local"


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
    with ExitStack() as opened:
        database = opened.enter_context(closing(Database(settings.home / DATABASE)))
        documents: DocumentStore = LocalDocuments(database)
        if settings.emulated_project is not None:
            from dailies.adapters.gcp.documents.emulated import emulated_documents

            documents = emulated_documents(settings.emulated_project)
            settings = parts.slowed(settings)
        objects = LocalObjects(database, settings.home / "objects")
        tasks = LocalTasks(database)
        sources = LocalSources(documents, objects)
        scratch = settings.home / "scratch"
        uploads = ResumableUploads(objects, settings.home / "resumable")
        owners = LocalOwners(settings.home / "owners")
        workers = LocalWorkers({"DAILIES_HOME": str(settings.home)}, scratch, owners, standby)
        toolbox = parts.toolbox(settings)
        platform = Platform(
            settings=settings,
            documents=documents,
            objects=objects,
            tasks=tasks,
            sources=sources,
            workers=workers,
            owners=owners,
            registry=parts.registry(toolbox, settings),
            toolchain=lambda: toolbox().ffmpeg().build_id,
            scratch=scratch,
            now=parts.now,
            sessions=uploads,
            egress=parts.egress(settings),
            partials=LocalPartials(settings.home / "fetching"),
            mailer=parts.mailer(settings, documents),
            recognise=recognise,
        )
        # Nothing was wrong with the settings: whoever asked closes it.
        opened.pop_all()
        return Local(platform, database, documents, objects, tasks, sources, workers, owners, uploads, toolbox)


@contextmanager
def local(standby: Standby | None = None) -> Iterator[Local]:
    """The embedded platform as the environment configures it, closed at the end."""
    built = build_local(read_settings(), standby)
    with closing(built.database), closing(built.documents):
        yield built
