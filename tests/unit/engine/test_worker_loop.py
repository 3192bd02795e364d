"""The worker's loop and the queue's side of it, on real local stores with operations that only count."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from dailies.domain.errors import (
    Cancelled,
    LeaseLost,
    SourceChanged,
    SourceRefused,
    TransientError,
)
from dailies.domain.job.job import JobState
from dailies.domain.stop import StopToken
from dailies.engine.advance import advance
from dailies.engine.plan_state import PlanState, plan_state_of
from dailies.engine.store.jobs import load_job
from dailies.engine.store.progress import operation_path
from dailies.engine.worker_loop import drain, may_retry
from dailies.planning.compiler import compile_plan
from dailies.planning.plan import Plan
from dailies.services.jobs import cancel_job, create_job
from tests.unit.conftest import INFO, UID, World, lease_documents


def leftovers(world: World) -> list[str]:
    scratch = world.platform.scratch
    return [path.name for path in scratch.rglob("*")] if scratch.exists() else []


def test_a_job_is_probed_measured_rendered_and_completed(world: World) -> None:
    """Steps run in order, outputs that can share a run do, and nothing is left in scratch."""
    job = world.finish(world.new_job(a=1, b=2))
    assert job.state is JobState.COMPLETED
    assert world.ledger.ran == ["probe", "measure", "1.0", "2.0"]
    assert world.ledger.batches == [2]
    assert leftovers(world) == []
    assert [step["status"] for step in (job.result or {})["steps"]] == ["done"] * 4


def test_a_result_does_not_say_where_its_source_was_shot(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The probe knows; the result is in a document that an app shows around."""
    told = INFO.model_copy(update={"private_tags": {"location": "+52.5200+013.4050/"}, "tags": {"title": "A walk"}})
    monkeypatch.setattr("tests.unit.conftest.INFO", told)
    source = (world.finish(world.new_job()).result or {})["source"]
    assert (source["tags"], source["private_tags"]) == ({"title": "A walk"}, {})


def test_a_second_identical_job_runs_nothing(world: World) -> None:
    """Everything is looked up; no worker is started, every step says cached."""
    world.finish(world.new_job())
    world.ledger.ran.clear()
    world.workers.started.clear()
    job = advance(world.platform, world.new_job().id)
    assert job.state is JobState.COMPLETED
    assert world.ledger.ran == []
    assert world.workers.started == []
    assert {step["status"] for step in (job.result or {})["steps"]} == {"cached"}


def test_changing_one_output_reruns_only_it(world: World) -> None:
    """A re-edit costs what changed."""
    world.finish(world.new_job(a=1, b=2))
    world.ledger.ran.clear()
    world.finish(world.new_job(a=1, b=3))
    assert world.ledger.ran == ["3.0"]


