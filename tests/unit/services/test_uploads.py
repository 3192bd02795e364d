"""From an announced upload to a queued job, whatever order the world tells of it in."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from dailies.domain.errors import Forbidden, InvalidRecipe, NotFound, PermanentError, SourceRefused
from dailies.domain.job.job import JobState, ObjectSource
from dailies.engine.platform import Platform
from dailies.engine.store.jobs import load_job
from dailies.engine.store.progress import operation_path
from dailies.services.create_upload import create_upload
from dailies.services.jobs import cancel_job
from dailies.services.result import get_result
from dailies.services.upkeep.sweep import sweep
from dailies.services.upload_arrived import upload_arrived
from tests.unit.conftest import UID, World
from tests.unit.services.uploading import announce, arrive, finish, platform as platform, send  # noqa: PLC0414 - a fixture


def test_an_upload_becomes_a_result_with_urls(platform: Platform) -> None:
    """The whole way: announced, uploaded, queued, done, fetched."""
    ticket = announce(platform)
    assert load_job(platform, ticket.job_id).state is JobState.AWAITING_UPLOAD
    queued = upload_arrived(platform, arrive(platform, ticket))
    assert queued is not None
    assert queued.state is JobState.QUEUED
    finish(platform, ticket.job_id)
    found = get_result(platform, UID, ticket.job_id)
    assert found.downloads["audio"].file_name == "audio.mp3"
    assert found.downloads["audio"].request.url.startswith("http://here/storage/artifacts/user/")


def test_the_urls_of_a_result_are_fresh_at_each_call(world: World, platform: Platform) -> None:
    """Good for 12 hours, which is what Google's keys are promised for; the next call signs anew."""
    ticket = announce(platform)
    upload_arrived(platform, arrive(platform, ticket))
    finish(platform, ticket.job_id)
    first = get_result(platform, UID, ticket.job_id).downloads["audio"].request
    world.clock.pass_by(hours=1)
    again = get_result(platform, UID, ticket.job_id).downloads["audio"].request
    assert again.expires - first.expires == timedelta(hours=1)
    assert timedelta(hours=11, minutes=59) < again.expires - platform.now() <= timedelta(hours=12)


def test_an_output_of_several_files_has_urls_for_each(platform: Platform) -> None:
    """The others are told by output and name, and keep their names when they are saved."""
    ticket = announce(platform, recipe={"outputs": {"album": {"kind": "audio", "format": "flac"}}})
    upload_arrived(platform, arrive(platform, ticket))
    finish(platform, ticket.job_id)
    found = get_result(platform, UID, ticket.job_id)
    assert found.downloads["album"].file_name == "main.flac"
    beside = found.beside["album"]["cover.txt"]
    assert (beside.file_name, beside.media_type) == ("cover.txt", "text/plain")
    assert "/cover.txt-" in beside.request.url


def test_the_request_fixes_type_size_and_absence(platform: Platform) -> None:
    """A client can send what it declared, once, and nothing else."""
    upload = announce(platform).upload
    assert upload.method == "POST"
    assert upload.headers["content-type"] == "video/mp4"
    assert upload.headers["x-goog-content-length-range"] == "5,5"
    assert upload.headers["x-goog-if-generation-match"] == "0"
    assert (upload.expires - platform.now()).total_seconds() == 900


