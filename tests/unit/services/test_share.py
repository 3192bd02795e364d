"""Links to a result: whom they open it to, and for how long."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dailies.domain.errors import Forbidden, InvalidRequest, NotFound, PermanentError
from dailies.engine.platform import Platform
from dailies.ports.signed_urls import NoSignedUrls
from dailies.services.share import share_result, shared_result
from dailies.services.upload_arrived import upload_arrived
from tests.unit.conftest import UID, World
from tests.unit.services.uploading import announce, arrive, finish, platform as platform  # noqa: PLC0414 - a fixture

DAY = timedelta(days=1)


@pytest.fixture
def job_id(platform: Platform) -> str:
    ticket = announce(platform, file_name="talk.mp4")
    upload_arrived(platform, arrive(platform, ticket))
    finish(platform, ticket.job_id)
    return ticket.job_id


def test_a_link_opens_the_result_to_whoever_has_it(platform: Platform, job_id: str) -> None:
    """Without an account: the token is all that is asked for."""
    share = share_result(platform, UID, job_id, DAY)
    opened = shared_result(platform, share.token)
    assert (list(opened.found.downloads), opened.file_name, opened.expires) == (["audio"], "talk.mp4", share.expires)


def test_a_link_ends_and_its_urls_end_with_it(world: World, platform: Platform, job_id: str) -> None:
    share = share_result(platform, UID, job_id, DAY)
    world.clock.pass_by(hours=23)
    assert shared_result(platform, share.token).found.downloads["audio"].request.expires <= share.expires
    world.clock.pass_by(hours=1, seconds=1)
    with pytest.raises(Forbidden) as caught:
        shared_result(platform, share.token)
    assert caught.value.error_code == "share_expired"


def test_a_link_signs_nothing_before_it_is_opened(platform: Platform, job_id: str) -> None:
    """A ladder has hundreds of files, and each signature is a request to Google."""
    share = share_result(replace(platform, urls=NoSignedUrls()), UID, job_id, DAY)
    assert shared_result(platform, share.token).found.downloads


def test_only_the_owner_shares_a_result(platform: Platform, job_id: str) -> None:
    """That there is such a job is nobody else's business."""
    with pytest.raises(NotFound):
        share_result(platform, "somebody-else", job_id, DAY)


def test_a_job_that_has_not_ended_is_not_shared(platform: Platform) -> None:
    with pytest.raises(PermanentError):
        share_result(platform, UID, announce(platform).job_id, DAY)


@pytest.mark.parametrize("seconds", [-1, 0, 299, 7 * 86400 + 1])
def test_a_link_is_good_for_minutes_to_a_week(platform: Platform, job_id: str, seconds: int) -> None:
    with pytest.raises(InvalidRequest):
        share_result(platform, UID, job_id, timedelta(seconds=seconds))


def test_no_part_of_a_link_can_be_changed(platform: Platform, job_id: str) -> None:
    """Neither the job, nor the end, nor a letter of the signature, nor can one be made without the key."""
    other = announce(platform)
    upload_arrived(platform, arrive(platform, other))
    finish(platform, other.job_id)
    share = share_result(platform, UID, job_id, DAY)
    job, expires, signature = share.token.split(".")
    flipped = ("B" if signature[0] == "A" else "A") + signature[1:]
    tampered = [
        f"{other.job_id}.{expires}.{signature}", f"{job}.{int(expires) + 1}.{signature}", f"{job}.{expires}.{flipped}",
        f"{job}.{expires}.{'A' * 43}", f"{job}.{expires}.", f"{job}.{expires}", "", "..",
        f"nobody.{expires}.{signature}",
        f"{share.token}\n", f"../{share.token}", f"{job}.{expires}.{signature}A",
    ]  # fmt: skip
    for token in tampered:
        with pytest.raises(Forbidden) as caught:
            shared_result(platform, token)
        assert caught.value.error_code == "share_invalid", token


def test_links_outlive_a_restart_and_differ_between_platforms(platform: Platform, job_id: str) -> None:
    """The key is made once, in the store, and is of 256 random bits."""
    share_result(platform, UID, job_id, DAY)
    first = platform.documents.get("keys/share")
    share_result(platform, UID, job_id, DAY)
    assert first is not None
    assert len(bytes.fromhex(first.data["key"])) == 32
    assert platform.documents.get("keys/share") == first
