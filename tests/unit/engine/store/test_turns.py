"""How many jobs run at once, whose turn is next, and what those hear who wait."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from dailies.domain.errors import PermanentError
from dailies.domain.job.job import Job, JobState
from dailies.domain.recipe.recipe import Recipe
from dailies.domain.stop import StopToken
from dailies.engine.advance import advance
from dailies.engine.platform import Platform
from dailies.engine.store import turns
from dailies.engine.store.admission import Line, lines_in_turn, running_jobs
from dailies.engine.store.jobs import fail_job, load_job
from dailies.engine.store.progress import operation_path
from dailies.engine.store.turns import begin_next
from dailies.engine.worker_loop import drain
from dailies.operations.deliverables.audio import AudioOutput
from dailies.services.jobs import cancel_job, create_job
from dailies.services.upkeep.live_jobs import look_after_jobs
from tests.unit.conftest import World

New = Callable[..., Job]


@pytest.fixture
def platform(world: World) -> Platform:
    return world.with_settings(max_running_jobs=1)


@pytest.fixture
def new(world: World, platform: Platform) -> New:
    """Makes a job of ``uid`` a second later, and advances it."""

    def make(uid: str, name: str = "a") -> Job:
        world.clock.pass_by(seconds=1)
        recipe = Recipe(outputs=dict[str, Any]({name: AudioOutput(format="mp3", start=1)}))
        job = create_job(platform, uid, world.sources.identify(world.source), recipe).job
        return advance(platform, job.id)

    return make


def finish(platform: Platform, job: Job) -> None:
    drain(platform, job.id, StopToken())
    assert advance(platform, job.id).state is JobState.COMPLETED


def state(platform: Platform, job: Job) -> JobState:
    return load_job(platform, job.id).state


def running(platform: Platform, jobs: list[Job]) -> list[str]:
    return [job.id for job in jobs if state(platform, job) is JobState.PROCESSING]


def progress(platform: Platform, job: Job) -> dict[str, Any]:
    found = platform.documents.get(operation_path(job.uid, job.id))
    assert found is not None
    return found.data


def test_the_next_is_of_whoever_has_the_fewest_running(world: World, platform: Platform, new: New) -> None:
    """Not of who has asked for the most: one job of another is before a user's second, and nobody waits for ever."""
    many = [new("ann", name) for name in "abc"]
    other = new("bob")
    order = [*many, other]
    begun = []
    while ids := running(platform, order):
        assert len(ids) == 1
        begun.append(ids[0])
        world.clock.pass_by(seconds=1)
        finish(platform, next(job for job in order if job.id == ids[0]))
    assert begun == [many[0].id, other.id, many[1].id, many[2].id]


def test_those_that_wait_are_told_their_position(world: World, platform: Platform, new: New) -> None:
    """In the progress document: it becomes less, and is gone when the job begins."""
    first, second, third = (new("ann", name) for name in "abc")
    world.clock.pass_by(seconds=11)
    bob = new("bob")
    told = [progress(platform, job).get("position") for job in (first, second, third, bob)]
    assert told == [None, 2, 3, 1]
    assert progress(platform, second)["message"] == "Queued: 1 before it"
    world.clock.pass_by(seconds=11)
    finish(platform, first)
    assert [progress(platform, job).get("position") for job in (second, third, bob)] == [1, 2, None]
    assert progress(platform, bob)["status"] == "processing"


def test_a_job_that_came_between_two_tellings_is_looked_at_again(
    world: World, platform: Platform, new: New, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Positions are written every ten seconds at most, however many come."""
    delays: list[tuple[str, float]] = []
    add = platform.tasks.enqueue

    def enqueue(queue: str, payload: Any, *, name: str | None = None, delay_seconds: float = 0) -> str:
        delays.append((payload["job_id"], delay_seconds))
        return add(queue, payload, name=name, delay_seconds=delay_seconds)

    monkeypatch.setattr(platform.tasks, "enqueue", enqueue)
    new("ann")
    second, third = new("bob"), new("cay")
    assert progress(platform, second)["position"] == 1
    assert "position" not in progress(platform, third)
    assert (third.id, 10.0) in delays
    world.clock.pass_by(seconds=10)
    advance(platform, third.id)
    assert progress(platform, third)["position"] == 2


def test_there_are_never_more_than_the_cap(world: World, new: New) -> None:
    """However many are advanced at one time."""
    capped = world.with_settings(max_running_jobs=3)
    jobs = [new(f"user{n}") for n in range(9)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(partial(advance, capped), [job.id for job in jobs] * 2))
    assert len(running(capped, jobs)) == 3
    assert set(running_jobs(capped)) == set(running(capped, jobs))


def test_who_looked_too_early_takes_no_slot_away(
    world: World, platform: Platform, new: New, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two that give out turns at once see the same first one: the second finds it running, and leaves it that."""
    first, second = new("ann"), new("bob")
    seen_early = [("ann", Line(waiting=(first.id,)))]
    real = lines_in_turn
    monkeypatch.setattr(turns, "lines_in_turn", lambda *how: (seen_early and [seen_early.pop()]) or real(*how))
    assert begin_next(world.with_settings(max_running_jobs=2)) == [second.id]
    assert set(running_jobs(platform)) == {first.id, second.id}


@pytest.mark.parametrize("how", ["cancelled", "failed"])
def test_a_job_that_ends_makes_room_and_one_that_waits_leaves_the_line(platform: Platform, new: New, how: str) -> None:
    first, second, third = new("ann"), new("bob"), new("cay")

    def end(job: Job) -> None:
        if how == "cancelled":
            cancel_job(platform, job.id)
        else:
            fail_job(platform, job.id, PermanentError("No."))
        # As its last worker does.
        advance(platform, job.id)

    end(second)
    end(first)
    assert state(platform, third) is JobState.PROCESSING
    assert list(running_jobs(platform)) == [third.id]


def test_the_worker_that_ends_a_job_lets_the_next_begin(platform: Platform, new: New) -> None:
    """Nobody else comes by: without a word of the worker the next would wait for the sweep."""
    first, second = new("ann"), new("bob")
    assert drain(platform, first.id, StopToken())
    assert state(platform, second) is JobState.PROCESSING


def test_a_lost_slot_and_a_lost_place_are_found_by_the_sweep(platform: Platform, new: New) -> None:
    """Whatever became of whoever had to give it back."""
    first, second = new("ann"), new("bob")
    platform.documents.delete(f"jobs/{first.id}")
    platform.documents.delete("queues/bob")
    look_after_jobs(platform)
    assert state(platform, second) is JobState.PROCESSING
    assert list(running_jobs(platform)) == [second.id]


def test_without_a_cap_nothing_is_counted(world: World) -> None:
    """As on this machine."""
    world.finish(world.new_job())
    assert world.platform.documents.get("admission/slots") is None
    assert world.platform.documents.query("queues") == []