@pytest.mark.parametrize(
    ("declared", "signed"),
    [
        ("audio/webm;codecs=opus", "audio/webm"),
        ('video/webm; codecs="vp9, opus"', "video/webm"),
        ("video/x-matroska;codecs=avc1,opus", "video/x-matroska"),
        ("video/mp4;codecs=avc1.42000a,mp4a.40.2", "video/mp4"),
        ("audio/ogg ; codecs=opus", "audio/ogg"),
        ("Audio/X-M4A", "audio/x-m4a"),
        ("audio/L16;rate=16000", "audio/l16"),
        ("application/x-matroska", "application/x-matroska"),
        ("binary/octet-stream", "binary/octet-stream"),
        ("", "application/octet-stream"),
        (" ", "application/octet-stream"),
        (";codecs=opus", "application/octet-stream"),
    ],
)
def test_a_type_may_be_what_browsers_say(platform: Platform, declared: str, signed: str) -> None:
    """Also a recorder's with its codecs, and none: the content decides, and what is signed has one spelling."""
    ticket = announce(platform, content_type=declared)
    assert ticket.simple_upload is not None
    assert ticket.upload.headers["content-type"] == ticket.simple_upload.headers["content-type"] == signed


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("talk.mp4", "talk.mp4"),
        ("a\x1b[31m\n\u202eb", "a[31mb"),
        ("\n", None),
        ("", None),
        (None, None),
        ("x" * 999, "x" * 255),
    ],
)
def test_a_file_is_shown_by_its_name(platform: Platform, told: str | None, shown: str | None) -> None:
    """Hostile as any text of a user's: it is printable, and of a file name's length."""
    ticket = announce(platform, file_name=told)
    assert load_job(platform, ticket.job_id).file_name == shown
    document = platform.documents.get(ticket.operation_path)
    assert document is not None
    assert (document.data["fileName"], document.data["sizeBytes"]) == (shown, 5)