def test_a_worker_plans_once_however_often_it_looks(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plan of a day-long edit takes half a second, and a worker looks after each step."""
    plans: list[Plan] = []

    def counted(*arguments: Any) -> Plan:
        plans.append(compile_plan(*arguments))
        return plans[-1]

    job = world.new_job(a=1, b=2)
    advance(world.platform, job.id)
    monkeypatch.setattr("dailies.engine.plan_state.compile_plan", counted)
    drain(world.platform, job.id, StopToken())
    assert world.ledger.ran == ["probe", "measure", "1.0", "2.0"]
    assert len(plans) == 1


def test_an_unfinished_job_for_the_same_wish_is_joined(world: World) -> None:
    """Two calls at once get one job; after its end a new one is made."""
    first = world.new_job()
    again = create_job(world.platform, UID, first.source, first.recipe)
    assert (again.job.id, again.created) == (first.id, False)
    world.finish(first)
    assert create_job(world.platform, UID, first.source, first.recipe).created


def test_a_step_that_another_worker_has_just_finished_is_not_repeated(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between a worker's look at the plan and its claim another may have committed the step and let go of it."""
    job = world.new_job(a=1)
    advance(world.platform, job.id)
    looked = threading.Event()

    def look_then_wait(*arguments: Any) -> PlanState:
        plan_state = plan_state_of(*arguments)
        if threading.current_thread() is late and not looked.is_set():
            looked.set()
            assert finished.wait(20)
        return plan_state

    finished = threading.Event()
    monkeypatch.setattr("dailies.engine.worker_loop.plan_state_of", look_then_wait)
    late = threading.Thread(target=drain, args=(world.platform, job.id, StopToken()))
    late.start()
    assert looked.wait(20)
    drain(world.platform, job.id, StopToken())
    finished.set()
    late.join(20)
    assert world.ledger.ran == ["probe", "measure", "1.0"]
    assert {held["attempts"] for held in lease_documents(world)} == {0}


def test_two_workers_share_the_steps(world: World) -> None:
    """Two drains of one job at once run each step once between them."""
    job = world.new_job(a=1, b=2)
    advance(world.platform, job.id)
    barrier = threading.Barrier(2, timeout=30)
    failures: list[BaseException] = []

    def work() -> None:
        barrier.wait()
        try:
            drain(world.platform, job.id, StopToken())
        except BaseException as error:  # noqa: BLE001 - the test's own thread sees and judges it
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert sorted(world.ledger.ran) == ["1.0", "2.0", "measure", "probe"]
    assert advance(world.platform, job.id).state is JobState.COMPLETED


def test_a_permanent_error_fails_one_output_after_the_others_were_made(world: World) -> None:
    """When a fused run fails, each step runs alone: the healthy one is committed, the culprit named."""
    job = world.new_job(a=1, b=2)
    world.ledger.fail["1.0"] = [SourceRefused("bad"), SourceRefused("still bad", code="decode_failed")]
    advance(world.platform, job.id)
    with pytest.raises(SourceRefused, match="still bad"):
        drain(world.platform, job.id, StopToken())
    assert "2.0" in world.ledger.ran
    assert leftovers(world) == []


def test_a_transient_error_is_counted_and_gives_the_step_back(world: World) -> None:
    """A fault that may pass releases the lease at once; after three the job should not be tried again."""
    job = world.new_job()
    advance(world.platform, job.id)
    world.ledger.fail["measure"] = [TransientError("away") for _ in range(3)]
    for retry in (True, True, False):
        with pytest.raises(TransientError) as raised:
            drain(world.platform, job.id, StopToken())
        assert may_retry(world.platform, job.id, raised.value) is retry
    drain(world.platform, job.id, StopToken())
    assert advance(world.platform, job.id).state is JobState.COMPLETED


def test_the_document_of_a_job_is_written_when_its_state_changes_and_no_more(world: World) -> None:
    """A document takes a write a second: what any number of workers do must not end there."""
    versions = set()
    job = world.new_job(a=1, b=2)
    path = f"jobs/{job.id}"

    def note(_name: str) -> None:
        snapshot = world.platform.documents.get(path)
        assert snapshot is not None
        versions.add(snapshot.version)

    world.ledger.during = note
    advance(world.platform, job.id)
    drain(world.platform, job.id, StopToken())
    assert len(world.ledger.ran) == 4
    assert len(versions) == 1
    note("the end")
    assert len(versions) == 2


def test_the_worker_that_makes_the_last_artifact_ends_the_job(world: World) -> None:
    """Nobody's turn in the queue has to be waited for, behind a hundred jobs that have just come."""
    job = world.new_job(a=1)
    advance(world.platform, job.id)
    assert drain(world.platform, job.id, StopToken())
    ended = load_job(world.platform, job.id)
    assert ended.state is JobState.COMPLETED
    assert advance(world.platform, job.id) == ended


def test_what_a_worker_killed_before_the_end_made_is_enough(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the last artifact and the job's end nothing is lost: the queue ends it, and runs nothing again."""
    job = world.new_job(a=1)
    advance(world.platform, job.id)

    def killed(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr("dailies.engine.worker_loop.complete", killed)
    with pytest.raises(KeyboardInterrupt):
        drain(world.platform, job.id, StopToken())
    assert load_job(world.platform, job.id).state is JobState.PROCESSING
    assert advance(world.platform, job.id).state is JobState.COMPLETED
    assert world.ledger.ran == ["probe", "measure", "1.0"]


def test_a_worker_gives_way_at_the_end_of_a_step(world: World) -> None:
    """Each turn does one run at least, and the last one still ends the job."""
    job = world.new_job(a=1)
    advance(world.platform, job.id)
    turns = [drain(world.platform, job.id, StopToken(), give_way=lambda: True) for _ in range(3)]
    assert turns == [False, False, True]
    assert world.ledger.ran == ["probe", "measure", "1.0"]
    assert {held["attempts"] for held in lease_documents(world)} == {0}


def test_a_zombie_commits_nothing(world: World) -> None:
    """A worker that slept past its lease finds it taken when it wakes, and its work is dropped."""
    job = world.new_job()
    advance(world.platform, job.id)

    def oversleep(name: str) -> None:
        if name == "measure":
            world.ledger.during = lambda _: None
            world.clock.pass_by(seconds=91)
            world.owners.name = "other-1-1-1"
            drain(world.platform, job.id, StopToken())
            world.owners.name = "me-1-1-1"

    world.ledger.during = oversleep
    with pytest.raises(LeaseLost):
        drain(world.platform, job.id, StopToken())
    assert advance(world.platform, job.id).state is JobState.COMPLETED


def test_cancel_stops_a_running_step_and_leaves_nothing(world: World) -> None:
    """A cancelled job claims no further step and its scratch is empty."""
    job = world.new_job()
    advance(world.platform, job.id)
    stop = StopToken()

    def cancel(name: str) -> None:
        if name == "measure":
            cancel_job(world.platform, job.id)
            assert stop.wait(10)
            stop.check()

    world.ledger.during = cancel
    with pytest.raises(Cancelled):
        drain(world.platform, job.id, stop)
    assert world.ledger.ran == ["probe"]
    assert leftovers(world) == []
    progress = world.platform.documents.get(operation_path(UID, job.id))
    assert progress is not None
    assert progress.data["status"] == "cancelled"


def test_bytes_that_change_while_they_are_read_are_not_committed(world: World) -> None:
    """An artifact is never filed under a digest that its source no longer has."""
    job = world.new_job()
    advance(world.platform, job.id)

    def overwrite(name: str) -> None:
        if name == "measure":
            world.source.write_bytes(b"other media")

    world.ledger.during = overwrite
    with pytest.raises(SourceChanged) as raised:
        drain(world.platform, job.id, StopToken())
    assert not may_retry(world.platform, job.id, raised.value)


def test_progress_never_falls_and_ends_at_100(world: World) -> None:
    """What a user's screen shows only grows."""
    seen: list[int] = []
    job = world.new_job(a=1, b=2)
    watch = world.platform.documents.watch(
        operation_path(UID, job.id), lambda snapshot: seen.append(snapshot.data["progress"]) if snapshot else None
    )
    world.finish(job)
    watch.close()
    last = world.platform.documents.get(operation_path(UID, job.id))
    assert last is not None
    assert (last.data["progress"], last.data["status"]) == (100, "completed")
    assert seen == sorted(seen)
