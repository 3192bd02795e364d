"""What ran is charged: once, whatever becomes of the job, and against the limits of users, jobs and the server."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dailies.domain.errors import Cancelled, DailiesError, QuotaExceeded
from dailies.domain.job.job import JobState
from dailies.domain.job.quota import Work
from dailies.domain.stop import StopToken
from dailies.engine.advance import advance
from dailies.engine.platform import Platform
from dailies.engine.store import metering
from dailies.engine.store.jobs import load_job
from dailies.engine.store.metering import Meter, charge_dead
from dailies.engine.store.quota import hold_work
from dailies.engine.worker_loop import drain
from dailies.planning.estimates import cost_usd
from dailies.services.create_upload import create_upload
from dailies.services.jobs import cancel_job
from dailies.services.upkeep.housekeeping import sweep
from dailies.services.upload_arrived import upload_arrived
from dailies.worker import drain_and_hand_on
from tests.unit.conftest import World
from tests.unit.services.uploading import announce, arrive, finish, platform as platform, usage  # noqa: PLC0414 - a fixture

STEP_CPU_SECONDS = 7.0
#: Of the fake operations: a measure and an audio step behind the probe.
ESTIMATE = Work(2.0, cost_usd(2.0))


@pytest.fixture(autouse=True)
def _processor_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step takes so much of it, and no clock runs."""
    used = [0.0]

    def work(_name: str) -> None:
        used[0] += STEP_CPU_SECONDS

    world.ledger.during = work
    monkeypatch.setattr(metering, "_cpu_seconds", lambda: used[0])


def queued(platform: Platform, data: bytes = b"media") -> str:
    ticket = announce(platform)
    upload_arrived(platform, arrive(platform, ticket, data))
    advance(platform, ticket.job_id)
    return ticket.job_id


def limited(platform: Platform, **limits: float) -> Platform:
    return replace(platform, settings=platform.settings.model_copy(update=limits))


def spending(platform: Platform) -> float:
    """What all users have used of the day, and what is set aside for their jobs, USD."""
    found = platform.documents.get(f"spending/{platform.now().date().isoformat()}")
    return 0.0 if found is None else float(found.data["usd"])


def test_a_completed_job_is_charged_for_what_ran(platform: Platform) -> None:
    finish(platform, queued(platform))
    used = usage(platform)
    assert (used["cpu_seconds"], used["running"]) == (3 * STEP_CPU_SECONDS, {})
    assert used["usd"] > 0
    assert spending(platform) == pytest.approx(used["usd"])
    assert (used["meters"], used["metered"]) == ({}, False)


def test_an_estimate_is_held_while_the_job_runs_and_cached_steps_are_free(world: World, platform: Platform) -> None:
    finish(platform, queued(platform))
    before, spent = usage(platform)["cpu_seconds"], spending(platform)
    held: list[Any] = []
    job_id = queued(platform, b"other")
    during = world.ledger.during

    def look(name: str) -> None:
        held.append((usage(platform)["running"][job_id]["cpu_seconds"], round(spending(platform) - spent, 9)))
        during(name)

    world.ledger.during = look
    drain(platform, job_id, StopToken())
    estimate = (ESTIMATE.cpu_seconds, round(ESTIMATE.usd, 9))
    assert held == [(0.0, 0.0), estimate, estimate]
    assert usage(platform)["cpu_seconds"] == before + 3 * STEP_CPU_SECONDS
    assert spending(platform) == pytest.approx(usage(platform)["usd"])
    # The same source again, its probe known: nothing is left to be made, and nothing is charged.
    finish(platform, queued(platform, b"other"))
    assert usage(platform)["cpu_seconds"] == before + 3 * STEP_CPU_SECONDS


