"""The adapters that every contract suite runs over: each is a fixture, and one more name for ``connect``."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore

from dailies.adapters.gcp.documents import CloudDocuments
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


Connect = Callable[[], Client]
"""Makes a further client of the same, at first empty, back end; they share nothing in memory."""


class LocalClient:
    def __init__(self, home: Path) -> None:
        database = Database(home / "dailies.sqlite3")
        self.documents = LocalDocuments(database)
        self.objects = LocalObjects(database, home / "objects")
        self.tasks = LocalTasks(database)


class CloudDocumentsOnly:
    def __init__(self, documents: CloudDocuments) -> None:
        self.documents = documents


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Connect]:
    clients: list[LocalClient] = []

    def connect() -> Client:
        clients.append(LocalClient(tmp_path / "home"))
        return clients[-1]

    yield connect
    for client in clients:
        client.documents.close()


@pytest.fixture
def gcp(firestore_host: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connect]:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", firestore_host)
    # A project of its own is an empty store of its own.
    project = f"test-{uuid.uuid4().hex[:12]}"
    clients: list[CloudDocumentsOnly] = []

    def connect() -> Client:
        clients.append(CloudDocumentsOnly(CloudDocuments(firestore.Client(project, AnonymousCredentials()))))
        return clients[-1]

    yield connect
    for client in clients:
        client.documents.close()


@pytest.fixture(params=["gcp", "local"])
def connect(request: pytest.FixtureRequest) -> Connect:
    found: Connect = request.getfixturevalue(request.param)
    return found


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
def local_client(tmp_path: Path) -> Iterator[LocalClient]:
    client = LocalClient(tmp_path / "home")
    yield client
    client.documents.close()


@pytest.fixture
def objects(local_client: LocalClient) -> ObjectStore:
    return local_client.objects


@pytest.fixture
def other_objects(tmp_path: Path, local_client: LocalClient) -> Iterator[ObjectStore]:
    """Another process's view of the store behind ``objects``."""
    client = LocalClient(tmp_path / "home")
    yield client.objects
    client.documents.close()


@pytest.fixture
def tasks(local_client: LocalClient) -> TaskQueue:
    return local_client.tasks
