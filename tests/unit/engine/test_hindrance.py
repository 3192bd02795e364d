"""What the platform denies is waited out; it fails no job before its deadline."""

from __future__ import annotations

from typing import Any

import pytest

from dailies.domain.errors import PlatformNotReady
from dailies.domain.job.job import JobState
from dailies.domain.stop import StopToken
from dailies.engine.advance import advance
from dailies.engine.advance_queue import QUEUE
from dailies.engine.platform import Platform
from dailies.engine.store.jobs import load_job
from dailies.engine.store.progress import operation_path
from dailies.services.jobs import cancel_job
from dailies.services.upkeep.housekeeping import sweep
from dailies.worker import drain_and_hand_on
from tests.unit.conftest import UID, World

DENIED = PlatformNotReady("The worker job is denied to this service account.", code="cloud_denied")


def deny(world: World, monkeypatch: pytest.MonkeyPatch, error: Exception = DENIED) -> None:
    def start(job_id: str, tasks: int = 1) -> None:
        raise error

    monkeypatch.setattr(world.workers, "start", start)


def operation(platform: Platform, job_id: str) -> dict[str, Any]:
    found = platform.documents.get(operation_path(UID, job_id))
    assert found is not None
    return found.data


def test_a_job_that_no_worker_may_be_started_for_waits(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The queue hears of it and retries; the job and its user are told, and it goes on as if nothing had been."""
    job = world.new_job()
    with monkeypatch.context() as patch:
        deny(world, patch)
        for _ in range(3):
            with pytest.raises(PlatformNotReady):
                advance(world.platform, job.id)
            world.clock.pass_by(minutes=10)
    waiting = load_job(world.platform, job.id)
    assert waiting.state is JobState.PROCESSING
    assert waiting.hindrance is not None
    assert (waiting.hindrance.code, waiting.hindrance.message) == ("cloud_denied", DENIED.message)
    assert operation(world.platform, job.id)["message"].startswith("Waiting")
    advance(world.platform, job.id)
    assert load_job(world.platform, job.id).hindrance is None
    assert world.finish(job).state is JobState.COMPLETED


def test_the_deadline_ends_it_with_the_reason(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody mended the deployment for two days."""
    job = world.new_job()
    deny(world, monkeypatch)
    with pytest.raises(PlatformNotReady):
        advance(world.platform, job.id)
    world.clock.pass_by(hours=49)
    assert sweep(world.platform).ended == 1
    ended = load_job(world.platform, job.id)
    assert ended.error is not None
    assert ended.error["code"] == "deadline_exceeded"
    assert DENIED.message in ended.error["message"]


def test_a_worker_that_is_denied_spends_no_attempt_and_asks_again_later(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ever later: each try is a container. A step that it failed in three times is still no poison."""
    delays: list[float] = []

    def enqueue(queue: str, payload: Any, *, name: str | None = None, delay_seconds: float = 0) -> str:
        assert queue == QUEUE
        delays.append(delay_seconds)
        return "task"

    job = world.new_job()
    advance(world.platform, job.id)
    monkeypatch.setattr(world.platform.tasks, "enqueue", enqueue)
    world.ledger.fail["probe"] = [DENIED] * 5
    for _ in range(5):
        assert drain_and_hand_on(world.platform, job.id, StopToken()) == 0
        world.clock.pass_by(minutes=3)
    assert load_job(world.platform, job.id).state is JobState.PROCESSING
    assert delays == [5, 180, 300, 300, 300]
    assert drain_and_hand_on(world.platform, job.id, StopToken()) == 0
    assert advance(world.platform, job.id).state is JobState.COMPLETED


def test_a_job_is_cancelled_though_its_workers_can_t_be_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """They watch it, and end by themselves."""

    def cancel(job_id: str) -> None:
        raise DENIED

    job = world.new_job()
    monkeypatch.setattr(world.workers, "cancel", cancel)
    assert cancel_job(world.platform, job.id).state is JobState.CANCELLED
