"""What others charge is bounded before they are asked, and counted as soon as it is known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dailies.adapters.local.objects.signed_urls import LocalSignedUrls
from dailies.domain.errors import OverBudget, QuotaExceeded
from dailies.domain.job.job import Job, JobState
from dailies.domain.job.quota import Usage
from dailies.domain.job.result import result_of
from dailies.domain.stop import StopToken
from dailies.engine.advance import advance
from dailies.engine.plan_state import plan_state_of
from dailies.engine.platform import Platform
from dailies.engine.run_step import run_step
from dailies.engine.store.artifacts import Artifacts
from dailies.engine.store.jobs import load_job
from dailies.engine.store.leases import claim
from dailies.engine.store.progress import ProgressBoard, operation_path
from dailies.engine.worker_loop import drain
from dailies.planning.estimates import cost_usd
from dailies.planning.operation import Estimate
from dailies.services.jobs import create_job
from dailies.services.planning import plan_job
from dailies.services.upload_arrived import upload_arrived
from tests.unit.conftest import UID, World
from tests.unit.engine.light_steps import Service, asking, light_ids
from tests.unit.services.uploading import announce, arrive

PRICE = 0.25


def asked_for(price: float = PRICE, charged: float | None = None) -> Service:
    """An answer is thought to cost ``price``."""
    return Service(usd=price if charged is None else charged, expected=Estimate(0.1, 30.0, price))


def job_of(world: World, platform: Platform, budget: float | None) -> Job:
    job = world.new_job()
    recipe = job.recipe.model_copy(update={"budget_usd": budget})
    return create_job(platform, UID, world.sources.identify(world.source), recipe).job


def run_all(platform: Platform, job: Job) -> Job:
    """Every step of the job, one after the other."""
    for _ in range(20):
        job = advance(platform, job.id)
        if job.state.terminal:
            return job
        drain(platform, job.id, StopToken())
        state = plan_state_of(job, Artifacts(platform.objects, job.uid), platform.registry, platform.toolchain())
        for step in light_ids(state.ready):
            run_step(platform, job.id, step, StopToken())
            job = load_job(platform, job.id)
            if job.state.terminal:
                return job
    raise AssertionError(f"the job is {job.state}")


def test_a_plan_says_what_others_charge(world: World) -> None:
    platform = asking(world, asked_for(), 3)
    job = world.new_job()
    planned = plan_job(platform, UID, world.sources.identify(world.source), job.recipe)
    assert planned.external_usd == pytest.approx(3 * PRICE)
    assert planned.cost_usd == pytest.approx(3 * PRICE + cost_usd(planned.cpu_seconds))
    assert {step.external_usd for step in planned.steps} == {0.0, PRICE}
    assert {step.wall_seconds for step in planned.steps if step.external_usd} == {30.0}


def test_what_is_dearer_than_the_budget_is_refused_before_anybody_is_asked(world: World) -> None:
    service = asked_for()
    platform = asking(world, service, 3)
    job = job_of(world, platform, 3 * PRICE - 0.01)
    with pytest.raises(OverBudget, match="charged by others") as refused:
        plan_job(platform, UID, world.sources.identify(world.source), job.recipe)
    assert refused.value.details["external_usd"] == 3 * PRICE
    ended = advance(platform, job.id)
    assert (ended.state, (ended.error or {})["code"]) == (JobState.FAILED, "over_budget")
    assert service.asked.total() == 0


def test_what_was_charged_counts_while_the_job_runs(world: World) -> None:
    """Each answer is dearer than was thought: the last is not asked for, as it would pass the budget."""
    service = asked_for(charged=2 * PRICE)
    platform = asking(world, service, 3)
    job = run_all(platform, job_of(world, platform, 4 * PRICE))
    assert (job.state, (job.error or {})["code"]) == (JobState.FAILED, "over_budget")
    assert service.asked.total() == 2


def test_what_is_under_way_counts_as_spent(world: World) -> None:
    """Two that are asked at once don't each take the last of the budget."""
    service = asked_for(charged=2 * PRICE)
    platform = asking(world, service, 3)
    job = job_of(world, platform, 4 * PRICE)
    advance(platform, job.id)
    drain(platform, job.id, StopToken())
    state = plan_state_of(job, Artifacts(platform.objects, job.uid), platform.registry, platform.toolchain())
    first, second, third = light_ids(state.ready)
    run_step(platform, job.id, first, StopToken())
    world.owners.name = "somebody-else"
    assert claim(platform, job, second, state.keys[second]) is not None
    world.owners.name = "me-1-1-1"
    run_step(platform, job.id, third, StopToken())
    assert service.asked.total() == 1
    assert (load_job(platform, job.id).error or {})["code"] == "over_budget"


