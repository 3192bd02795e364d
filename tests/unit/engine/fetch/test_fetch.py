"""Jobs whose source is a URL: from the queue to an object like any upload."""

from __future__ import annotations

import hashlib
import threading
import time
from pathlib import Path

import pytest

from dailies.domain.errors import Cancelled, DailiesError, Interrupted, QuotaExceeded, TransientError
from dailies.domain.job.job import JobState, ObjectSource
from dailies.domain.stop import StopToken
from dailies.engine.advance import advance
from dailies.engine.store import leases
from dailies.engine.store.events import events_of
from dailies.engine.store.jobs import load_job
from dailies.engine.worker_loop import drain, may_retry
from dailies.services.jobs import cancel_job
from dailies.services.upkeep.housekeeping import collect_garbage
from tests.fakes.web_site import Asked, Write, head, page, ranged
from tests.unit.conftest import UID
from tests.unit.engine.fetch.conftest import Web
from tests.unit.engine.fetch.test_transfer import FILM, cut

DIGEST = f"sha256:{hashlib.sha256(FILM).hexdigest()}"


def test_a_fetched_source_is_as_if_it_had_been_uploaded(web: Web) -> None:
    web.site.pages["/a.mp4"] = ranged(FILM)
    job = web.new_job()
    assert (job.state, job.file_name, job.source.digest) == (JobState.QUEUED, "a.mp4", "")
    assert advance(web.platform, job.id).state is JobState.FETCHING
    done = web.work(job)
    assert done.state is JobState.COMPLETED
    assert done.source == ObjectSource(
        name=f"uploads/{UID}/{job.id}/source", generation=1, size=len(FILM), digest=DIGEST
    )
    assert done.fetched is not None
    assert (done.fetched.url, done.fetched.bytes, done.fetched.attempts) == (job.source.url, len(FILM), 1)  # type: ignore[union-attr]
    assert done.result is not None
    assert done.result["steps"][0]["kind"] == "fetch"
    assert web.left() == []


def test_its_way_is_told(web: Web) -> None:
    def answer(asked: Asked, write: Write) -> None:
        ranged(FILM)(asked, write)

    web.site.pages["/a.mp4"] = answer
    job = web.new_job()
    told: list[dict[str, object]] = []
    watch = web.platform.documents.watch(
        f"users/{UID}/operations/{job.id}", lambda snapshot: told.append(dict(snapshot.data)) if snapshot else None
    )
    web.work(job)
    watch.close()
    assert {"fetching"} <= {str(each["status"]) for each in told}
    progress = [int(str(each["progress"])) for each in told]
    assert progress == sorted(progress)
    end = web.operation(job)
    assert (end["sizeBytes"], end["fetchedBytes"], end["steps"]["fetch"]["status"]) == (len(FILM), len(FILM), "done")
    kinds = [event.event_type for event in events_of(web.platform, load_job(web.platform, job.id))]
    assert kinds[:3] == ["job.created", "job.fetching", "job.processing"]


def test_the_same_bytes_are_worked_on_once(web: Web) -> None:
    web.site.pages["/a.mp4"] = web.site.pages["/b.mp4"] = ranged(FILM)
    web.work(web.new_job())
    ran = list(web.world.ledger.ran)
    again = web.work(web.new_job("/b.mp4"))
    assert again.state is JobState.COMPLETED
    assert web.world.ledger.ran == ran
    assert len(web.site.asked) == 2


