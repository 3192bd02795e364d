"""A job that goes on with another's output: the same user's, and as if it had been uploaded."""

from __future__ import annotations

import pytest

from dailies.domain.errors import DailiesError, NotFound, QuotaExceeded
from dailies.domain.job.job import JobState, ObjectSource
from dailies.engine.store.jobs import load_job
from dailies.services.create_from_job import create_from_job
from tests.unit.conftest import UID, World

RECIPE = {"outputs": {"b": {"kind": "audio", "format": "mp3", "start": 3}}}


def test_a_job_goes_on_with_another_s_output(world: World) -> None:
    first = world.finish(world.new_job(a=1))
    made = create_from_job(world.platform, UID, job_id=first.id, output="a", recipe=RECIPE)
    job = load_job(world.platform, made.job_id)
    assert isinstance(job.source, ObjectSource)
    assert (job.state, job.source.name) == (JobState.QUEUED, f"uploads/{UID}/{job.id}/source")
    assert job.source.digest.startswith("sha256:")
    assert job.source.size == len("1.0")
    assert job.served
    for found in list(world.platform.objects.list("artifacts/")):
        world.platform.objects.delete(found.name)
    assert world.finish(job).state is JobState.COMPLETED


def test_two_that_go_on_with_the_same_share_what_is_made(world: World) -> None:
    first = world.finish(world.new_job(a=1))
    for _ in range(2):
        made = create_from_job(world.platform, UID, job_id=first.id, output="a", recipe=RECIPE)
        world.finish(load_job(world.platform, made.job_id))
    assert world.ledger.ran.count("3.0") == 1


def test_another_user_s_job_does_not_exist(world: World) -> None:
    first = world.finish(world.new_job(a=1))
    with pytest.raises(NotFound) as missing:
        create_from_job(world.platform, "somebody", job_id=first.id, output="a")
    with pytest.raises(NotFound) as nothing:
        create_from_job(world.platform, "somebody", job_id="0123", output="a")
    assert missing.value.error_code == nothing.value.error_code == "not_found"
    assert list(world.platform.objects.list("uploads/")) == []


def test_only_what_was_made_can_be_gone_on_with(world: World) -> None:
    first = world.new_job(a=1)
    with pytest.raises(DailiesError) as early:
        create_from_job(world.platform, UID, job_id=first.id, output="a")
    assert early.value.error_code == "job_not_completed"
    world.finish(first)
    with pytest.raises(NotFound) as other:
        create_from_job(world.platform, UID, job_id=first.id, output="b")
    assert other.value.error_code == "output_not_found"


def test_what_a_quota_refuses_leaves_no_copy(world: World) -> None:
    first = world.finish(world.new_job(a=1))
    with pytest.raises(QuotaExceeded):
        create_from_job(world.with_settings(quota_bytes_per_day=1), UID, job_id=first.id, output="a")
    assert list(world.platform.objects.list("uploads/")) == []
