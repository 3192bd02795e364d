"""Retention, the cap, leftovers and overdue jobs, on a clock of the test's own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dailies.domain.errors import TransientError
from dailies.domain.job.job import Job, JobState
from dailies.engine.advance import advance
from dailies.engine.store.jobs import job_document, job_path, load_job
from dailies.engine.store.leases import claim, settle
from dailies.engine.store.progress import operation_path
from dailies.ports.objects import LocalFiles
from dailies.services.jobs import cancel_job
from dailies.services.upkeep.housekeeping import collect_garbage, collect_if_due, sweep
from tests.unit.conftest import UID, World


def artifacts(world: World, kind: str = "") -> set[str]:
    """The roles and manifests in the store, by their artifact."""
    return {found.name for found in world.platform.objects.list("artifacts/") if kind in found.name}


def put(world: World, key: str, size: int, *, committed: bool = True) -> None:
    objects = world.platform.objects
    objects.put_bytes(f"artifacts/{UID}/{key}/blocks-0", b"x" * size)
    if committed:
        objects.put_bytes(f"artifacts/{UID}/{key}/manifest.json", b"")


def keys(world: World) -> set[str]:
    return {name.split("/")[2] for name in artifacts(world)}


def test_outputs_go_after_a_day_and_what_they_were_made_of_stays(world: World) -> None:
    """Deliverables take the room; measurements are small and make the next edit quick."""
    world.finish(world.new_job(a=1))
    assert artifacts(world, "/file-")
    world.clock.pass_by(hours=23)
    collect_garbage(world.platform)
    assert artifacts(world, "/file-")
    world.clock.pass_by(hours=2)
    collected = collect_garbage(world.platform)
    assert not artifacts(world, "/file-")
    assert len(artifacts(world, "manifest")) == 2  # probe and measure
    assert collected.objects_removed == 2
    assert collected.bytes_kept == sum(found.size for found in world.platform.objects.list(""))


def test_an_output_that_was_collected_is_made_again(world: World) -> None:
    """Retention costs time, never a result: the same job runs only the step whose file went."""
    world.finish(world.new_job(a=1))
    world.clock.pass_by(hours=25)
    collect_garbage(world.platform)
    world.ledger.ran.clear()
    assert world.finish(world.new_job(a=1)).state is JobState.COMPLETED
    assert world.ledger.ran == ["1.0"]


def test_an_old_output_that_a_job_has_just_looked_up_stays(world: World) -> None:
    """Somebody is about to copy it: what was used within the hour is never touched."""
    world.finish(world.new_job(a=1))
    world.clock.pass_by(hours=25)
    world.finish(world.new_job(a=1))
    collect_garbage(world.platform)
    assert artifacts(world, "/file-")
    world.clock.pass_by(minutes=61)
    collect_garbage(world.platform)
    assert not artifacts(world, "/file-")


def test_the_least_recently_used_go_first_until_the_store_is_under_its_cap(world: World) -> None:
    """Of three the one that was looked at longest ago goes, not the one that was written first."""
    for key in ("first", "second", "third"):
        put(world, key, 100)
        world.clock.pass_by(hours=2)
    objects = world.platform.objects
    assert isinstance(objects, LocalFiles)
    objects.touch(f"artifacts/{UID}/first/manifest.json")
    world.clock.pass_by(hours=2)
    collected = collect_garbage(world.with_settings(store_max_bytes=250))
    assert keys(world) == {"first", "third"}
    assert (collected.objects_removed, collected.bytes_removed, collected.bytes_kept) == (2, 100, 200)


def test_a_big_artifact_does_not_outlive_its_turn(world: World) -> None:
    """Use decides, not size: an old small one goes before a new big one."""
    put(world, "small", 10)
    world.clock.pass_by(hours=2)
    put(world, "big", 200)
    world.clock.pass_by(hours=2)
    collect_garbage(world.with_settings(store_max_bytes=205))
    assert keys(world) == {"big"}


def test_the_cap_spares_what_was_used_within_the_hour(world: World) -> None:
    """A running job's artifacts stay, even over the cap; the next collection brings the store under it."""
    put(world, "old", 100)
    world.clock.pass_by(hours=2)
    put(world, "fresh", 100)
    world.clock.pass_by(minutes=59)
    platform = world.with_settings(store_max_bytes=0)
    assert collect_garbage(platform).bytes_kept == 100
    assert keys(world) == {"fresh"}
    world.clock.pass_by(minutes=2)
    assert collect_garbage(platform).bytes_kept == 0
    assert keys(world) == set()


def test_files_of_attempts_that_never_committed_go_after_two_days(world: World) -> None:
    """No attempt takes longer than a job may; until then its files may still become an artifact."""
    put(world, "lost", 100, committed=False)
    put(world, "kept", 100)
    world.clock.pass_by(hours=47)
    collect_garbage(world.platform)
    assert keys(world) == {"lost", "kept"}
    world.clock.pass_by(hours=2)
    collect_garbage(world.platform)
    assert keys(world) == {"kept"}


class Orphans:
    def __init__(self) -> None:
        self.asked: list[timedelta] = []

    def collect_orphans(self, older_than: timedelta) -> int:
        self.asked.append(older_than)
        return 1000


def test_bytes_without_an_object_are_counted_too(world: World) -> None:
    """A store of files is asked for what crashes left in it, young ones spared."""
    orphans = Orphans()
    assert collect_garbage(world.platform, orphans).bytes_removed == 1000
    assert orphans.asked == [timedelta(hours=48)]


