"""A source that is there already takes another recipe, or the same once more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dailies.domain.errors import InvalidRecipe, NotFound, TransientError
from dailies.domain.job.job import JobState
from dailies.engine.platform import Platform
from dailies.engine.store.jobs import job_path, load_job
from dailies.ports.signed_urls import NoSignedUrls
from dailies.services.jobs import cancel_job
from dailies.services.result import get_result
from dailies.services.run_again import run_again
from dailies.services.stored_source import source_download
from dailies.services.upload_arrived import upload_arrived
from tests.unit.conftest import UID
from tests.unit.services.uploading import announce, arrive, finish, platform as platform  # noqa: PLC0414 - a fixture

OTHER = {"outputs": {"album": {"kind": "audio", "format": "flac"}}}


@pytest.fixture
def job_id(platform: Platform) -> str:
    ticket = announce(platform, file_name="Talk: one/two.mp4")
    upload_arrived(platform, arrive(platform, ticket))
    finish(platform, ticket.job_id)
    return ticket.job_id


def test_the_same_recipe_is_run_again_without_an_upload(platform: Platform, job_id: str) -> None:
    first = run_again(platform, UID, job_id, OTHER)
    again = run_again(platform, UID, first.id)
    assert (again.state, again.recipe, again.file_name) == (JobState.QUEUED, first.recipe, "Talk: one/two.mp4")
    finish(platform, again.id)
    assert list(get_result(platform, UID, again.id).downloads) == ["album"]


def test_another_recipe_makes_other_outputs_of_the_same_source(platform: Platform, job_id: str) -> None:
    again = run_again(platform, UID, job_id, OTHER)
    finish(platform, again.id)
    assert list(get_result(platform, UID, again.id).downloads) == ["album"]


def test_a_cancelled_second_run_leaves_the_first_its_source(platform: Platform, job_id: str) -> None:
    """A cancelled job takes its source along: each has its own."""
    cancel_job(platform, run_again(platform, UID, job_id).id)
    assert run_again(platform, UID, job_id).state is JobState.QUEUED


def test_a_source_that_is_gone_is_to_be_uploaded_again(platform: Platform, job_id: str) -> None:
    platform.objects.delete(load_job(platform, job_id).source.name)  # type: ignore[union-attr]
    for ask in (lambda: run_again(platform, UID, job_id), lambda: source_download(platform, UID, job_id)):
        with pytest.raises(NotFound) as caught:
            ask()
        assert caught.value.error_code == "source_gone"


def test_a_second_run_whose_task_came_to_nothing_keeps_its_source(
    platform: Platform, job_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise TransientError("The queue is away: ask again.")

    with monkeypatch.context() as broken:
        broken.setattr("dailies.services.queued_job.enqueue_advance", away)
        with pytest.raises(TransientError):
            run_again(platform, UID, job_id, OTHER, new_id="b1")
    finish(platform, run_again(platform, UID, job_id, OTHER, new_id="b1").id)
    assert load_job(platform, "b1").state is JobState.COMPLETED


def test_nobody_runs_or_hears_another_users_source(platform: Platform, job_id: str) -> None:
    for ask in (lambda: run_again(platform, "eve", job_id), lambda: source_download(platform, "eve", job_id)):
        with pytest.raises(NotFound):
            ask()


def test_the_steps_of_then_are_found_where_the_store_knows_no_digest_of_the_content(
    platform: Platform, job_id: str
) -> None:
    """Cloud Storage's CRC can't name bytes alone: the digest has the first object's name, and the copy keeps it."""
    named = f"crc32c:AAAAAA==:5:uploads/{UID}/{job_id}/source#1"
    source = load_job(platform, job_id).source.model_copy(update={"digest": named})
    platform.documents.update(job_path(job_id), {"source": source.model_dump(mode="json")})
    again = run_again(platform, UID, job_id)
    assert again.source.digest == named
    assert again.source.name != source.name  # type: ignore[union-attr]


def test_a_second_run_signs_nothing_and_awaits_no_upload(platform: Platform, job_id: str) -> None:
    """Whoever runs again needs no right to sign, and leaves no session at which bytes could arrive."""
    assert run_again(replace(platform, urls=NoSignedUrls()), UID, job_id).state is JobState.QUEUED


def test_a_wrong_recipe_leaves_no_job_behind(platform: Platform, job_id: str) -> None:
    before = len(platform.documents.query("jobs"))
    with pytest.raises(InvalidRecipe):
        run_again(platform, UID, job_id, {"outputs": {}})
    assert len(platform.documents.query("jobs")) == before


def test_files_are_called_after_their_source(platform: Platform, job_id: str) -> None:
    """Without what a file system takes for a folder or a drive."""
    assert get_result(platform, UID, job_id).downloads["audio"].file_name == "two-audio.mp3"


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("a.mp4", "video/mp4"), ("a.html", "application/octet-stream"), ("a.svg", "application/octet-stream")],
)
def test_a_source_is_shown_as_media_or_as_nothing(platform: Platform, name: str, media_type: str) -> None:
    """A stranger's page must not run as one of ours."""
    ticket = announce(platform, file_name=name)
    upload_arrived(platform, arrive(platform, ticket))
    assert source_download(platform, UID, ticket.job_id).media_type == media_type
