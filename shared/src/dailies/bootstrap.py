"""Builds the platform from the settings: the one place that knows which adapter stands behind a port."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from dailies.adapters.local.database import Database
from dailies.adapters.local.documents import LocalDocuments
from dailies.adapters.local.objects import LocalObjects
from dailies.adapters.local.owners import LocalOwners
from dailies.adapters.local.sources import LocalSources
from dailies.adapters.local.tasks import LocalTasks
from dailies.adapters.local.workers import LocalWorkers
from dailies.engine.platform import Platform
from dailies.media.toolbox import Toolbox
from dailies.operations import build_registry
from dailies.services.embedded import Embedded
from dailies.settings import Settings, read_settings

LOCAL_UID = "local"


@dataclass(frozen=True, slots=True)
class Local:
    """The embedded platform, with the abilities that only it has."""

    platform: Platform
    documents: LocalDocuments
    objects: LocalObjects
    tasks: LocalTasks
    sources: LocalSources
    workers: LocalWorkers
    toolbox: Toolbox

    def embedded(self) -> Embedded:
        return Embedded(self.platform, self.tasks, self.workers)


def build_local(settings: Settings) -> Local:
    """Open the store below ``settings.home``, making it if needed. Raises Misconfigured, StorageFull."""
    database = Database(settings.home / "dailies.sqlite3")
    documents = LocalDocuments(database)
    objects = LocalObjects(database, settings.home / "objects")
    tasks = LocalTasks(database)
    sources = LocalSources(documents, objects)
    scratch = settings.home / "scratch"
    owners = LocalOwners()
    workers = LocalWorkers({"DAILIES_HOME": str(settings.home)}, scratch, owners)
    toolbox = Toolbox(settings)
    platform = Platform(
        settings=settings,
        documents=documents,
        objects=objects,
        tasks=tasks,
        sources=sources,
        workers=workers,
        owners=owners,
        registry=build_registry(toolbox),
        toolchain=lambda: toolbox.ffmpeg().build_id,
        scratch=scratch,
        now=lambda: datetime.now(UTC),
    )
    return Local(platform, documents, objects, tasks, sources, workers, toolbox)


@cache
def platform() -> Platform:
    """What the functions work on when nobody brings them one: built on first use, for the process's life."""
    return build_local(read_settings()).platform


@contextmanager
def local() -> Iterator[Local]:
    """The embedded platform as the environment configures it, closed at the end."""
    built = build_local(read_settings())
    with closing(built.documents):
        yield built
