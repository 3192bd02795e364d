"""No retry hides a fault: a result says how often each step was run, and why the earlier times came to nothing."""

from __future__ import annotations

from typing import Any

import pytest

from dailies.cli.certificate import certificate
from dailies.domain.errors import Killed, SourceRefused, TransientError
from dailies.domain.job.job import Job, JobState
from dailies.domain.job.result import result_of
from dailies.domain.stop import StopToken
from dailies.engine.advance import advance
from dailies.engine.plan_state import source_state_of
from dailies.engine.run_step import run_step
from dailies.engine.store import leases
from dailies.engine.store.artifacts import Artifacts
from dailies.engine.store.jobs import load_job
from dailies.engine.worker_loop import drain
from dailies.planning.retry import Retry
from dailies.services.early_probe import LookAhead
from tests.unit.conftest import World
from tests.unit.engine.light_steps import Service, asking, failing, result_of as light_result
from tests.unit.engine.test_light_steps import begun


def steps(job: Job) -> dict[str, tuple[int, list[str]]]:
    """By name: how many attempts, and the codes of those that failed."""
    assert job.state is JobState.COMPLETED, job.error
    return {
        step["name"]: (step["attempts"], [each["code"] for each in step["failed_attempts"]])
        for step in (job.result or {})["steps"]
    }


def drained(world: World, job: Job) -> Job:
    """The job once no worker meets an error any more."""
    advance(world.platform, job.id)
    for _ in range(5):
        try:
            if drain(world.platform, job.id, StopToken()):
                break
        except TransientError:
            continue
    return load_job(world.platform, job.id)


def test_what_succeeds_at_once_took_one_attempt_and_what_is_cached_none(world: World) -> None:
    assert list(steps(drained(world, world.new_job())).values()) == [(1, [])] * 3
    assert list(steps(drained(world, world.new_job())).values()) == [(0, [])] * 3


def test_the_reasons_of_failed_attempts_are_told(world: World) -> None:
    job = world.new_job()
    world.ledger.fail["measure"] = [TransientError("Away.", code="store_away"), Killed("FFmpeg was ended.")]
    ended = drained(world, job)
    assert steps(ended)["measure"] == (3, ["store_away", "killed"])
    text = certificate(result_of(ended.result, ended.recipe))
    assert "! measure took 3 attempts\n    store_away: Away.\n    killed: FFmpeg was ended." in text


def test_a_worker_that_ended_without_a_word_is_an_attempt(world: World) -> None:
    job = world.new_job()
    artifacts = Artifacts(world.platform.objects, job.uid)
    key = source_state_of(job, artifacts, world.platform.registry, world.platform.toolchain()).keys["probe"]
    world.owners.name = "gone-1-1-1"
    assert leases.claim(world.platform, job, "probe", key) is not None
    world.owners.name = "me-1-1-1"
    world.owners.dead.add("gone-1-1-1")
    assert steps(drained(world, job))["probe"] == (2, ["worker_lost"])


def test_a_run_that_was_shared_and_failed_is_an_attempt_of_each(world: World) -> None:
    """Then each was run by itself, and nothing was wrong."""
    job = world.new_job(a=1, b=2)
    world.ledger.fail["1.0"] = [SourceRefused("Together it went wrong.", code="decode_failed")]
    found = steps(drained(world, job))
    assert found["a"] == found["b"] == (2, ["decode_failed"])


def test_an_early_probe_that_failed_is_an_attempt(world: World) -> None:
    """Nobody waited for it, and yet it met what the worker did not."""
    world.ledger.fail["probe"] = [SourceRefused("It is no media.", code="not_media")]
    ahead = LookAhead(world.platform, world.source)
    world.sources.identify(world.source, on_new=ahead.begin)
    with ahead:
        job = world.new_job()
        ahead.hand_over(job, StopToken())
    assert steps(drained(world, job))["probe"] == (2, ["not_media"])


@pytest.mark.parametrize("refusals", [1, 14])
def test_of_many_refusals_the_latest_are_told(world: World, refusals: int) -> None:
    """A result is a document of limited size; the count is that of all."""
    errors = [TransientError(f"No {n}.", code=f"no_{n}") for n in range(refusals)]
    platform = asking(world, Service(failing(*errors)), retry=Retry(attempts=50, backoff_seconds=1.0, growth=1.0))
    job = world.new_job()
    step = begun(world, platform, job)
    for _ in range(refusals + 1):
        run_step(platform, job.id, step, StopToken())
        world.clock.pass_by(seconds=2)
    drain(platform, job.id, StopToken())
    [asked] = _kind(light_result(load_job(platform, job.id)), "ask")
    assert asked["attempts"] == refusals + 1
    told = [each["code"] for each in asked["failed_attempts"]]
    assert told == [f"no_{n}" for n in range(refusals)][-10:]


def _kind(result: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [step for step in result["steps"] if step["kind"] == kind]
