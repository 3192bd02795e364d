"""Steps that wait for others: they run beside each other in no worker, and one's trouble is nobody else's."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import replace
from typing import cast

from dailies.adapters.local.tasks import LocalTasks
from dailies.domain.errors import Interrupted, PermanentError, RateLimited, TransientError
from dailies.domain.job.job import Job, JobState
from dailies.domain.recipe.recipe import Recipe
from dailies.domain.stop import StopToken
from dailies.engine.advance import advance
from dailies.engine.budget import spent_usd
from dailies.engine.plan_state import plan_state_of
from dailies.engine.platform import Platform
from dailies.engine.run_step import run_step
from dailies.engine.step_tasks import STEPS
from dailies.engine.store import leases
from dailies.engine.store.artifacts import Artifacts
from dailies.engine.store.jobs import load_job
from dailies.engine.worker_loop import drain
from dailies.operations.deliverables.audio import AudioOutput
from dailies.planning.retry import Retry
from dailies.ports.tasks import LeasedTask
from dailies.services.embedded import Embedded
from dailies.services.jobs import cancel_job, create_job
from tests.unit.conftest import UID, World, lease_documents
from tests.unit.engine.light_steps import DrainingWorkers, Service, asking, failing, light_ids


def begun(world: World, platform: Platform, job: Job) -> str:
    """Have the media steps of the job done; returns its first light step, which is ready."""
    advance(platform, job.id)
    drain(platform, job.id, StopToken())
    found = plan_state_of(job, Artifacts(platform.objects, job.uid), platform.registry, platform.toolchain())
    return light_ids(found.ready)[0]


def due(world: World) -> list[LeasedTask]:
    """The tasks for light steps that are due, taken."""
    tasks = cast("LocalTasks", world.platform.tasks)
    taken: list[LeasedTask] = []
    while (task := tasks.lease(STEPS, seconds=60)) is not None:
        taken.append(task)
    return taken


def waiting_seconds(world: World) -> float:
    """Until the first task for a light step is due."""
    tasks = cast("LocalTasks", world.platform.tasks)
    with tasks._database.read() as connection:
        at: float = connection.execute("SELECT min(due) FROM tasks WHERE queue = ?", (STEPS,)).fetchone()[0]
    return at - time.time()


def test_a_light_step_starts_no_worker_and_is_asked_for_once(world: World) -> None:
    """However often the job is looked at: a worker would find nothing to do, leave and be started again, for ever."""
    service = Service()
    platform = asking(world, service, 3)
    job = world.new_job()
    begun(world, platform, job)
    world.workers.started.clear()
    for _ in range(3):
        advance(platform, job.id)
    assert world.workers.started == []
    assert len(due(world)) == 3


def test_what_others_charge_is_what_the_job_has_spent(world: World) -> None:
    """A light step costs no machine, and what its service wants for it all the same."""
    platform = asking(world, Service(usd=0.25), 3)
    job = world.new_job()
    begun(world, platform, job)
    for task in due(world):
        run_step(platform, task.payload["job"], task.payload["step"], StopToken())
    found = plan_state_of(job, Artifacts(platform.objects, job.uid), platform.registry, platform.toolchain())
    spent = sum(made.cost_usd for made in found.artifacts.values() if made.kind == "ask")
    assert spent == 0.75
    assert spent_usd(job, found.artifacts.values()) >= spent


def test_a_hundred_light_steps_that_are_refused_at_random_are_all_done(world: World) -> None:
    """429s end nothing but their own attempt: no worker, no other step, not the job. Nothing is answered twice."""
    dice = random.Random(7)

    def answer(_question: str, stop: StopToken) -> None:
        stop.wait(0.05)
        with service.lock:
            refused = dice.random() < 0.3
        if refused:
            raise RateLimited("Too many requests.", retry_after=0.01)

    service = Service(answer)
    workers = DrainingWorkers()
    world.clock.go()
    platform = replace(asking(world, service, 100, retry=Retry(attempts=50)), workers=workers)
    workers.platform = platform
    job = world.new_job()
    embedded = Embedded(platform, cast("LocalTasks", platform.tasks), workers)
    assert embedded.run(job.id, lambda _document: None, StopToken()).state is JobState.COMPLETED
    assert len(service.answered) == 100
    assert set(service.answered.values()) == {1}
    assert service.asked.total() > 110
    assert 2 <= service.most_at_once <= platform.settings.light_concurrency
    assert set(workers.codes) == {0}
    assert world.ledger.ran == ["probe", "measure", "1.0"]


def test_what_a_refusal_asks_for_is_waited_for(world: World) -> None:
    """``retry_after`` is the lease's ``not_before``, and the delay of the next task."""
    service = Service(failing(RateLimited("Slow down.", retry_after=40.0)))
    platform = asking(world, service)
    job = world.new_job()
    step = begun(world, platform, job)
    [task] = due(world)
    run_step(platform, job.id, step, StopToken())
    cast("LocalTasks", world.platform.tasks).ack(task)
    assert 30 < waiting_seconds(world) <= 40
    world.clock.pass_by(seconds=39)
    run_step(platform, job.id, step, StopToken())
    assert service.asked.total() == 1
    world.clock.pass_by(seconds=2)
    run_step(platform, job.id, step, StopToken())
    assert service.answered.total() == 1


