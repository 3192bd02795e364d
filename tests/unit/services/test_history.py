"""A user's list of jobs, as the page asks for it again and again."""

from __future__ import annotations

from dailies.engine.platform import Platform
from dailies.services.history import clear_operations, operations_of
from dailies.services.upload_arrived import upload_arrived
from tests.unit.conftest import UID, World
from tests.unit.services.uploading import announce, arrive, finish, platform as platform  # noqa: PLC0414 - a fixture


def done(platform: Platform) -> str:
    ticket = announce(platform)
    upload_arrived(platform, arrive(platform, ticket))
    finish(platform, ticket.job_id)
    return ticket.job_id


def listed(platform: Platform) -> list[str]:
    return [each["jobId"] for each in operations_of(platform, UID)]


def test_only_what_changed_since_is_told(world: World, platform: Platform) -> None:
    done(platform)
    world.clock.pass_by(seconds=10)
    since = platform.now()
    second = done(platform)
    assert [each["jobId"] for each in operations_of(platform, UID, since)] == [second]


def test_ended_jobs_are_cleared_from_the_list_of_every_browser_and_can_come_back(platform: Platform) -> None:
    """Those under way stay, whoever asks; their files are not touched."""
    since, ended, waiting = platform.now(), done(platform), announce(platform).job_id
    assert clear_operations(platform, UID, [ended, waiting, "nobody"]) == [ended]
    assert listed(platform) == [waiting]
    news = {each["jobId"]: each.get("cleared", False) for each in operations_of(platform, UID, since)}
    assert news == {ended: True, waiting: False}
    assert clear_operations(platform, UID, [ended], cleared=False) == [ended]
    assert sorted(listed(platform)) == sorted([ended, waiting])


def test_nobody_clears_anothers_list(platform: Platform) -> None:
    ended = done(platform)
    assert clear_operations(platform, "eve", [ended]) == []
    assert listed(platform) == [ended]
