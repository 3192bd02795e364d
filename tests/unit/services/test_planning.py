"""Looking before running: nothing but the probe is run."""

from __future__ import annotations

from pathlib import Path

import pytest

from dailies.domain.errors import SourceChanged, SourceRefused
from dailies.domain.job.job import Job
from dailies.services.planning import Planned, imagined_state, plan_job, probe_source
from tests.unit.conftest import INFO, UID, World


def planned(world: World, job: Job) -> Planned:
    return plan_job(world.platform, UID, world.sources.identify(world.source), job.recipe)


def statuses(plan: Planned) -> dict[str, str]:
    return {step.name: step.status for step in plan.steps}


def scratch(world: World) -> list[Path]:
    return list(world.platform.scratch.rglob("*"))


def test_a_plan_runs_the_probe_and_nothing_else(world: World) -> None:
    """What is ready, what waits for it, and what it will take, before anything is paid for."""
    plan = planned(world, world.new_job(a=1))
    assert world.ledger.ran == ["probe"]
    assert statuses(plan) == {"probe": "cached", "measure": "ready", "a": "waiting"}
    assert plan.cpu_seconds == 2
    assert [step.key is None for step in plan.steps] == [False, False, True]
    assert scratch(world) == []


def test_a_plan_knows_what_is_cached(world: World) -> None:
    """After the job the same plan costs nothing; another output costs itself."""
    job = world.new_job(a=1)
    world.finish(job)
    assert set(statuses(planned(world, job)).values()) == {"cached"}
    assert planned(world, job).cpu_seconds == 0
    other = planned(world, world.new_job(a=1, b=2))
    assert statuses(other) == {"probe": "cached", "measure": "cached", "a": "cached", "b": "ready"}
    assert other.cpu_seconds == 1


def test_a_source_is_probed_once(world: World) -> None:
    """The answer is an artifact: the second look, and the job after it, find it."""
    source = world.sources.identify(world.source)
    assert probe_source(world.platform, UID, source) == INFO
    assert probe_source(world.platform, UID, source) == INFO
    world.finish(world.new_job(a=1))
    assert world.ledger.ran.count("probe") == 1


def test_a_refused_source_leaves_nothing(world: World) -> None:
    """The refusal is the operation's own; scratch is empty and the next look asks again."""
    world.ledger.fail["probe"] = [SourceRefused("It is no media.", code="not_media")]
    source = world.sources.identify(world.source)
    with pytest.raises(SourceRefused):
        probe_source(world.platform, UID, source)
    assert scratch(world) == []
    assert probe_source(world.platform, UID, source) == INFO


def test_a_source_that_changes_during_the_probe_is_not_remembered(world: World) -> None:
    """What was seen is not filed under a digest that the file no longer has."""
    source = world.sources.identify(world.source)

    def overwrite(name: str) -> None:
        world.source.write_bytes(b"other media")

    world.ledger.during = overwrite
    with pytest.raises(SourceChanged):
        probe_source(world.platform, UID, source)
    assert list(world.platform.objects.list("artifacts/")) == []


def test_where_a_job_would_stand_is_a_look_only(world: World) -> None:
    """An unprobed source stays unprobed, and no job is made."""
    job = world.new_job(a=1)
    plan_state = imagined_state(world.platform, UID, world.sources.identify(world.source), job.recipe)
    assert plan_state.info is None
    assert not plan_state.complete
    assert world.ledger.ran == []