def test_a_job_within_its_budget_is_done_and_says_what_was_charged(world: World) -> None:
    platform = asking(world, asked_for(), 3)
    job = run_all(platform, job_of(world, platform, 4 * PRICE))
    assert job.state is JobState.COMPLETED
    result = result_of(job.result, job.recipe)
    assert [step.external_usd for step in result.steps if step.kind == "ask"] == [PRICE] * 3
    assert result.estimate.external_usd == 3 * PRICE
    assert {check.name: check.passed for check in result.checks} == {"cost": True}


def served(world: World, service: Service, **limits: Any) -> tuple[Platform, str]:
    """A job of an upload, whose user is charged, with its media steps still to do."""
    asks = asking(world, service, 2)
    urls = LocalSignedUrls("http://here", b"key", world.clock)
    platform = replace(asks, settings=asks.settings.model_copy(update=limits), urls=urls)
    ticket = announce(platform)
    upload_arrived(platform, arrive(platform, ticket, b"media"))
    return platform, ticket.job_id


def usage_of(platform: Platform, job_id: str) -> Usage:
    found = platform.documents.get(f"quotas/{load_job(platform, job_id).uid}")
    assert found is not None
    return Usage.model_validate(found.data)


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        ({"job_max_usd": 0.4}, "job_ceiling"),
        ({"quota_usd_per_day": 0.4}, "quota_usd"),
        ({"all_usd_per_day": 0.4}, "daily_ceiling"),
    ],
)
def test_quotas_and_ceilings_count_what_others_charge(world: World, limits: dict[str, float], code: str) -> None:
    service = asked_for()
    platform, job_id = served(world, service, **limits)
    advance(platform, job_id)
    with pytest.raises(QuotaExceeded) as refused:
        drain(platform, job_id, StopToken())
    assert refused.value.error_code == code
    assert service.asked.total() == 0


def test_a_light_step_s_charge_is_its_user_s(world: World) -> None:
    """Also where the step comes to nothing afterwards."""
    service = asked_for()
    platform, job_id = served(world, service)
    run_all(platform, load_job(platform, job_id))
    assert usage_of(platform, job_id).usd >= 2 * PRICE


def test_what_a_job_has_cost_is_held_against_its_ceiling_before_the_next_is_asked(world: World) -> None:
    service = asked_for(charged=3 * PRICE)
    platform, job_id = served(world, service, job_max_usd=3.5 * PRICE)
    job = run_all(platform, load_job(platform, job_id))
    assert (job.state, (job.error or {})["code"]) == (JobState.FAILED, "job_ceiling")
    assert service.asked.total() == 1


def test_a_job_whose_media_is_there_already_holds_its_quota_before_anybody_is_asked(world: World) -> None:
    """No worker has to come by to find that it is too dear."""
    service = asked_for()
    platform, first = served(world, service)
    advance(platform, first)
    drain(platform, first, StopToken())
    platform, second = served(world, service, job_max_usd=0.4)
    job = advance(platform, second)
    assert (job.state, (job.error or {})["code"]) == (JobState.FAILED, "job_ceiling")
    assert service.asked.total() == 0


def test_progress_is_weighed_by_the_time_that_steps_last(world: World) -> None:
    """One that waits for half a minute, and takes no processor, is most of the bar."""
    platform = asking(world, asked_for())
    job = world.new_job()
    advance(platform, job.id)
    drain(platform, job.id, StopToken())
    state = plan_state_of(job, Artifacts(platform.objects, job.uid), platform.registry, platform.toolchain())
    [step] = light_ids(state.ready)
    board = ProgressBoard(platform, job)
    board.know(state.plan, state.artifacts)
    board.report(step, 0.5)
    shown = platform.documents.get(operation_path(job.uid, job.id))
    assert shown is not None
    assert 45 <= shown.data["progress"] <= 60
