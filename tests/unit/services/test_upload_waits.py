"""How long an upload is waited for, and its source is kept."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dailies.adapters.local.objects.signed_urls import LocalSignedUrls
from dailies.domain.errors import QuotaExceeded, TransientError
from dailies.domain.job.job import JobState
from dailies.engine.platform import Platform
from dailies.engine.store.jobs import load_job
from dailies.ports.signed_urls import SignedRequest
from dailies.ports.upload_sessions import NoUploadSessions
from dailies.services.jobs import cancel_job
from dailies.services.upkeep.sweep import sweep
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
    """A long upload must not be taken for one that was left."""
    silent = LocalSignedUrls("http://here", b"key", world.clock)
    silent.tells_of_beginnings = False
    ticket = announce(replace(platform, urls=silent))
    world.clock.pass_by(hours=23)
    assert sweep(platform).ended == 0
    upload_arrived(platform, arrive(platform, ticket))
    finish(platform, ticket.job_id)


class OwnSessions(NoUploadSessions):
    """As Cloud Storage has them: the server starts one, and may ask it."""

    def __init__(self) -> None:
        self.opened: list[tuple[str, str | None]] = []
        self.asked: list[str] = []
        self.ended: list[str | None] = []
        self.arriving: set[str] = set()
        self.away = False

    def open(self, start: SignedRequest, origin: str | None) -> str:
        self.opened.append((start.url, origin))
        return f"https://session/{len(self.opened)}"

    def begun(self, session: str) -> bool:
        self.asked.append(session)
        if self.away:
            raise TransientError("away")
        return session in self.arriving

    def end(self, name: str, session: str | None) -> None:
        self.ended.append(session)


@pytest.fixture
def sessions() -> OwnSessions:
    return OwnSessions()


@pytest.fixture
def cloud(world: World, platform: Platform, sessions: OwnSessions) -> Platform:
    """Its uploads go past the server."""
    silent = LocalSignedUrls("http://here", b"key", world.clock)
    silent.tells_of_beginnings = False
    return replace(platform, urls=silent, sessions=sessions)


def test_an_upload_that_goes_past_the_server_is_asked_for_at_its_deadline(
    world: World, cloud: Platform, sessions: OwnSessions
) -> None:
    """One that has not begun expires in twenty minutes, and its session with it; one that has is waited for."""
    left, begun = announce(cloud), announce(cloud)
    assert [(each.upload.method, each.upload.url) for each in (left, begun)] == [
        ("PUT", "https://session/1"),
        ("PUT", "https://session/2"),
    ]
    world.clock.pass_by(minutes=19)
    assert (sweep(cloud).ended, sessions.asked) == (0, [])
    sessions.arriving = {begun.upload.url}
    world.clock.pass_by(minutes=2)
    assert sweep(cloud).ended == 1
    assert load_job(cloud, left.job_id).state is JobState.EXPIRED
    assert (sorted(sessions.asked), sessions.ended) == ([left.upload.url, begun.upload.url], [left.upload.url])
    world.clock.pass_by(hours=23)
    assert (sweep(cloud).ended, len(sessions.asked)) == (0, 2)
    world.clock.pass_by(hours=1)
    assert sweep(cloud).ended == 1
    assert load_job(cloud, begun.job_id).state is JobState.EXPIRED
    assert len(sessions.asked) == 2


def test_an_upload_of_which_nobody_knows_is_not_ended(world: World, cloud: Platform, sessions: OwnSessions) -> None:
    """The next round asks again."""
    ticket = announce(cloud)
    sessions.away = True
    world.clock.pass_by(minutes=21)
    assert sweep(cloud).ended == 0
    sessions.away = False
    assert sweep(cloud).ended == 1
    assert load_job(cloud, ticket.job_id).state is JobState.EXPIRED


def test_a_session_is_of_the_page_that_asked(cloud: Platform, sessions: OwnSessions) -> None:
    """Storage answers no other; what is no origin is nobody's."""
    for origin in ("https://app.example:8443", None, "null", "https://a\r\nX: y", "javascript:x"):
        announce(cloud, origin=origin)
    assert [origin for _, origin in sessions.opened] == ["https://app.example:8443", None, None, None, None]


def test_what_the_quota_refuses_leaves_no_session(cloud: Platform, sessions: OwnSessions) -> None:
    full = replace(cloud, settings=cloud.settings.model_copy(update={"quota_jobs_per_day": 0}))
    with pytest.raises(QuotaExceeded):
        announce(full)
    assert sessions.ended == ["https://session/1"]


def test_a_cancelled_upload_ends_its_session(cloud: Platform, sessions: OwnSessions) -> None:
    """That of an upload which is whole is over by itself."""
    ticket, whole = announce(cloud), announce(cloud)
    upload_arrived(cloud, arrive(cloud, whole))
    for each in (ticket, whole):
        cancel_job(cloud, each.job_id)
    assert sessions.ended == [ticket.upload.url, None]


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
