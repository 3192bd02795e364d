"""How long an upload is waited for, and its source is kept."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dailies.adapters.local.signed_urls import LocalSignedUrls
from dailies.domain.job import JobState
from dailies.engine.jobs import load_job
from dailies.engine.platform import Platform
from dailies.services.sweep import sweep
from dailies.services.upload_arrived import upload_arrived
from dailies.services.upload_begun import upload_begun
from tests.unit.conftest import UID, World
from tests.unit.services.uploading import announce, arrive, finish, platform as platform, usage  # noqa: PLC0414 - a fixture


def test_an_upload_that_has_not_begun_expires_in_twenty_minutes(world: World, platform: Platform) -> None:
    """One that has begun is waited for until the next day: a telephone's line may be slow."""
    left, begun = announce(platform), announce(platform)
    world.clock.pass_by(minutes=19)
    assert sweep(platform).ended == 0
    for _ in range(2):
        upload_begun(platform, f"uploads/{UID}/{begun.job_id}/source")
    world.clock.pass_by(minutes=2)
    assert sweep(platform).ended == 1
    assert load_job(platform, left.job_id).state is JobState.EXPIRED
    world.clock.pass_by(hours=23)
    assert sweep(platform).ended == 0
    upload_arrived(platform, arrive(platform, begun))
    finish(platform, begun.job_id)


def test_where_nobody_tells_of_beginnings_an_upload_has_its_day(world: World, platform: Platform) -> None:
    """Cloud Storage's sessions are its own affair: a long upload must not be taken for one that was left."""
    silent = LocalSignedUrls("http://here", b"key", world.clock)
    silent.tells_of_beginnings = False
    ticket = announce(replace(platform, urls=silent))
    world.clock.pass_by(hours=23)
    assert sweep(platform).ended == 0
    upload_arrived(platform, arrive(platform, ticket))
    finish(platform, ticket.job_id)


@pytest.mark.parametrize(
    "name", ["uploads/mallory/{}/source", "uploads/user/other/source", "uploads/user/inbox/{}", "x"]
)
def test_a_beginning_of_something_else_gives_no_time(world: World, platform: Platform, name: str) -> None:
    ticket = announce(platform)
    upload_begun(platform, name.format(ticket.job_id))
    world.clock.pass_by(minutes=21)
    assert sweep(platform).ended == 1


def test_the_sweep_expires_uploads_that_never_came(world: World, platform: Platform) -> None:
    """Their quota goes back with them."""
    ticket = announce(platform)
    world.clock.pass_by(hours=25)
    assert sweep(platform).ended == 1
    assert load_job(platform, ticket.job_id).state is JobState.EXPIRED
    assert usage(platform)["running"] == {}


def test_a_source_stays_as_long_as_its_job_may_take(world: World, platform: Platform) -> None:
    """Past the retention, up to the job's deadline; it goes when the job has ended."""
    ticket = announce(platform)
    arrival = arrive(platform, ticket)
    upload_arrived(platform, arrival)
    world.clock.pass_by(hours=platform.settings.job_max_hours - 1)
    assert sweep(platform).sources_removed == 0
    finish(platform, ticket.job_id)
    assert sweep(platform).sources_removed == 1


def test_the_sweep_finds_an_upload_whose_event_got_lost(platform: Platform) -> None:
    ticket = announce(platform)
    arrive(platform, ticket)
    assert sweep(platform).recovered == 1
    finish(platform, ticket.job_id)
