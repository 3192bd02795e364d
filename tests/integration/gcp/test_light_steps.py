"""Light steps in the cloud: tasks that call the function, leases in Firestore's emulator, and 429s."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from dailies.bootstrap import Cloud
from dailies.domain.errors import RateLimited
from dailies.domain.job.job import Job, JobState, ObjectSource
from dailies.domain.recipe.recipe import Recipe
from dailies.domain.stop import StopToken
from dailies.engine.advance import advance
from dailies.engine.store.jobs import load_job, move_job
from dailies.engine.worker_loop import drain
from dailies.operations.deliverables.audio import AudioOutput
from dailies.planning.retry import Retry
from dailies.services.jobs import create_job
from tests.cloud import CloudHere, cloud_here
from tests.unit.conftest import World, world as world  # noqa: PLC0414 - a fixture
from tests.unit.engine.light_steps import Service, asking

UID = "ann"
COUNT = 5
pytestmark = [pytest.mark.slow, pytest.mark.timeout(200)]


@pytest.fixture
def service() -> Service:
    turns = count(1)

    def answer(_question: str, _stop: StopToken) -> None:
        if next(turns) % 3 == 0:
            raise RateLimited("Too many requests.", retry_after=0.1)

    return Service(answer)


@pytest.fixture
def here(
    firestore_host: str,
    firestore_project: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    world: World,
    service: Service,
) -> Iterator[CloudHere]:
    def with_asking(cloud: Cloud) -> Cloud:
        registry = asking(world, service, COUNT, retry=Retry(attempts=30)).registry
        return Cloud(replace(cloud.platform, registry=registry, toolchain=lambda: "test"), cloud.workers)

    with cloud_here(firestore_host, tmp_path, monkeypatch, project=firestore_project, wrap=with_asking) as found:
        found.run.command = ("true",)  # its worker is this process
        yield found


def begun(here: CloudHere) -> Job:
    """A job whose media steps are done as far as they can be."""
    platform = here.cloud.platform
    stored = platform.objects.put_bytes(f"uploads/{UID}/x/source", b"media")
    source = ObjectSource(name=stored.name, generation=stored.generation, size=stored.size, digest=stored.checksum)
    recipe = Recipe(outputs={"a": AudioOutput(format="mp3", start=1)})
    job = create_job(platform, UID, source, recipe).job
    move_job(platform, job.id, JobState.PROCESSING)
    assert not drain(platform, job.id, StopToken())
    return job


def test_every_light_step_is_done_once_whatever_its_service_refuses(here: CloudHere, service: Service) -> None:
    """Each task is delivered twice, as Cloud Tasks may; no worker is started for them, and none of them is dropped."""
    platform = here.cloud.platform
    job = begun(here)
    started, pause = 0, StopToken()
    while len(service.answered) < COUNT:
        started = len(here.run.executions)
        here.deliver(twice=True)
        pause.wait(0.05)
    assert set(service.answered.values()) == {1}
    assert service.asked.total() > COUNT
    assert started == 0
    assert here.tasks.dropped == []
    here.deliver()
    assert drain(platform, job.id, StopToken())
    assert load_job(platform, job.id).state is JobState.COMPLETED


def test_steps_whose_tasks_were_lost_are_asked_for_again_an_hour_later(here: CloudHere) -> None:
    """Cloud Tasks keeps the name of a lost task for a day: by then it has to be another."""
    platform = here.cloud.platform
    job = begun(here)
    lost = [name for name in here.tasks.tasks if "/queues/steps/" in name]
    assert len(lost) == COUNT
    here.tasks.tasks.clear()
    here.tasks._done.update(dict.fromkeys(lost, platform.now()))
    advance(platform, job.id)
    assert not here.tasks.tasks
    advance(replace(platform, now=lambda: datetime.now(UTC) + timedelta(hours=1)), job.id)
    assert len(here.tasks.tasks) == COUNT
