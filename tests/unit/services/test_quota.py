"""What a user may use in a day: reserved, measured, settled or given back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dailies.domain.errors import QuotaExceeded
from dailies.domain.job.job import JobState
from dailies.domain.job.quota import Work
from dailies.domain.stop import StopToken
from dailies.engine.advance import advance
from dailies.engine.platform import Platform
from dailies.engine.store.jobs import fail_job, load_job
from dailies.engine.store.quota import hold_work
from dailies.engine.worker_loop import drain
from dailies.services.jobs import cancel_job
from dailies.services.upload_arrived import upload_arrived
from tests.unit.conftest import World
from tests.unit.services.uploading import announce, arrive, finish, platform as platform, usage  # noqa: PLC0414 - a fixture


def test_quota_is_held_from_the_announcement_to_the_end(world: World, platform: Platform) -> None:
    """Settled when the job is completed, given back when it came to nothing."""
    done, gone = announce(platform), announce(platform)
    assert (usage(platform)["jobs"], usage(platform)["bytes"], len(usage(platform)["running"])) == (2, 10, 2)
    cancel_job(platform, gone.job_id)
    upload_arrived(platform, arrive(platform, done))
    finish(platform, done.job_id)
    left = usage(platform)
    ran = {name: left.pop(name) for name in ("cpu_seconds", "usd")}
    used = {"day": "2026-01-01", "jobs": 1, "bytes": 5, "source_seconds": 10.0}
    assert left == {**used, "running": {}, "meters": {}, "metered": False}
    assert min(ran.values()) > 0


@pytest.mark.parametrize(
    ("limit", "code"),
    [
        ({"quota_jobs_per_day": 1}, "quota_jobs"),
        ({"quota_bytes_per_day": 9}, "quota_bytes"),
        ({"quota_concurrent_jobs": 0}, "quota_concurrent_jobs"),
        ({"quota_waiting_uploads": 1}, "quota_waiting_uploads"),
        ({"quota_source_minutes_per_day": 0}, "quota_source_minutes"),
    ],
)
def test_each_limit_refuses_what_passes_it(platform: Platform, limit: dict[str, float], code: str) -> None:
    """And what was refused holds nothing."""
    limited = replace(platform, settings=platform.settings.model_copy(update=limit))
    with pytest.raises(QuotaExceeded) as refused:
        _ = [announce(limited) for _ in range(2)]
    assert refused.value.error_code == code
    assert len(platform.documents.query("jobs")) <= 1


def test_jobs_that_run_at_once_cannot_overspend_the_minutes(platform: Platform) -> None:
    """Each source is 10 s long, which only its probe can tell: the second finds no room, before it is worked on."""
    limited = replace(platform, settings=platform.settings.model_copy(update={"quota_source_minutes_per_day": 0.25}))
    first, second = announce(limited), announce(limited)
    for ticket in (first, second):
        upload_arrived(limited, arrive(limited, ticket, ticket.job_id[-5:].encode()))
        advance(limited, ticket.job_id)
    drain(limited, first.job_id, StopToken())
    with pytest.raises(QuotaExceeded) as refused:
        drain(limited, second.job_id, StopToken())
    assert refused.value.error_code == "quota_source_minutes"
    fail_job(limited, second.job_id, refused.value)
    advance(limited, first.job_id)
    assert (usage(platform)["jobs"], usage(platform)["source_seconds"], usage(platform)["running"]) == (1, 10.0, {})


def test_the_length_of_a_source_is_held_once(platform: Platform) -> None:
    """A worker that takes a job over counts nothing twice."""
    limited = replace(platform, settings=platform.settings.model_copy(update={"quota_source_minutes_per_day": 0.25}))
    ticket = announce(limited)
    upload_arrived(limited, arrive(limited, ticket))
    finish(limited, ticket.job_id)
    other = announce(limited)
    job = load_job(limited, other.job_id)
    hold_work(limited, job, 5.0, Work(1.0, 0.1))
    hold_work(limited, job, 5.0, Work(1.0, 0.1))
    held = usage(platform)["running"][other.job_id]
    assert (held["source_seconds"], held["cpu_seconds"], held["usd"]) == (5.0, 1.0, 0.1)
    with pytest.raises(QuotaExceeded):
        announce(limited)


def test_a_new_day_is_a_new_allowance(world: World, platform: Platform) -> None:
    """What still runs counts among the concurrent ones, and its end takes nothing from the new day."""
    limited = replace(platform, settings=platform.settings.model_copy(update={"quota_jobs_per_day": 1}))
    old = announce(limited)
    world.clock.pass_by(hours=24)
    announce(limited)
    cancel_job(limited, old.job_id)
    assert (usage(platform)["jobs"], usage(platform)["bytes"]) == (1, 5)


def test_what_waits_for_its_upload_takes_no_place_of_jobs_that_run(platform: Platform) -> None:
    """Ten dialogs that were opened and left lock nobody out; an upload that came takes its place, and is counted."""
    limited = replace(platform, settings=platform.settings.model_copy(update={"quota_concurrent_jobs": 1}))
    first, second, _ = (announce(limited) for _ in range(3))
    for ticket in (first, second):
        # What was let in and sent is done, also beyond the limit.
        queued = upload_arrived(limited, arrive(limited, ticket, ticket.job_id[-5:].encode()))
        assert queued is not None
        assert queued.state is JobState.QUEUED
        with pytest.raises(QuotaExceeded) as refused:
            announce(limited)
        assert refused.value.error_code == "quota_concurrent_jobs"
    for ticket in (first, second):
        cancel_job(limited, ticket.job_id)
    announce(limited)


def test_uploads_that_are_waited_for_have_a_limit_of_their_own(platform: Platform) -> None:
    limited = replace(platform, settings=platform.settings.model_copy(update={"quota_waiting_uploads": 2}))
    first, _ = announce(limited), announce(limited)
    with pytest.raises(QuotaExceeded) as refused:
        announce(limited)
    assert refused.value.error_code == "quota_waiting_uploads"
    cancel_job(limited, first.job_id)
    announce(limited)