def test_a_small_file_may_also_come_in_one_request(platform: Platform) -> None:
    """Below 10 MB: under the same conditions as the session."""
    ticket = announce(platform, size_bytes=9_999_999)
    assert ticket.simple_upload is not None
    assert ticket.simple_upload.method == "PUT"
    expected = {**ticket.upload.headers}
    del expected["x-goog-resumable"]
    assert ticket.simple_upload.headers == expected
    assert announce(platform, size_bytes=10_000_000).simple_upload is None


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"size_bytes": 0}, SourceRefused),
        ({"size_bytes": 10**12}, SourceRefused),
        ({"content_type": "text/html"}, SourceRefused),
        ({"content_type": "text/html;video/mp4"}, SourceRefused),
        ({"content_type": "video/"}, SourceRefused),
        ({"content_type": "video/mp4\nx: y"}, SourceRefused),
        ({"recipe": {"outputs": {}}}, InvalidRecipe),
        ({"recipe": [1]}, InvalidRecipe),
    ],
)
def test_what_is_refused_leaves_no_job(platform: Platform, changes: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        announce(platform, **changes)
    assert platform.documents.query("jobs") == []


@pytest.mark.parametrize("uid", ["", "a/b", "..", "__x__", "x" * 129, "a\nb"])
def test_an_identity_that_is_no_folder_name_is_refused(platform: Platform, uid: str) -> None:
    with pytest.raises(Forbidden):
        create_upload(platform, uid, recipe=None, size_bytes=1, content_type="video/mp4")


def test_an_event_that_comes_twice_is_one_job(world: World, platform: Platform) -> None:
    """At least once means twice sometimes, also while the job runs and after it is done."""
    ticket = announce(platform)
    arrival = arrive(platform, ticket)
    for _ in range(2):
        upload_arrived(platform, arrival)
    finish(platform, ticket.job_id)
    again = upload_arrived(platform, arrival)
    assert again is not None
    assert again.state is JobState.COMPLETED
    assert len(platform.documents.query("jobs")) == 1
    assert world.ledger.ran.count("probe") == 1


def test_an_event_for_an_overwritten_generation_is_ignored(platform: Platform) -> None:
    """The newer generation has an event of its own."""
    old = send(platform, f"uploads/{UID}/inbox/a.mp4", b"old")
    new = send(platform, f"uploads/{UID}/inbox/a.mp4", b"newer")
    assert upload_arrived(platform, old) is None
    job = upload_arrived(platform, new)
    assert job is not None
    assert isinstance(job.source, ObjectSource)
    assert job.source.generation == new.generation


def test_a_bare_upload_gets_the_default_recipe_once(platform: Platform) -> None:
    """No client code at all: a file in the inbox becomes an MP3 of it."""
    arrival = send(platform, f"uploads/{UID}/inbox/holiday/a.mp4")
    first, second = upload_arrived(platform, arrival), upload_arrived(platform, arrival)
    assert first is not None
    assert second is not None
    assert first.id == second.id
    assert list(first.recipe.outputs) == ["audio"]
    finish(platform, first.id)


@pytest.mark.parametrize(
    "name", ["artifacts/user/k/file-1", "uploads/user/source", "uploads/a b/inbox/x", "uploads/user/inbox/", "x"]
)
def test_what_lies_elsewhere_starts_nothing(platform: Platform, name: str) -> None:
    """Dailies' own writes least of all: that would be a loop."""
    assert upload_arrived(platform, send(platform, name)) is None
    assert platform.documents.query("jobs") == []


def test_an_upload_into_anothers_job_starts_nothing(platform: Platform) -> None:
    ticket = announce(platform)
    assert upload_arrived(platform, send(platform, f"uploads/mallory/{ticket.job_id}/source")) is None
    assert load_job(platform, ticket.job_id).state is JobState.AWAITING_UPLOAD


def test_an_upload_of_another_size_ends_its_job(platform: Platform) -> None:
    ticket = announce(platform)
    arrival = arrive(platform, ticket, b"much longer")
    upload_arrived(platform, arrival)
    job = load_job(platform, ticket.job_id)
    assert job.state is JobState.FAILED
    assert job.error is not None
    assert job.error["code"] == "upload_size"
    assert platform.objects.stat(arrival.name) is None


def test_an_upload_for_a_cancelled_job_is_thrown_away(platform: Platform) -> None:
    ticket = announce(platform)
    cancel_job(platform, ticket.job_id)
    arrival = arrive(platform, ticket)
    upload_arrived(platform, arrival)
    assert platform.objects.stat(arrival.name) is None
    assert load_job(platform, ticket.job_id).state is JobState.CANCELLED


def test_a_result_is_its_owners_and_needs_an_end(platform: Platform) -> None:
    """That somebody else's job exists is not even said."""
    ticket = announce(platform)
    with pytest.raises(PermanentError) as early:
        get_result(platform, UID, ticket.job_id)
    assert early.value.error_code == "job_not_completed"
    with pytest.raises(NotFound) as foreign:
        get_result(platform, "mallory", ticket.job_id)
    with pytest.raises(NotFound) as absent:
        get_result(platform, "mallory", "1")
    assert foreign.value.message.replace(ticket.job_id, "1") == absent.value.message


def test_a_bare_upload_over_the_quota_ends_with_the_reason(platform: Platform) -> None:
    """There is no caller to tell: the user's progress document does."""
    limited = replace(platform, settings=platform.settings.model_copy(update={"quota_jobs_per_day": 0}))
    job = upload_arrived(limited, send(platform, f"uploads/{UID}/inbox/a.mp4"))
    assert job is not None
    assert job.state is JobState.FAILED
    shown = platform.documents.get(operation_path(UID, job.id))
    assert shown is not None
    assert shown.data["error"]["code"] == "quota_jobs"


def test_the_sweep_removes_sources_that_nobody_reads_any_more(world: World, platform: Platform) -> None:
    """After the retention time, and never one of an unfinished job."""
    waiting, done = announce(platform), announce(platform)
    kept, old = arrive(platform, waiting), arrive(platform, done)
    for arrival in (kept, old):
        upload_arrived(platform, arrival)
    finish(platform, done.job_id)
    world.clock.pass_by(hours=25)
    assert sweep(platform).sources_removed == 1
    assert platform.objects.stat(old.name) is None
    assert platform.objects.stat(kept.name) is not None


def test_the_sweep_removes_what_killed_uploads_have_left(world: World, platform: Platform) -> None:
    """A part that is a day old; one of a transfer that runs stays."""
    platform.objects.put_bytes("staging/parts/a/00000", b"x")
    world.clock.pass_by(hours=23)
    platform.objects.put_bytes("staging/parts/b/00000", b"x")
    assert sweep(platform).staged_removed == 0
    world.clock.pass_by(hours=2)
    assert sweep(platform).staged_removed == 1
    assert [found.name for found in platform.objects.list("staging/")] == ["staging/parts/b/00000"]
