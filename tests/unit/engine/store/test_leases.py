"""Leases: who has a step, and what counts against it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dailies.domain.errors import Interrupted, Killed, LeaseLost, PoisonStep, TransientError
from dailies.domain.job.job import Job, JobState
from dailies.domain.stop import StopToken
from dailies.engine.advance import advance
from dailies.engine.store import leases
from dailies.engine.worker_loop import drain, may_retry
from dailies.ports.documents import Snapshot
from tests.unit.conftest import World, lease_documents


def crash_three_times(world: World, job: Job) -> None:
    """Three workers die of the step ``probe``."""
    for number in range(3):
        world.owners.name = f"worker-{number}"
        assert leases.claim(world.platform, job, "probe", "key") is not None
        world.owners.dead.add(world.owners.name)


def test_a_step_that_crashes_its_worker_three_times_is_poison(world: World) -> None:
    """Claims without an orderly end count; the fourth is refused and the job can fail with poison_step."""
    job = world.new_job()
    advance(world.platform, job.id)
    crash_three_times(world, job)
    with pytest.raises(PoisonStep):
        leases.claim(world.platform, job, "probe", "key")


def test_a_step_that_was_settled_is_not_lost_to_the_others_of_its_run(world: World) -> None:
    """The heartbeat goes on for the whole run; what was committed meanwhile needs no renewal, and stays free."""
    job = world.new_job()
    advance(world.platform, job.id)
    lease = leases.claim(world.platform, job, "probe", "key")
    assert lease is not None
    leases.settle(world.platform, lease, "done")
    leases.renew(world.platform, lease)
    world.owners.name = "other"
    other = leases.claim(world.platform, job, "probe", "key")
    assert other is not None
    leases.renew(world.platform, lease)
    leases.renew(world.platform, other)


def test_a_worker_that_claims_what_was_just_committed_stops_no_run(world: World) -> None:
    """Its look at the plan was older than the commit. The run that committed has other steps to go on with."""
    job = world.new_job(a=1, b=2)
    advance(world.platform, job.id)
    stop = StopToken()

    def claim_the_other(name: str) -> None:
        if name != "2.0":
            return
        [committed] = [held for held in leases_of(world, "audio") if not held.data["owner"]]
        world.owners.name = "late"
        key = committed.path.rpartition("_")[2]
        assert leases.claim(world.platform, job, str(committed.data["step"]), key) is not None
        world.owners.name = "me-1-1-1"
        world.clock.pass_by(seconds=1)
        expected = world.clock.now + timedelta(seconds=world.platform.settings.lease_seconds)
        while not stop.wait(0.01) and not any(held.data["expires"] == expected for held in leases_of(world, "audio")):
            pass

    world.ledger.during = claim_the_other
    drain(world.with_settings(heartbeat_seconds=0.01), job.id, stop)
    assert advance(world.platform, job.id).state is JobState.COMPLETED


def leases_of(world: World, kind: str) -> list[Snapshot]:
    """Those of the present run's steps of this kind."""
    return [held for held in world.platform.documents.query("leases") if str(held.data["step"]).startswith(kind)]


def test_what_counts_against_a_step_is_of_one_run(world: World) -> None:
    """A worker that was killed with all the rest says nothing about its step, nor does another job's."""
    job = world.new_job()
    advance(world.platform, job.id)
    crash_three_times(world, job)
    world.owners.dead.add("me-1-1-1")
    world.owners.name = "after-the-power-cut"
    again = world.new_job()
    assert again.id == job.id
    assert again.resumed == job.resumed + 1
    assert leases.claim(world.platform, again, "probe", "key") is not None


def test_what_a_run_made_before_all_died_counts_as_cached_after_it(world: World) -> None:
    """The certificate tells what the command that is shown did itself."""
    job = world.new_job()
    advance(world.platform, job.id)
    world.ledger.fail["measure"] = [TransientError("away")]
    with pytest.raises(TransientError):
        drain(world.platform, job.id, StopToken())
    world.owners.dead.add(world.owners.name)
    world.owners.name = "after-the-power-cut"
    world.new_job()
    drain(world.platform, job.id, StopToken())
    result = advance(world.platform, job.id).result
    assert result is not None
    assert {step["kind"]: step["status"] for step in result["steps"]} == {
        "probe": "cached",
        "measure": "done",
        "audio": "done",
    }


def test_a_live_lease_keeps_others_out_until_it_expires(world: World) -> None:
    """A worker whose life can't be known holds its step for 90 s, and its token is stale afterwards."""
    job = world.new_job()
    advance(world.platform, job.id)
    old = leases.claim(world.platform, job, "probe", "key")
    assert old is not None
    world.owners.name = "other"
    assert leases.claim(world.platform, job, "probe", "key") is None
    world.clock.pass_by(seconds=91)
    new = leases.claim(world.platform, job, "probe", "key")
    assert new is not None
    assert new.token == old.token + 1
    with pytest.raises(LeaseLost):
        leases.renew(world.platform, old)
    leases.renew(world.platform, new)


def test_a_request_to_stop_releases_the_step_without_counting(world: World) -> None:
    """SIGTERM is no failure: the next worker goes on and the attempt is forgotten."""
    job = world.new_job()
    advance(world.platform, job.id)
    stop = StopToken()

    def interrupt(name: str) -> None:
        if name == "measure":
            stop.set("interrupted")
            stop.check()

    world.ledger.during = interrupt
    with pytest.raises(Interrupted):
        drain(world.platform, job.id, stop)
    world.ledger.during = lambda _: None
    assert {(held["attempts"], held["failures"]) for held in lease_documents(world)} == {(0, 0)}
    drain(world.platform, job.id, StopToken())
    assert advance(world.platform, job.id).state is JobState.COMPLETED


def test_a_step_whose_tool_is_killed_is_tried_again_until_it_is_poison(world: World) -> None:
    """As if its worker had crashed: the job goes on, and ends with poison_step after as many attempts."""
    job = world.new_job(a=1, b=2)
    advance(world.platform, job.id)
    world.ledger.fail["1.0"] = [Killed("out of memory") for _ in range(3)]
    for _ in range(2):
        with pytest.raises(Killed) as killed:
            drain(world.platform, job.id, StopToken())
        assert may_retry(world.platform, job.id, killed.value)
    assert world.ledger.batches == [2, 2]
    with pytest.raises(Killed):
        drain(world.platform, job.id, StopToken())
    # Its last chance it had alone: together they need more.
    assert world.ledger.batches == [2, 2, 1]
    with pytest.raises(PoisonStep, match="memory"):
        drain(world.platform, job.id, StopToken())


def test_a_step_whose_tool_was_killed_once_is_finished(world: World) -> None:
    """An orderly end forgets what counted against it."""
    job = world.new_job(a=1)
    advance(world.platform, job.id)
    world.ledger.fail["1.0"] = [Killed("out of memory")]
    with pytest.raises(Killed):
        drain(world.platform, job.id, StopToken())
    drain(world.platform, job.id, StopToken())
    assert advance(world.platform, job.id).state is JobState.COMPLETED
    assert {held["attempts"] for held in lease_documents(world)} == {0}


@pytest.mark.parametrize(("failures", "tries", "last"), [(1, 2, True), (2, 3, True), (2, 5, False), (4, 5, True)])
def test_a_step_s_last_chance_is_by_the_tries_that_its_kind_has(failures: int, tries: int, last: bool) -> None:
    assert leases.Lease("leases/a", "me", 1, failures=failures).last_chance(tries) is last
