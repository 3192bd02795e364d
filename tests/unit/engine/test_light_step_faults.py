"""What goes wrong around a light step: nothing of it is lost, and nobody waits for what has ended."""

from __future__ import annotations

from dataclasses import replace
from typing import NoReturn, cast

import pytest

from dailies.adapters.local.tasks import LocalTasks
from dailies.domain.errors import PermanentError, TransientError
from dailies.domain.job.job import JobState
from dailies.domain.stop import StopToken
from dailies.engine.advance import advance
from dailies.engine.advance_queue import QUEUE
from dailies.engine.run_step import run_step
from dailies.engine.store import leases
from dailies.engine.store.jobs import load_job
from tests.unit.conftest import World
from tests.unit.engine.light_steps import Service, asking, failing
from tests.unit.engine.test_light_steps import begun


def test_a_store_that_is_away_at_the_claim_has_the_task_delivered_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No attempt was counted, so there is no other task for it: this one's name is taken for an hour."""
    service = Service()
    platform = asking(world, service)
    job = world.new_job()
    step = begun(world, platform, job)

    def away(*_: object) -> NoReturn:
        raise TransientError("The store is away.")

    with monkeypatch.context() as patch:
        patch.setattr(leases, "claim", away)
        with pytest.raises(TransientError, match="away"):
            run_step(platform, job.id, step, StopToken())
    run_step(platform, job.id, step, StopToken())
    assert service.answered.total() == 1


def test_a_bug_in_a_light_step_ends_its_job(world: World) -> None:
    """As one in a worker does: three silent attempts would call it a lack of memory."""
    platform = asking(world, Service(failing(KeyError("oops"))))
    job = world.new_job()
    run_step(platform, job.id, begun(world, platform, job), StopToken())
    ended = load_job(platform, job.id)
    assert ended.state is JobState.FAILED
    assert (ended.error or {})["code"] == "internal"
    assert "KeyError" in (ended.error or {})["message"]


def test_the_next_job_begins_when_a_light_step_fails_one(world: World) -> None:
    """Nobody else would give its turn but the sweep."""
    platform = asking(world, Service(failing(PermanentError("No."))))
    platform = replace(platform, settings=platform.settings.model_copy(update={"max_running_jobs": 1}))
    first = world.new_job()
    step = begun(world, platform, first)
    second = world.new_job(b=5.0)
    advance(platform, second.id)
    assert load_job(platform, second.id).state is JobState.QUEUED
    tasks = cast("LocalTasks", platform.tasks)
    while (task := tasks.lease(QUEUE, seconds=60)) is not None:
        tasks.ack(task)
    run_step(platform, first.id, step, StopToken())
    assert load_job(platform, first.id).state is JobState.FAILED
    assert load_job(platform, second.id).state is JobState.PROCESSING
    task = tasks.lease(QUEUE, seconds=60)
    assert task is not None
    assert task.payload == {"job_id": second.id}