@pytest.mark.parametrize("end", ["cancelled", "failed"])
def test_a_job_that_comes_to_nothing_is_charged_for_what_ran(world: World, platform: Platform, end: str) -> None:
    """Its place, its bytes and the rest of its estimate are given back; what its steps took is not."""
    job_id = queued(platform)
    stop = StopToken()
    during = world.ledger.during

    def strike(name: str) -> None:
        during(name)
        if name == "measure":
            if end == "failed":
                raise QuotaExceeded("as good as any")
            cancel_job(platform, job_id)
            stop.set("cancelled")

    world.ledger.during = strike
    if end == "failed":
        drain_and_hand_on(platform, job_id, stop)
    else:
        with pytest.raises(Cancelled):
            drain(platform, job_id, stop)
    used = usage(platform)
    assert load_job(platform, job_id).state.value == end
    assert (used["cpu_seconds"], used["running"], used["jobs"], used["bytes"]) == (2 * STEP_CPU_SECONDS, {}, 0, 0)
    assert spending(platform) == pytest.approx(used["usd"])


def test_a_recipe_that_asks_for_too_much_is_refused_before_it_runs(world: World, platform: Platform) -> None:
    """The probe alone has run; the job says which limit it was, and who can lift it."""
    small = limited(platform, job_max_usd=ESTIMATE.usd * 0.9)
    job_id = queued(small)
    drain_and_hand_on(small, job_id, StopToken())
    job = load_job(small, job_id)
    assert (job.state, (job.error or {})["code"]) == (JobState.FAILED, "job_ceiling")
    assert "DAILIES_JOB_MAX_USD" in (job.error or {})["message"]
    assert world.ledger.ran == ["probe"]
    assert usage(platform)["cpu_seconds"] == STEP_CPU_SECONDS


