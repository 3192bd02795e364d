"""A step is claimed, run, committed and given back in one way, whoever runs it."""

from __future__ import annotations

import threading

import pytest

from dailies.domain.errors import LeaseLost, SourceRefused
from dailies.domain.job.job import Job
from dailies.domain.stop import StopToken
from dailies.engine.claimed import Claimed
from dailies.engine.plan_state import PlanState, source_state_of
from dailies.engine.step_runner import StepRunner
from dailies.engine.store.artifacts import Artifacts
from dailies.planning.operation import Produced
from dailies.services.planning import probe_source
from tests.unit.conftest import INFO, UID, World, lease_documents


@pytest.fixture
def job(world: World) -> Job:
    return world.new_job()


def probing(world: World, job: Job) -> tuple[StepRunner, PlanState, list[Claimed]]:
    """A runner that has claimed the job's probe."""
    artifacts = Artifacts(world.platform.objects, job.uid)
    plan_state = source_state_of(job, artifacts, world.platform.registry, world.platform.toolchain())
    runner = StepRunner(world.platform, job, artifacts, StopToken(), world.platform.scratch)
    return runner, plan_state, runner.claim(plan_state, plan_state.ready)


def test_a_step_is_run_committed_and_given_back(world: World, job: Job) -> None:
    runner, plan_state, claimed = probing(world, job)
    runner.run(claimed, plan_state)
    assert world.ledger.ran == ["probe"]
    assert Artifacts(world.platform.objects, job.uid).load(plan_state.keys["probe"]) is not None
    assert [(held["owner"], held["attempts"]) for held in lease_documents(world)] == [("", 0)]


def test_what_another_has_is_not_claimed(world: World, job: Job) -> None:
    probing(world, job)
    world.owners.name = "other-1-1-1"
    assert probing(world, job)[2] == []


def test_what_was_made_before_the_claim_needs_the_lease_too(world: World, job: Job) -> None:
    """The early probe commits as every step does: nothing, once somebody took its step over."""
    runner, plan_state, [claimed] = probing(world, job)
    world.clock.pass_by(seconds=91)
    world.owners.name = "other-1-1-1"
    assert len(probing(world, job)[2]) == 1
    with pytest.raises(LeaseLost):
        runner.hand_in(claimed, Produced(data=INFO.model_dump(mode="json")))
    assert Artifacts(world.platform.objects, job.uid).load(plan_state.keys["probe"]) is None
    assert [held["owner"] for held in lease_documents(world)] == ["other-1-1-1"]


def test_two_who_only_look_probe_a_source_once(world: World) -> None:
    """`plan` and `probe` hold a lease as a worker does: who comes second waits for what the first finds."""
    source = world.sources.identify(world.source)
    second = threading.Thread(target=probe_source, args=(world.platform, UID, source))
    world.ledger.during = lambda _name: second.start()
    assert probe_source(world.platform, UID, source) == INFO
    second.join(20)
    assert not second.is_alive()
    assert world.ledger.ran == ["probe"]


def test_a_look_that_fails_three_times_may_be_repeated(world: World) -> None:
    """What fails in a look counts against no later one."""
    source = world.sources.identify(world.source)
    world.ledger.fail["probe"] = [SourceRefused("It is no media.") for _ in range(4)]
    for _ in range(4):
        with pytest.raises(SourceRefused):
            probe_source(world.platform, UID, source)
    assert probe_source(world.platform, UID, source) == INFO