def test_scratch_of_the_dead_goes_and_of_the_living_stays(world: World) -> None:
    """Folders are named after their process; a name that says nothing is nobody's to remove."""
    world.owners.dead.add("boot-1-2-3")
    for name in ("boot-1-2-3", "boot-1-2-3-probe", "boot-9-9-9", "notes"):
        (world.platform.scratch / name).mkdir(parents=True)
    collect_garbage(world.platform)
    assert sorted(path.name for path in world.platform.scratch.iterdir()) == ["boot-9-9-9", "notes"]


def test_old_records_go_and_unfinished_jobs_stay(world: World) -> None:
    """A job and its progress are kept for a month after its end."""
    done = world.finish(world.new_job(a=1))
    world.clock.pass_by(days=29)
    collect_garbage(world.platform)
    assert load_job(world.platform, done.id).state is JobState.COMPLETED
    world.clock.pass_by(days=2)
    fresh = world.new_job(b=2)
    collect_garbage(world.platform)
    documents = world.platform.documents
    assert documents.get(job_path(done.id)) is None
    assert documents.get(operation_path(UID, done.id)) is None
    assert documents.query("leases") == []
    assert [snapshot.data["job"] for snapshot in documents.query("joins")] == [fresh.id]
    assert load_job(world.platform, fresh.id).state is JobState.QUEUED


def test_a_files_hash_is_kept_for_a_month(world: World, tmp_path: Path) -> None:
    """Afterwards it would only be read once more."""
    (tmp_path / "talk.mp4").write_bytes(b"media")
    documents = world.platform.documents
    world.sources.identify(tmp_path / "talk.mp4")
    # The hash is dated by the machine's clock, the world by its own.
    ahead = datetime.now(UTC) - world.platform.now()
    world.clock.pass_by(seconds=ahead.total_seconds(), days=29)
    collect_garbage(world.platform)
    assert len(documents.query("file_digests")) == 1
    world.clock.pass_by(days=2)
    collect_garbage(world.platform)
    assert documents.query("file_digests") == []


def test_overdue_jobs_are_failed_with_the_reason(world: World) -> None:
    """Every job reaches an end, also one whose workers and queue are gone."""
    job = world.new_job(a=1)
    world.clock.pass_by(hours=47)
    assert sweep(world.platform).ended == 0
    world.clock.pass_by(hours=2)
    assert collect_garbage(world.platform).jobs_failed == 1
    ended = load_job(world.platform, job.id)
    assert ended.state is JobState.FAILED
    assert ended.error is not None
    assert ended.error["code"] == "deadline_exceeded"
    assert "DAILIES_JOB_MAX_HOURS" in ended.error["message"]
    assert sweep(world.platform).ended == 0


def test_uploads_that_never_came_expire(world: World) -> None:
    """Waiting ends, too."""
    job = world.new_job(a=1)
    waiting = Job.model_validate({**dict(job), "state": JobState.AWAITING_UPLOAD})
    world.platform.documents.set(job_path(job.id), job_document(waiting))
    world.clock.pass_by(hours=49)
    assert sweep(world.platform).ended == 1
    assert load_job(world.platform, job.id).state is JobState.EXPIRED


def test_a_worker_that_let_its_lease_lapse_is_counted_on_no_more(world: World) -> None:
    """Nor waited for. One that holds its lease, or gave it back, is left alone."""
    job = advance(world.platform, world.new_job(a=1).id)
    owners = ("gave-back", "hangs", "works")
    for number, owner in enumerate(owners):
        world.owners.name = owner
        world.clock.pass_by(seconds=60)
        lease = claim(world.platform, job, f"step{number}", f"key{number}")
        assert lease is not None
        if owner == "gave-back":
            settle(world.platform, lease, "done")
    world.clock.pass_by(seconds=40)
    assert sweep(world.platform).ended == 0
    assert world.workers.given_up == [(job.id, "hangs")]
    cancel_job(world.platform, job.id)
    world.clock.pass_by(seconds=60)
    assert sweep(world.platform).ended == 0
    assert world.workers.given_up == [(job.id, "hangs")]


def test_ended_jobs_are_left_as_they_are(world: World) -> None:
    """Terminal states are immutable, for the sweeper as for everybody."""
    job = world.new_job(a=1)
    cancel_job(world.platform, job.id)
    world.clock.pass_by(hours=100)
    assert sweep(world.platform).ended == 0
    assert load_job(world.platform, job.id).state is JobState.CANCELLED


def test_a_collection_is_due_once_an_hour(world: World) -> None:
    """Jobs in a row don't walk the store each."""
    orphans = Orphans()
    for minutes in (0, 59, 2):
        world.clock.pass_by(minutes=minutes)
        collect_if_due(world.platform, orphans)
    assert len(orphans.asked) == 2


def test_a_collection_that_fails_is_not_the_jobs_failure(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user's file was delivered: housekeeping is tried again in an hour."""

    def away(name: str) -> None:
        raise TransientError("away")

    world.finish(world.new_job(a=1))
    world.clock.pass_by(hours=25)
    with monkeypatch.context() as patched:
        patched.setattr(type(world.platform.objects), "delete", lambda self, name: away(name))
        collect_if_due(world.platform)
    assert artifacts(world, "/file-")
    world.clock.pass_by(minutes=61)
    collect_if_due(world.platform)
    assert not artifacts(world, "/file-")