def test_a_step_is_tried_as_often_as_its_kind_says(world: World) -> None:
    """Then its job ends with what it met."""
    service = Service(failing(*[TransientError("Away.", code="service_away") for _ in range(9)]))
    platform = asking(world, service, retry=Retry(attempts=2, backoff_seconds=5.0))
    job = world.new_job()
    step = begun(world, platform, job)
    run_step(platform, job.id, step, StopToken())
    assert load_job(platform, job.id).state is JobState.PROCESSING
    world.clock.pass_by(seconds=6)
    run_step(platform, job.id, step, StopToken())
    ended = load_job(platform, job.id)
    assert ended.state is JobState.FAILED
    assert (ended.error or {})["code"] == "service_away"
    assert service.asked.total() == 2


def test_an_error_that_its_kind_does_not_try_again_ends_it_at_once(world: World) -> None:
    service = Service(failing(TransientError("Away.", code="service_away")))
    platform = asking(world, service, retry=Retry(codes=frozenset({"rate_limited"})))
    job = world.new_job()
    run_step(platform, job.id, begun(world, platform, job), StopToken())
    assert load_job(platform, job.id).state is JobState.FAILED


def test_an_optional_output_that_was_all_fails_its_job_with_its_light_step(world: World) -> None:
    """There is nothing that could be delivered without it."""
    service = Service(failing(PermanentError("I won't say.", code="refused")))
    platform = asking(world, service)
    optional = AudioOutput(format="mp3", start=1, optional=True)
    job = create_job(platform, UID, world.sources.identify(world.source), Recipe(outputs={"a": optional})).job
    run_step(platform, job.id, begun(world, platform, job), StopToken())
    ended = advance(platform, job.id)
    assert ended.state is JobState.FAILED
    assert (ended.error or {})["code"] == "refused"


def test_a_step_that_takes_too_long_is_stopped_and_tried_again(world: World) -> None:
    calls: list[str] = []

    def slow_once(question: str, stop: StopToken) -> None:
        calls.append(question)
        if len(calls) == 1:
            assert stop.wait(20)
            stop.check()

    platform = asking(world, Service(slow_once), limit_seconds=0.2)
    job = world.new_job()
    step = begun(world, platform, job)
    run_step(platform, job.id, step, StopToken())
    assert {held["failures"] for held in lease_documents(world) if held["step"] == step} == {1}
    world.clock.pass_by(seconds=2)
    run_step(platform, job.id, step, StopToken())
    assert calls == ["q0", "q0"]