def test_a_job_that_comes_to_cost_too_much_is_stopped(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever was estimated, and over all its attempts: the meter adds them up."""
    small = limited(platform, job_max_usd=1.0)
    job_id = queued(small)
    stop = StopToken()
    with Meter(small, load_job(small, job_id), stop) as meter:
        meter._charge(Work(1.0, 0.9), last=False)
        assert not stop.is_set()
    with Meter(small, load_job(small, job_id), stop) as meter:
        meter._charge(Work(1.0, 0.2), last=False)
    assert stop.reason == "over_ceiling"
    with pytest.raises(QuotaExceeded, match="DAILIES_JOB_MAX_USD"):
        stop.check()


@pytest.mark.parametrize(
    ("limit", "code"),
    [({"quota_cpu_seconds_per_day": 10.0}, "quota_cpu_seconds"), ({"quota_usd_per_day": 0.0}, "quota_usd")],
)
def test_a_user_who_has_used_up_the_day_waits_for_the_next(
    world: World, platform: Platform, limit: dict[str, float], code: str
) -> None:
    """A cancelled job counts as any other."""
    job_id = queued(platform)
    drain(platform, job_id, StopToken())
    small = limited(platform, **limit)
    with pytest.raises(QuotaExceeded, match="midnight") as refused:
        announce(small)
    assert refused.value.error_code == code
    world.clock.pass_by(hours=24)
    if code == "quota_cpu_seconds":
        announce(small)
        assert usage(platform)["cpu_seconds"] == 0


def test_jobs_that_run_at_once_cannot_overspend(platform: Platform) -> None:
    """What one is estimated at is not there for the other."""
    small = limited(platform, quota_cpu_seconds_per_day=ESTIMATE.cpu_seconds * 1.5)
    first, second = queued(small), queued(small, b"other")
    hold_work(small, load_job(small, first), 10.0, ESTIMATE)
    with pytest.raises(QuotaExceeded, match="2 CPU seconds") as refused:
        drain(small, second, StopToken())
    assert refused.value.error_code == "quota_cpu_seconds"
    assert refused.value.details["estimate"] == ESTIMATE.cpu_seconds


def test_all_users_together_have_a_ceiling(world: World, platform: Platform) -> None:
    """What one used, another finds used; what is held counts, and comes free at the end."""
    finish(platform, queued(platform))
    small = limited(platform, all_usd_per_day=spending(platform))

    def ask() -> None:
        create_upload(small, "somebody-else", recipe=None, size_bytes=5, content_type="video/mp4")

    with pytest.raises(QuotaExceeded, match="DAILIES_ALL_USD_PER_DAY") as refused:
        ask()
    assert refused.value.error_code == "daily_ceiling"
    world.clock.pass_by(hours=24)
    ask()


def test_a_job_that_would_pass_the_ceiling_of_all_is_not_begun(world: World, platform: Platform) -> None:
    small = limited(platform, all_usd_per_day=ESTIMATE.usd * 0.9)
    job_id = queued(small)
    with pytest.raises(QuotaExceeded) as refused:
        drain(small, job_id, StopToken())
    assert refused.value.error_code == "daily_ceiling"
    assert world.ledger.ran == ["probe"]


def test_jobs_that_begin_at_once_cannot_pass_the_ceiling_of_all(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One holds what is left between the other's look and its write: who writes last looks again."""
    small = limited(platform, all_usd_per_day=ESTIMATE.usd * 1.5)
    first, second = (load_job(small, queued(small, data)) for data in (b"first", b"other"))
    transaction = small.documents.transaction
    with monkeypatch.context() as patch:

        def outrun(work: Any) -> Any:
            patch.undo()
            hold_work(small, second, 10.0, ESTIMATE)
            return transaction(work)

        patch.setattr(small.documents, "transaction", outrun)
        with pytest.raises(QuotaExceeded) as refused:
            hold_work(small, first, 10.0, ESTIMATE)
    assert refused.value.error_code == "daily_ceiling"


def test_a_charge_within_what_is_set_aside_writes_one_document(platform: Platform) -> None:
    """The day's, which all users share, is written when a job runs past it, and then less and less often."""
    job = load_job(platform, queued(platform))
    hold_work(platform, job, 10.0, Work(10.0, 0.1))
    seen: list[float] = [spending(platform)]
    with Meter(platform, job, StopToken()) as meter:
        for beat in range(1, 81):
            meter._charge(Work(1.0, beat * 0.01), last=False)
            assert spending(platform) >= usage(platform)["usd"] - 1e-9
            seen.extend([spending(platform)] if spending(platform) != seen[-1] else [])
    assert seen == pytest.approx([0.1, 0.22, 0.46, 0.94], abs=0.021)
    cancel_job(platform, job.id)
    assert spending(platform) == pytest.approx(usage(platform)["usd"])


def test_what_a_killed_worker_did_is_charged_once(world: World, platform: Platform) -> None:
    """Up to the time when its next heartbeat was due; by whoever comes first, and by nobody else."""
    job_id = queued(platform)
    meter = Meter(platform, load_job(platform, job_id), StopToken())
    meter._charge(Work(0.0, 0.0), last=False)
    world.clock.pass_by(seconds=9)
    assert charge_dead(platform) == 0
    world.owners.dead.add("me-1-1-1")
    world.owners.name = "other-1-1-1"
    drain(platform, job_id, StopToken())
    assert usage(platform)["cpu_seconds"] == 9.0 + 3 * STEP_CPU_SECONDS
    assert charge_dead(platform) == 0
    assert usage(platform)["meters"] == {}


def test_a_worker_that_was_taken_for_dead_pays_for_the_rest_alone(world: World, platform: Platform) -> None:
    job_id = queued(platform)
    settings = platform.settings
    meter = Meter(platform, load_job(platform, job_id), StopToken())
    meter._charge(Work(0.0, 0.0), last=False)
    world.clock.pass_by(seconds=settings.lease_seconds + 1)
    sweep(platform)
    assert usage(platform)["cpu_seconds"] == settings.heartbeat_seconds
    meter._charge(Work(100.0, 1.0), last=True)
    assert usage(platform)["cpu_seconds"] == 100.0


def test_a_store_that_is_away_delays_a_charge_and_loses_none(
    world: World, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The work goes on; what it took is charged with the next beat."""
    job_id = queued(platform)
    job = load_job(platform, job_id)
    with Meter(platform, job, StopToken()) as meter:
        with monkeypatch.context() as patch:
            patch.setattr(metering, "charged", _away)
            with pytest.raises(DailiesError):
                meter._charge(Work(5.0, 0.1), last=False)
        meter._charge(Work(6.0, 0.1), last=False)
        assert usage(platform)["cpu_seconds"] == 6.0


def _away(*_: Any) -> Any:
    raise DailiesError("the store is away")
