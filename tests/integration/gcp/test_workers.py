"""Workers as executions of a Cloud Run job: started once, told their job, and cancelled."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from google.api_core import exceptions

from dailies.adapters.gcp import clients
from dailies.adapters.gcp.workers import CloudRunWorkers
from dailies.adapters.local.documents.database import Database
from dailies.adapters.local.documents.documents import LocalDocuments
from dailies.domain.errors import PlatformNotReady, TransientError
from tests.fakes.http_server import Request, serving
from tests.fakes.run import JOB, FakeRun

# Says who it is, then waits for the word that ends it.
SCRIPT = """
import os, pathlib, signal, sys
folder = pathlib.Path(os.environ["FOLDER"])
me = os.environ["CLOUD_RUN_TASK_INDEX"] + "of" + os.environ["CLOUD_RUN_TASK_COUNT"]
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
(folder / f"{os.environ['DAILIES_JOB']}-{me}").touch()
# A pipe: opening it waits until the test opens the other end.
(folder / "end").open().close()
"""


@pytest.fixture
def run(tmp_path: Path) -> Iterator[FakeRun]:
    os.mkfifo(tmp_path / "end")
    fake = FakeRun({"FOLDER": str(tmp_path)}, command=(sys.executable, "-c", SCRIPT))
    with serving(fake):
        yield fake
        fake.close()


class Now:
    def __init__(self) -> None:
        self.time = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def workers(run: FakeRun, tmp_path: Path, now: Now) -> Iterator[CloudRunWorkers]:
    documents = LocalDocuments(Database(tmp_path / "db.sqlite3"))
    yield CloudRunWorkers(
        lambda: clients.jobs_client(run.url), lambda: clients.executions_client(run.url), documents, JOB, now
    )
    documents.close()


class Refusing:
    """The client of Cloud Run's jobs, whose calls end as those over gRPC do."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def run_job(self, _request: Any) -> Any:
        raise self._error


def starting(request: Request) -> bool:
    return request.path.endswith(":run")


def test_an_execution_is_told_its_job_and_shares_it(workers: CloudRunWorkers, run: FakeRun, tmp_path: Path) -> None:
    """Two tasks, each with its own index."""
    workers.start("job1", tasks=2)
    with (tmp_path / "end").open("w"):
        run.wait()
    assert sorted(path.name for path in tmp_path.glob("job1-*")) == ["job1-0of2", "job1-1of2"]


def test_a_repeated_event_starts_nothing_new(workers: CloudRunWorkers, run: FakeRun, tmp_path: Path) -> None:
    """While the worker is there. What is missing of a greater number is started; another job has its own."""
    workers.start("job1")
    workers.start("job1")
    assert len(run.executions) == 1
    workers.start("job1", tasks=3)
    assert [execution.task_count for execution in run.executions.values()] == [1, 2]
    workers.start("job2")
    assert len(run.executions) == 3


def test_work_behind_the_last_workers_back_gets_a_new_one(
    workers: CloudRunWorkers, run: FakeRun, tmp_path: Path
) -> None:
    """A worker that has left doesn't count, though its container still runs; nor does one that has ended."""
    workers.start("job1")
    (name,) = run.executions
    workers.leave("job1", name, 0)
    workers.leave("job1", name, 0)
    workers.start("job1")
    assert len(run.executions) == 2
    with (tmp_path / "end").open("w"):
        run.wait()
    workers.start("job1")
    assert len(run.executions) == 3


def test_cancel_ends_the_jobs_executions(workers: CloudRunWorkers, run: FakeRun) -> None:
    """By SIGTERM, those of this job only; those that have ended, and jobs without any, are no error."""
    workers.start("job1")
    workers.start("job2")
    first, second = run.executions.values()
    workers.cancel("job1")
    assert first.ended.wait(20)
    assert first.codes[0][-1] in (0, -signal.SIGTERM)
    assert not second.cancelled
    workers.cancel("job1")
    workers.cancel("job3")


def test_a_start_that_fails_can_be_repeated_at_once(workers: CloudRunWorkers, run: FakeRun) -> None:
    """TransientError for what may pass; the next call starts the worker."""
    run.fail(starting, status=429)
    with pytest.raises(TransientError):
        workers.start("job1")
    workers.start("job1")
    assert len(run.executions) == 1


@pytest.mark.parametrize(
    ("refused", "code"),
    [
        (exceptions.PermissionDenied("run.jobs.runWithOverrides"), "cloud_denied"),
        (exceptions.FailedPrecondition("the job is being updated"), "workers_refused"),
        (exceptions.InvalidArgument("task_count"), "workers_refused"),
        (exceptions.NotFound("no such job"), "workers_refused"),
    ],
)
def test_a_refusal_is_of_the_deployment_and_never_of_the_job(
    workers: CloudRunWorkers, run: FakeRun, monkeypatch: pytest.MonkeyPatch, refused: Exception, code: str
) -> None:
    """Each may be over in minutes, as rights that spread are; the next call starts the worker."""
    with monkeypatch.context() as patch:
        patch.setattr(workers, "_jobs", lambda: Refusing(refused))
        with pytest.raises(PlatformNotReady) as told:
            workers.start("job1")
    assert told.value.error_code == code
    workers.start("job1")
    assert len(run.executions) == 1


def test_a_starter_that_died_is_replaced_after_a_minute(workers: CloudRunWorkers, run: FakeRun, now: Now) -> None:
    """Until then another call leaves it to the first."""
    workers._documents.set("workers/job1", {"executions": {}, "starting": now() + timedelta(seconds=60)})
    workers.start("job1")
    assert run.executions == {}
    now.time += timedelta(seconds=61)
    workers.start("job1")
    assert len(run.executions) == 1