def running(platform: Platform, job: Job, step: str, stop: StopToken) -> tuple[threading.Thread, list[BaseException]]:
    raised: list[BaseException] = []

    def work() -> None:
        try:
            run_step(platform, job.id, step, stop)
        except BaseException as error:  # noqa: BLE001 - the test's own thread sees and judges it
            raised.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    return thread, raised


def held_up(asked: threading.Event) -> Service:
    """One that answers nobody until they stop waiting."""

    def answer(_question: str, stop: StopToken) -> None:
        asked.set()
        assert stop.wait(30)
        stop.check()

    return Service(answer)


def test_a_cancel_stops_a_light_step_within_two_seconds(world: World) -> None:
    asked = threading.Event()
    platform = asking(world, held_up(asked))
    job = world.new_job()
    thread, raised = running(platform, job, begun(world, platform, job), StopToken())
    assert asked.wait(20)
    cancelled_at = time.monotonic()
    cancel_job(platform, job.id)
    thread.join(20)
    assert time.monotonic() - cancelled_at < 2
    assert raised == []
    assert not any(world.platform.scratch.iterdir())


def test_a_process_that_is_asked_to_end_gives_its_light_step_back(world: World) -> None:
    """The task comes again elsewhere, and nothing counts against the step."""
    asked, stop = threading.Event(), StopToken()
    platform = asking(world, held_up(asked))
    job = world.new_job()
    step = begun(world, platform, job)
    thread, raised = running(platform, job, step, stop)
    assert asked.wait(20)
    stop.set("interrupted")
    thread.join(20)
    assert [type(error) for error in raised] == [Interrupted]
    [held] = [held for held in lease_documents(world) if held["step"] == step]
    assert (held["owner"], held["attempts"], held["failures"]) == ("", 0, 0)


def test_a_task_that_comes_twice_runs_its_step_once(world: World) -> None:
    """The second finds the step taken, and looks again when its lease is due."""
    asked, go_on = threading.Event(), threading.Event()

    def answer(_question: str, _stop: StopToken) -> None:
        asked.set()
        assert go_on.wait(30)

    service = Service(answer)
    platform = asking(world, service)
    job = world.new_job()
    step = begun(world, platform, job)
    [first] = due(world)
    thread, raised = running(platform, job, step, StopToken())
    assert asked.wait(20)
    run_step(platform, job.id, step, StopToken())
    go_on.set()
    thread.join(20)
    assert raised == []
    assert service.asked.total() == 1
    cast("LocalTasks", world.platform.tasks).ack(first)
    assert 60 < waiting_seconds(world) <= 90


def test_a_light_step_of_a_process_that_was_killed_is_taken_over(world: World) -> None:
    """Its task comes again; the lease says that who had it is dead."""
    service = Service()
    platform = asking(world, service)
    job = world.new_job()
    step = begun(world, platform, job)
    artifacts = Artifacts(platform.objects, job.uid)
    key = plan_state_of(job, artifacts, platform.registry, platform.toolchain()).keys[step]
    world.owners.name = "gone-1-1-1"
    assert leases.claim(platform, job, step, key) is not None
    world.owners.name = "me-1-1-1"
    run_step(platform, job.id, step, StopToken())
    assert service.asked.total() == 0
    world.owners.dead.add("gone-1-1-1")
    run_step(platform, job.id, step, StopToken())
    assert service.answered.total() == 1


def test_an_answer_is_of_its_question_and_not_of_the_source(world: World) -> None:
    """Another source of the same user that asks the same is answered by what is there."""
    service = Service()
    platform = asking(world, service)
    first = world.new_job()
    run_step(platform, first.id, begun(world, platform, first), StopToken())
    world.source.write_bytes(b"another film")
    second = world.new_job()
    advance(platform, second.id)
    drain(platform, second.id, StopToken())
    assert load_job(platform, second.id).state is JobState.COMPLETED
    assert service.asked.total() == 1
