"""What holds for every test."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage
from hypothesis import settings

from tests.emulators import end_shared, firestore_emulator
from tests.fakes.http_server import serving
from tests.fakes.storage import FakeStorage
from tests.fakes.tasks import FakeTasks
from tests.made import VARIABLE

# A busy machine is slow, not wrong. CI tries Hypothesis' own number of examples, whoever develops fewer.
settings.register_profile("ci", deadline=None)
settings.register_profile("development", deadline=None, max_examples=25)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "development")


# What takes long comes first: a worker that has nothing left to do takes from the end of another's list.
_LONGEST = ("e2e", "integration")
_skipped: dict[str, int] = {}


def pytest_configure(config: pytest.Config) -> None:
    """Give all the processes of this run one folder for what they make, and end what they started for each other."""
    if not hasattr(config, "workerinput"):
        folder = tempfile.TemporaryDirectory(prefix="dailies-tests-")
        config.add_cleanup(folder.cleanup)
        os.environ[VARIABLE] = folder.name
        config.add_cleanup(end_shared)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def rank(item: pytest.Item) -> tuple[bool, int]:
        folder = item.path.relative_to(Path(__file__).parent).parts[0]
        return item.get_closest_marker("slow") is None, [*_LONGEST, folder].index(folder)

    items.sort(key=rank)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.skipped and isinstance(report.longrepr, tuple):
        reason = report.longrepr[2].removeprefix("Skipped: ")
        _skipped[reason] = _skipped.get(reason, 0) + 1


def pytest_unconfigure(config: pytest.Config) -> None:
    """The last line: what was not run, and how to have it."""
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    if terminal is not None and _skipped:
        reasons = "; ".join(f"{count} as {reason}" for reason, count in sorted(_skipped.items()))
        terminal.write_line(f"Skipped: {reasons}.")


@pytest.fixture(scope="session")
def firestore_host() -> Iterator[str]:
    """``host:port`` of the real Firestore emulator, which all the processes of a run share."""
    with firestore_emulator() as host:
        yield host


@pytest.fixture
def firestore_environment(firestore_host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Google's clients of this test go to the emulator."""
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", firestore_host)


@pytest.fixture
def firestore_project() -> str:
    """A project of the test's own, which is an empty store of its own."""
    return f"test-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def fake_storage() -> Iterator[FakeStorage]:
    fake = FakeStorage()
    with serving(fake):
        yield fake


@pytest.fixture
def storage_client(
    fake_storage: FakeStorage, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], storage.Client]]:
    """Makes clients of ``fake_storage``, that ask for no bucket behind a test's back, and on after its end."""
    monkeypatch.setenv("DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA", "true")
    made: list[storage.Client] = []

    def make() -> storage.Client:
        options = {"api_endpoint": fake_storage.url}
        made.append(storage.Client("project", AnonymousCredentials(), client_options=options))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def fake_tasks() -> Iterator[FakeTasks]:
    fake = FakeTasks()
    with serving(fake):
        yield fake
