"""A step that waits for somebody else's job holds nothing meanwhile, and is woken."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from dailies.adapters.local.tasks import LocalTasks
from dailies.domain.errors import PermanentError
from dailies.domain.job.job import Job, JobState
from dailies.domain.stop import StopToken
from dailies.engine.advance import advance
from dailies.engine.plan_state import plan_state_of
from dailies.engine.platform import Platform
from dailies.engine.run_step import run_step, wake
from dailies.engine.store import leases
from dailies.engine.store.artifacts import Artifacts
from dailies.engine.store.jobs import load_job
from dailies.engine.worker_loop import drain
from dailies.planning.waiting import Waiting
from dailies.services.embedded import Embedded
from tests.unit.conftest import World, lease_documents
from tests.unit.engine.light_steps import DrainingWorkers, Service, asking, result_of
from tests.unit.engine.test_light_steps import begun, due, waiting_seconds


def waiting(times: int, check_after: float, deadline: float = 7200.0) -> Service:
    """One that says so often that it is not done yet."""

    def answer(_question: str, _stop: StopToken) -> None:
        if service.asked.total() <= times:
            raise Waiting("their-job-7", check_after, deadline)

    service = Service(answer)
    return service


def started(world: World, service: Service) -> tuple[Platform, Job, str]:
    """A job whose light step has said that it waits."""
    platform = asking(world, service)
    job = world.new_job()
    step = begun(world, platform, job)
    [task] = due(world)
    run_step(platform, job.id, step, StopToken())
    cast("LocalTasks", platform.tasks).ack(task)
    return platform, job, step


def test_a_step_that_waits_is_held_by_nobody_until_its_time(world: World) -> None:
    service = waiting(1, 40.0)
    platform, job, step = started(world, service)
    [held] = [held for held in lease_documents(world) if held["step"] == step]
    assert (held["owner"], held["attempts"], held["failures"]) == ("", 0, 0)
    assert 30 < waiting_seconds(world) <= 40
    run_step(platform, job.id, step, StopToken())
    assert service.asked.total() == 1
    world.clock.pass_by(seconds=41)
    run_step(platform, job.id, step, StopToken())
    assert service.answered.total() == 1


def test_a_step_is_told_what_it_waits_for_and_has_one_key(world: World) -> None:
    """Whoever is asked knows a repeated request by the key."""
    service = waiting(1, 40.0)
    platform, job, step = started(world, service)
    world.clock.pass_by(seconds=41)
    run_step(platform, job.id, step, StopToken())
    [(first, before), (second, after)] = service.told
    assert first == second
    assert len(first) == 64
    assert (before, after) == (None, "their-job-7")


def test_a_step_that_waits_is_woken_by_its_key(world: World) -> None:
    """As a webhook of the other side does; what waits no more is woken by nobody."""
    service = waiting(1, 3000.0)
    platform, job, step = started(world, service)
    found = plan_state_of(job, Artifacts(platform.objects, job.uid), platform.registry, platform.toolchain())
    key = found.keys[step]
    assert not wake(platform, "mallory", key)
    assert wake(platform, job.uid, key)
    [task] = due(world)
    assert task.payload == {"job": job.id, "step": step}
    run_step(platform, job.id, step, StopToken())
    assert service.answered.total() == 1
    assert not wake(platform, job.uid, key)


def test_a_step_that_was_refused_is_woken_by_nobody(world: World) -> None:
    """Its job does without it."""
    platform, job, step = started(world, waiting(1, 3000.0))
    found = plan_state_of(job, Artifacts(platform.objects, job.uid), platform.registry, platform.toolchain())
    leases.refuse(platform, job, found.keys[step], PermanentError("Not that.", code="not_that"))
    assert not wake(platform, job.uid, found.keys[step])


def test_a_job_that_waits_goes_on_by_itself(world: World) -> None:
    """Three looks, one attempt: it is no fault to be not done yet."""
    service = waiting(3, 0.05)
    workers = DrainingWorkers()
    platform = replace(asking(world, service), workers=workers)
    workers.platform = platform
    world.clock.go()
    job = world.new_job()
    embedded = Embedded(platform, cast("LocalTasks", platform.tasks), workers)
    ended = embedded.run(job.id, lambda _document: None, StopToken())
    assert ended.state is JobState.COMPLETED
    assert service.asked.total() == 4
    assert {step["attempts"] for step in result_of(ended)["steps"]} == {1}


def test_a_step_that_waits_too_long_fails_with_its_reason_after_a_last_look(world: World) -> None:
    """The time is of the wait in all, however often it was looked at meanwhile; nobody sleeps past it."""
    service = waiting(9, 40.0, deadline=100.0)
    platform, job, step = started(world, service)
    for _ in range(2):
        world.clock.pass_by(seconds=41)
        run_step(platform, job.id, step, StopToken())
    assert load_job(platform, job.id).state is JobState.PROCESSING
    world.clock.pass_by(seconds=19)
    run_step(platform, job.id, step, StopToken())
    ended = load_job(platform, job.id)
    assert (ended.state, (ended.error or {})["code"]) == (JobState.FAILED, "wait_timeout")
    assert "100 s for their-job-7" in (ended.error or {})["message"]
    assert service.asked.total() == 4
    # Which nobody wakes any more.
    plan_state = plan_state_of(job, Artifacts(platform.objects, job.uid), platform.registry, platform.toolchain())
    assert not wake(platform, job.uid, plan_state.keys[step])


def test_a_job_that_nothing_comes_of_ends_at_its_deadline(world: World) -> None:
    """Also where a command alone looks after it, and what it waits for has a longer breath."""
    service = waiting(9, 10.0, deadline=1e9)
    platform, job, _ = started(world, service)
    embedded = Embedded(platform, cast("LocalTasks", platform.tasks), DrainingWorkers())
    world.clock.pass_by(hours=49)
    ended = embedded.run(job.id, lambda _document: None, StopToken())
    assert (ended.state, (ended.error or {})["code"]) == (JobState.FAILED, "deadline_exceeded")


def test_what_is_done_at_the_last_look_is_taken(world: World) -> None:
    service = waiting(1, 40.0, deadline=30.0)
    platform, job, step = started(world, service)
    world.clock.pass_by(seconds=31)
    run_step(platform, job.id, step, StopToken())
    assert service.answered.total() == 1
    assert load_job(platform, job.id).state is not JobState.FAILED


def test_another_wait_has_a_time_of_its_own(world: World) -> None:
    """Who is refused by one server may turn to another."""

    def answer(_question: str, _stop: StopToken) -> None:
        if service.asked.total() <= 2:
            raise Waiting(f"their-job-{service.asked.total()}", 40.0, 50.0)

    service = Service(answer)
    platform, job, step = started(world, service)
    for _ in range(2):
        world.clock.pass_by(seconds=51)
        run_step(platform, job.id, step, StopToken())
    assert service.answered.total() == 1


def test_a_killed_look_leaves_the_time_that_the_wait_has(world: World) -> None:
    """Its lease lapses; whoever takes it over knows what it waits for, and since when."""
    service = waiting(9, 10.0, deadline=100.0)
    platform, job, step = started(world, service)
    world.clock.pass_by(seconds=11)
    found = plan_state_of(job, Artifacts(platform.objects, job.uid), platform.registry, platform.toolchain())
    world.owners.name = "killed"
    assert leases.claim(platform, job, step, found.keys[step]) is not None
    world.owners.name = "me-1-1-1"
    world.owners.dead.add("killed")
    world.clock.pass_by(seconds=95)
    run_step(platform, job.id, step, StopToken())
    assert (load_job(platform, job.id).error or {})["code"] == "wait_timeout"


def test_a_job_that_waits_holds_no_worker_no_lease_and_no_task_that_is_due(world: World) -> None:
    service = waiting(1, 40.0)
    platform, job, _step = started(world, service)
    world.workers.started.clear()
    for _ in range(3):
        advance(platform, job.id)
        drain(platform, job.id, StopToken())
    assert load_job(platform, job.id).state is JobState.PROCESSING
    assert world.workers.started == []
    assert [held for held in lease_documents(world) if held["owner"]] == []
    assert due(world) == []