def test_a_connection_that_breaks_is_taken_up_at_once(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(StopToken, "wait", lambda *_: False)
    web.site.pages["/a.mp4"] = cut(200_000, ranged(FILM))
    done = web.work(web.new_job())
    assert done.state is JobState.COMPLETED
    assert done.fetched is not None
    assert done.fetched.attempts == 2
    assert [failed["code"] for failed in done.fetched.failed_attempts] == ["body_truncated"]
    assert [asked.headers.get("range") for asked in web.site.asked] == [None, "bytes=200000-"]


def test_attempts_that_bring_nothing_are_counted_and_end(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    paused: list[float] = []
    monkeypatch.setattr(StopToken, "wait", lambda _, seconds: paused.append(seconds))
    web.site.pages["/a.mp4"] = page(b"", "503 Service Unavailable")
    job = web.new_job()
    ended: list[str] = []
    while not ended:
        with pytest.raises(TransientError) as failed:
            web.work(job)
        ended += [] if may_retry(web.platform, job.id, failed.value) else [failed.value.error_code]
        web.world.clock.pass_by(seconds=failed.value.retry_after or 0)
    assert ended == ["server_failed"]
    assert len(web.site.asked) == 5
    assert [pause for pause in paused if pause >= 1] == [1, 3, 9]


def test_a_server_that_asks_for_a_long_pause_holds_no_worker(web: Web) -> None:
    web.site.pages["/a.mp4"] = page(b"", "429 Too Many Requests", Retry_After="600")
    job = web.new_job()
    with pytest.raises(TransientError) as busy:
        web.work(job)
    assert busy.value.retry_after == 600
    started = len(web.world.workers.started)
    assert advance(web.platform, job.id).state is JobState.FETCHING
    assert len(web.world.workers.started) == started
    assert drain(web.platform, job.id, StopToken()) is False
    assert len(web.site.asked) == 1
    web.world.clock.pass_by(seconds=601)
    web.site.pages["/a.mp4"] = ranged(FILM)
    assert web.work(job).state is JobState.COMPLETED
    assert len(web.world.workers.started) > started


def test_another_worker_leaves_it_to_whoever_fetches(web: Web) -> None:
    web.site.pages["/a.mp4"] = ranged(FILM)
    job = web.new_job()
    advance(web.platform, job.id)
    assert leases.claim(web.platform, load_job(web.platform, job.id), "fetch", f"fetch-{job.id}") is not None
    web.world.owners.name = "other-1-1-1"
    started = len(web.world.workers.started)
    advance(web.platform, job.id)
    assert len(web.world.workers.started) == started
    assert drain(web.platform, job.id, StopToken()) is False
    assert not web.site.asked
    web.world.owners.dead = {"me-1-1-1"}
    assert web.work(job).state is JobState.COMPLETED


def test_a_cancel_ends_it_within_two_seconds_and_leaves_nothing(web: Web) -> None:
    began = threading.Event()

    def drips(_asked: Asked, write: Write) -> None:
        write(head(Content_Length=10**6, ETag='"1"'))
        while not web.site.over.wait(0.05):
            write(bytes(100))
            began.set()

    web.site.pages["/a.mp4"] = drips
    job = web.new_job()
    at: list[float] = []

    def cancel() -> None:
        began.wait(20)
        at.append(time.monotonic())
        cancel_job(web.platform, job.id)

    thread = threading.Thread(target=cancel)
    thread.start()
    with pytest.raises(Cancelled):
        web.work(job)
    assert time.monotonic() - at[0] < 2
    thread.join()
    assert load_job(web.platform, job.id).state is JobState.CANCELLED
    assert web.left() == []
    assert list(web.platform.objects.list("uploads/")) == []


def test_a_worker_that_is_asked_to_end_leaves_what_it_has(web: Web) -> None:
    stop = StopToken()

    def answer(asked: Asked, write: Write) -> None:
        write(head(Content_Length=len(FILM), ETag='"1"') + FILM[:100_000])
        while not any(name.endswith(".json") for name in web.left()) and not web.site.over.wait(0.01):
            pass
        stop.set("interrupted")
        web.site.over.wait(5)

    web.site.pages["/a.mp4"] = answer
    job = web.new_job()
    with pytest.raises(Interrupted):
        web.work(job, stop)
    web.site.pages["/a.mp4"] = ranged(FILM)
    done = web.work(job)
    assert done.state is JobState.COMPLETED
    assert done.source.digest == DIGEST
    [_, asked] = web.site.asked
    assert 0 < int(asked.headers["range"].removeprefix("bytes=").removesuffix("-")) <= 100_000


def test_time_is_up_however_often_it_was_tried(web: Web) -> None:
    web = web.with_settings(fetch_max_minutes=10)
    job = web.new_job()
    advance(web.platform, job.id)
    web.world.clock.pass_by(minutes=11)
    with pytest.raises(DailiesError) as late:
        web.work(job)
    assert late.value.error_code == "fetch_too_slow"
    assert not web.site.asked


def test_its_bytes_count_as_those_of_an_upload(web: Web) -> None:
    web = web.with_settings(quota_bytes_per_day=len(FILM))
    web.site.pages["/a.mp4"] = web.site.pages["/b.mp4"] = ranged(FILM)
    web.work(web.new_job())
    quota = web.platform.documents.get(f"quotas/{UID}")
    assert quota is not None
    assert quota.data["bytes"] == len(FILM)
    with pytest.raises(QuotaExceeded) as over:
        web.work(web.new_job("/b.mp4"))
    assert over.value.error_code == "quota_bytes"


def test_a_slot_is_held_from_the_first_byte_to_the_end(web: Web) -> None:
    web = web.with_settings(max_running_jobs=1)
    web.site.pages["/a.mp4"] = ranged(FILM)
    first, second = web.new_job(), web.new_job()
    assert advance(web.platform, first.id).state is JobState.FETCHING
    assert advance(web.platform, second.id).state is JobState.QUEUED
    assert web.work(first).state is JobState.COMPLETED
    assert load_job(web.platform, second.id).state is JobState.FETCHING
    assert web.work(second).state is JobState.COMPLETED


def test_a_worker_killed_behind_its_last_byte_fetches_nothing_twice(web: Web) -> None:
    web.site.pages["/a.mp4"] = ranged(FILM)
    job = web.new_job()
    advance(web.platform, job.id)
    stored = web.world.source.with_name("stored")
    stored.write_bytes(FILM)
    web.platform.objects.put_file(f"uploads/{UID}/{job.id}/source", stored)
    assert web.work(job).source.digest == DIGEST
    assert not web.site.asked


def test_partial_files_of_jobs_that_are_over_are_collected(web: Web) -> None:
    job = web.new_job()
    for name in (job.id, "gone"):
        partial = web.platform.partials.take_up(name, Path())
        partial.path.write_bytes(bytes(10))
        partial.close()
    collected = collect_garbage(web.platform)
    assert web.left() == [f"{job.id}-0.part"]
    assert collected.bytes_removed == 10


def test_a_redirect_into_our_own_network_ends_the_job(web: Web) -> None:
    web.site.pages["/a.mp4"] = page(b"", "302 Found", Location="https://169.254.169.254/latest/meta-data/")
    job = web.new_job()
    with pytest.raises(DailiesError) as refused:
        web.work(job)
    assert refused.value.error_code == "address_refused"


def test_a_url_with_a_secret_is_not_shown(web: Web) -> None:
    web.site.pages["/a.mp4"] = ranged(FILM)
    done = web.work(web.new_job("/a.mp4?token=s3cret"))
    assert "s3cret" not in str(web.operation(done))
    assert "s3cret" not in repr(done)


def test_a_process_that_lives_on_never_writes_into_another_s_file(web: Web, tmp_path: Path) -> None:
    """Stopped past its lease and continued: what it goes on writing to is its own."""
    first = web.platform.partials.take_up("job", tmp_path)
    second = web.platform.partials.take_up("job", tmp_path)
    assert first.path != second.path
    first.close()
    third = web.platform.partials.take_up("job", tmp_path)
    assert third.path == first.path
    second.drop()
    third.drop()
    assert web.left() == []
