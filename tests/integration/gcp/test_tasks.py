"""What Cloud Tasks is given, and what it makes of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.api_core import exceptions

from dailies.adapters.gcp.tasks import CloudTasks, TaskTarget
from dailies.domain.errors import Conflict, Misconfigured, PlatformNotReady, TransientError
from tests.fakes.http_server import FakeService, Request, Response, serving
from tests.fakes.tasks import FakeTasks

QUEUE = "projects/p/locations/europe-west1/queues/advance"


@pytest.fixture
def function() -> Iterator[FakeService]:
    """The function that the tasks call."""
    fake = FakeService(lambda _: Response())
    with serving(fake):
        yield fake


@pytest.fixture
def tasks(fake_tasks: FakeTasks, function: FakeService) -> CloudTasks:
    return CloudTasks(fake_tasks.client, {"advance": TaskTarget(QUEUE, f"{function.url}/advance", "queue@p.iam")})


def test_a_task_calls_its_function_as_a_service_account(
    tasks: CloudTasks, fake_tasks: FakeTasks, function: FakeService
) -> None:
    """POST of {"data": payload} with an identity token for that URL; a 2xx ends the task."""
    tasks.enqueue("advance", {"job_id": "ü"})
    assert fake_tasks.deliver() == 1
    (received,) = function.requests
    assert (received.method, received.path) == ("POST", "/advance")
    assert json.loads(received.body) == {"data": {"job_id": "ü"}}
    assert received.headers["content-type"] == "application/json"
    assert received.headers["authorization"] == f"Bearer queue@p.iam {function.url}/advance"
    assert fake_tasks.tasks == {}


def test_names_are_hashed(tasks: CloudTasks, fake_tasks: FakeTasks) -> None:
    """Names that begin alike would be kept at one place; the caller gets its own name back."""
    assert [tasks.enqueue("advance", {}, name=f"job-{n}") for n in range(3)] == ["job-0", "job-1", "job-2"]
    names = [name.rpartition("/")[2] for name in fake_tasks.tasks]
    assert len({name[:4] for name in names}) == 3
    assert {len(name) for name in names} == {64}


def test_a_name_stays_taken_after_the_task_is_done(tasks: CloudTasks, fake_tasks: FakeTasks) -> None:
    """For up to 24 hours, as Cloud Tasks has it."""
    tasks.enqueue("advance", {}, name="a")
    fake_tasks.deliver()
    with pytest.raises(Conflict) as refused:
        tasks.enqueue("advance", {}, name="a")
    assert refused.value.error_code == "task_exists"


def test_a_task_that_fails_is_delivered_again(tasks: CloudTasks, fake_tasks: FakeTasks, function: FakeService) -> None:
    """Non-2xx: later, with the same body."""
    function.fail(lambda _: True, status=503, times=2)
    tasks.enqueue("advance", {"job_id": "a"})
    now = datetime.now(UTC)
    sent = [fake_tasks.deliver(at=now + timedelta(minutes=n)) for n in range(4)]
    assert sent == [1, 1, 1, 0]
    assert len({request.body for request in function.requests}) == 1


def test_a_delayed_task_waits(tasks: CloudTasks, fake_tasks: FakeTasks) -> None:
    """It is due at its time, and not before."""
    tasks.enqueue("advance", {}, delay_seconds=60)
    now = datetime.now(UTC)
    assert fake_tasks.deliver(at=now + timedelta(seconds=50)) == 0
    assert fake_tasks.deliver(at=now + timedelta(seconds=61)) == 1


def creation(request: Request) -> bool:
    return request.path.endswith("/tasks")


def test_a_queue_that_is_away_for_a_moment_is_asked_again(tasks: CloudTasks, fake_tasks: FakeTasks) -> None:
    """UNAVAILABLE is repeated; anything else of that kind is the caller's."""
    fake_tasks.fail(creation, status=503)
    tasks.enqueue("advance", {})
    assert len(fake_tasks.tasks) == 1
    fake_tasks.fail(creation, status=429)
    with pytest.raises(TransientError):
        tasks.enqueue("advance", {})


@pytest.mark.parametrize("error", [exceptions.NotFound("no queue"), exceptions.FailedPrecondition("disabled")])
def test_a_queue_that_takes_nothing_is_waited_for(error: Exception) -> None:
    """An event that is dropped for it would be an upload that nobody works on."""

    class Client:
        def create_task(self, **_: Any) -> Any:
            raise error

    refusing: Any = Client
    with pytest.raises(PlatformNotReady) as refused:
        CloudTasks(refusing, {"advance": TaskTarget(QUEUE, "http://x", "a@b")}).enqueue("advance", {}, name="a")
    assert refused.value.error_code == "queue_refused"


def test_a_queue_that_nobody_configured_is_named(tasks: CloudTasks) -> None:
    with pytest.raises(Misconfigured, match="webhooks"):
        tasks.enqueue("webhooks", {})
