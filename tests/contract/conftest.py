"""The adapters that every contract suite runs over: each is a fixture, and one more name for ``connect``."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Protocol

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore, storage

from dailies.adapters.gcp.documents.documents import CloudDocuments
from dailies.adapters.gcp.objects.objects import CloudObjects
from dailies.adapters.gcp.tasks import CloudTasks, TaskTarget
from dailies.adapters.local.documents.database import Database
from dailies.adapters.local.documents.documents import LocalDocuments
from dailies.adapters.local.objects.objects import LocalObjects
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


TESTBENCH = os.environ.get("DAILIES_STORAGE_TESTBENCH")
"""The address of a server of Google's own storage-testbench that somebody has started: the suite of objects then runs
over it, too. It takes the slash off a name that begins with one, and so fails the test of odd names."""


class TestbenchClient:
    """Cloud Storage's adapter on a bucket of its own in Google's testbench."""

    def __init__(self, address: str, bucket: str) -> None:
        self.client = storage.Client("project", AnonymousCredentials(), client_options={"api_endpoint": address})
        self.objects = CloudObjects(self.client, bucket)


class CloudClient:
    """Starts no more of the cloud than the test asks for."""

    def __init__(self, request: pytest.FixtureRequest) -> None:
        self._fixture = request.getfixturevalue

    @cached_property
    def documents(self) -> CloudDocuments:
        self._fixture("firestore_environment")
        return CloudDocuments(firestore.Client(self._fixture("firestore_project"), AnonymousCredentials()))

    @cached_property
    def objects(self) -> CloudObjects:
        return CloudObjects(self._fixture("storage_client")(), "bucket")

    @cached_property
    def tasks(self) -> CloudTasks:
        queues = "projects/p/locations/l/queues"
        targets = {name: TaskTarget(f"{queues}/{name}", "http://x", "a@b") for name in ("advance", "webhooks")}
        return CloudTasks(self._fixture("fake_tasks").client, targets)

    def close(self) -> None:
        if "documents" in self.__dict__:
            self.documents.close()


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
def gcp(request: pytest.FixtureRequest) -> Iterator[Connect]:
    clients: list[CloudClient] = []

    def connect() -> Client:
        clients.append(CloudClient(request))
        return clients[-1]

    yield connect
    for client in clients:
        client.close()


@pytest.fixture
def testbench() -> Iterator[Callable[[], TestbenchClient]]:
    assert TESTBENCH is not None
    bucket = f"b-{uuid.uuid4().hex}"
    made = [TestbenchClient(TESTBENCH, bucket)]
    made[0].client.create_bucket(bucket)

    def connect() -> TestbenchClient:
        made.append(TestbenchClient(TESTBENCH, bucket))
        return made[-1]

    yield connect
    for each in made:
        each.client.close()


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


@pytest.fixture(params=["gcp", "local", *(["testbench"] if TESTBENCH else [])])
def connect_objects(request: pytest.FixtureRequest) -> Connect:
    found: Connect = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def objects(connect_objects: Connect) -> ObjectStore:
    return connect_objects().objects


@pytest.fixture
def other_objects(connect_objects: Connect) -> ObjectStore:
    """Another process's view of the store behind ``objects``."""
    return connect_objects().objects


@pytest.fixture
def tasks(client: Client) -> TaskQueue:
    return client.tasks
