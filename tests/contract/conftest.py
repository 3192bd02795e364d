"""The adapters that every contract suite runs over. A new back end is one more entry in ADAPTERS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

import pytest

from dailies.adapters.local.database import Database
from dailies.adapters.local.documents import LocalDocuments
from dailies.adapters.local.objects import LocalObjects
from dailies.adapters.local.tasks import LocalTasks
from dailies.ports.documents import DocumentStore
from dailies.ports.objects import ObjectStore
from dailies.ports.tasks import TaskQueue


class Client(Protocol):
    """One process's view of the back end."""

    @property
    def documents(self) -> DocumentStore: ...

    @property
    def objects(self) -> ObjectStore: ...

    @property
    def tasks(self) -> TaskQueue: ...


Connect = Callable[[], Client]
"""Makes a further client of the same, at first empty, back end; they share nothing in memory."""


class LocalClient:
    def __init__(self, home: Path) -> None:
        database = Database(home / "dailies.sqlite3")
        self.documents = LocalDocuments(database)
        self.objects = LocalObjects(database, home / "objects")
        self.tasks = LocalTasks(database)


@contextmanager
def local(home: Path) -> Iterator[Connect]:
    clients: list[LocalClient] = []

    def connect() -> Client:
        clients.append(LocalClient(home))
        return clients[-1]

    try:
        yield connect
    finally:
        for client in clients:
            client.documents.close()


ADAPTERS: dict[str, Callable[[Path], AbstractContextManager[Connect]]] = {"local": local}


@pytest.fixture(params=sorted(ADAPTERS))
def connect(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Connect]:
    with ADAPTERS[request.param](tmp_path / "home") as connect:
        yield connect


@pytest.fixture
def client(connect: Connect) -> Client:
    return connect()


@pytest.fixture
def documents(client: Client) -> DocumentStore:
    return client.documents


@pytest.fixture
def other_documents(connect: Connect) -> DocumentStore:
    """Another process's view of the store behind ``documents``."""
    return connect().documents


@pytest.fixture
def objects(client: Client) -> ObjectStore:
    return client.objects


@pytest.fixture
def other_objects(connect: Connect) -> ObjectStore:
    """Another process's view of the store behind ``objects``."""
    return connect().objects


@pytest.fixture
def tasks(client: Client) -> TaskQueue:
    return client.tasks
