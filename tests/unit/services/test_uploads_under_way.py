"""Uploads under way end with their jobs, and the collector sees them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from dailies.adapters.local.objects.objects import LocalObjects
from dailies.adapters.local.objects.resumable import Piece, ResumableUploads, Session
from dailies.domain.errors import NotFound, PermanentError, TransientError
from dailies.domain.job.job import JobState
from dailies.engine.advance import advance
from dailies.engine.platform import Platform
from dailies.engine.store.jobs import fail_job, move_job
from dailies.services.create_upload import Ticket
from dailies.services.jobs import cancel_job
from dailies.services.upkeep.housekeeping import collect_garbage
from dailies.services.upkeep.sweep import sweep
from dailies.services.upload_arrived import upload_arrived
from tests.unit.conftest import UID, World
from tests.unit.services.uploading import DATA, announce, arrive, platform as platform_with_urls, send

__all__ = ["platform_with_urls"]

DAYS = 86_400


@pytest.fixture
def sessions(world: World, tmp_path: Path) -> ResumableUploads:
    assert isinstance(world.platform.objects, LocalObjects)
    return ResumableUploads(world.platform.objects, tmp_path / "home" / "resumable", clock=lambda: time.time())  # noqa: PLW0108 - patched later


@pytest.fixture
def platform(platform_with_urls: Platform, sessions: ResumableUploads) -> Platform:
    return replace(platform_with_urls, sessions=sessions)


def begin(sessions: ResumableUploads, ticket: Ticket) -> str:
    """Three of ten bytes have come."""
    token = sessions.start(Session(f"uploads/{UID}/{ticket.job_id}/source", "video/mp4", 10, 10, 0))
    sessions.put(token, Piece(0, None), [b"012"])
    return token


def bytes_left(tmp_path: Path) -> int:
    return sum(path.stat().st_size for path in (tmp_path / "home" / "resumable").rglob("data"))


@pytest.mark.parametrize(
    "end",
    [
        cancel_job,
        lambda platform, job_id: move_job(platform, job_id, JobState.EXPIRED),
        lambda platform, job_id: fail_job(platform, job_id, PermanentError("no")),
    ],
    ids=["cancelled", "expired", "failed"],
)
def test_the_bytes_of_an_upload_go_with_its_job(
    platform: Platform, sessions: ResumableUploads, tmp_path: Path, end: Callable[[Platform, str], object]
) -> None:
    """At once, however it ends; those of another job stay."""
    tickets = [announce(platform, size_bytes=10) for _ in range(2)]
    tokens = [begin(sessions, ticket) for ticket in tickets]
    end(platform, tickets[0].job_id)
    assert bytes_left(tmp_path) == 3
    with pytest.raises(NotFound):
        sessions.put(tokens[0], Piece(3, 10), [b"3456789"])
    sessions.put(tokens[1], Piece(3, 10), [b"3456789"])


def test_the_collector_ends_uploads_that_no_job_waits_for(
    platform: Platform, sessions: ResumableUploads, tmp_path: Path
) -> None:
    """What a killed server left of ended jobs, or a ticket begins after its job's end; the rest is counted."""
    ended, waiting = (announce(platform, size_bytes=10) for _ in range(2))
    cancel_job(platform, ended.job_id)
    begin(sessions, ended)
    begin(sessions, replace(ended, job_id="no-such-job"))
    begin(sessions, waiting)
    collected = collect_garbage(platform)
    assert (collected.bytes_removed, collected.bytes_kept) == (6, 3)
    assert bytes_left(tmp_path) == 3


def test_an_upload_that_stands_still_for_a_week_is_collected(
    platform: Platform, sessions: ResumableUploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in Cloud Storage."""
    begin(sessions, announce(platform, size_bytes=10))
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 6 * DAYS)
    assert collect_garbage(platform).bytes_kept == 3
    monkeypatch.setattr(time, "time", lambda: now + 8 * DAYS)
    assert collect_garbage(platform).bytes_removed == 3


def sources(platform: Platform) -> set[str]:
    """The jobs whose uploads are in the store."""
    return {found.name.split("/")[2] for found in platform.objects.list("uploads/")}


def test_the_source_of_a_cancelled_job_goes_with_it(platform: Platform) -> None:
    """At any moment; what a job reads that wasn't sent for it is not its to remove."""
    waiting, running, other = (announce(platform) for _ in range(3))
    for ticket in (running, other):
        upload_arrived(platform, arrive(platform, ticket))
    advance(platform, running.job_id)
    arrive(platform, waiting)
    bare = upload_arrived(platform, send(platform, f"uploads/{UID}/inbox/talk.mp4"))
    assert bare is not None
    for job_id in (waiting.job_id, running.job_id, bare.id):
        cancel_job(platform, job_id)
    assert sources(platform) == {other.job_id, "inbox"}


def test_a_source_that_could_not_be_removed_goes_later(
    world: World, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that is away holds no cancellation up. `gc` takes it at once; the rounds of the cloud after its day."""
    tickets = [announce(platform) for _ in range(3)]
    for ticket in tickets:
        upload_arrived(platform, arrive(platform, ticket))
    cancelled, collected, kept = tickets

    def away(*_: object, **_more: object) -> None:
        raise TransientError("away")

    with monkeypatch.context() as patch:
        patch.setattr(LocalObjects, "delete", away)
        for ticket in (cancelled, collected):
            assert cancel_job(platform, ticket.job_id).state is JobState.CANCELLED
    assert len(sources(platform)) == 3
    assert sweep(platform).sources_removed == 0
    done = collect_garbage(platform)
    assert (done.objects_removed, done.bytes_removed, done.bytes_kept) == (2, 2 * len(DATA), len(DATA))
    assert sources(platform) == {kept.job_id}
    fail_job(platform, kept.job_id, PermanentError("no"))
    assert collect_garbage(platform).bytes_kept == len(DATA)
    world.clock.pass_by(hours=25)
    assert collect_garbage(platform).bytes_removed == len(DATA)
    assert sources(platform) == set()
