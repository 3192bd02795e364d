"""The round over all unfinished jobs: one read of each, in pages, and never stopped by one of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from dailies.domain.errors import TransientError
from dailies.domain.job.job import Job
from dailies.ports.documents import Snapshot
from dailies.services.upkeep.live_jobs import Round, look_after_jobs
from dailies.services.upkeep.sweep import sweep
from dailies.services.upload_arrived import upload_arrived
from tests.unit.conftest import World
from tests.unit.services.uploading import announce, arrive, platform as platform  # noqa: PLC0414 - a fixture


def jobs(world: World, count: int) -> list[Job]:
    return [world.new_job(**{f"a{n}": n + 1.0}) for n in range(count)]


@pytest.fixture
def queued(world: World, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Ids of the jobs that are put in the queue."""
    seen: list[str] = []

    def enqueue(queue: str, payload: Any, *, name: str | None = None, delay_seconds: float = 0) -> str:
        seen.append(payload["job_id"])
        return "task"

    monkeypatch.setattr(world.platform.tasks, "enqueue", enqueue)
    return seen


@pytest.fixture
def reads(world: World, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many jobs each query gave."""
    counts: list[int] = []
    query = world.platform.documents.query

    def counted(collection: str, **how: Any) -> Sequence[Snapshot]:
        found = query(collection, **how)
        if collection == "jobs":
            counts.append(len(found))
        return found

    monkeypatch.setattr(world.platform.documents, "query", counted)
    return counts


def test_every_job_is_read_once_and_looked_at_once(world: World, queued: list[str], reads: list[int]) -> None:
    """In pages, though all were made in one moment."""
    made = jobs(world, 7)
    queued.clear()
    assert look_after_jobs(world.platform, page=3) == Round(ended=0, recovered=0, whole=True)
    assert sorted(queued) == sorted(job.id for job in made)
    assert reads == [3, 3, 1]


def test_a_sweep_reads_the_jobs_once(world: World, queued: list[str], reads: list[int]) -> None:
    jobs(world, 3)
    sweep(world.platform)
    assert reads == [3]


def test_a_round_that_ran_out_of_time_is_continued_by_the_next(world: World, queued: list[str]) -> None:
    """And begins anew when it has come to the end."""
    made = sorted(job.id for job in jobs(world, 5))
    queued.clear()
    look_after_jobs(world.platform, page=2, seconds=0)
    assert sorted(queued) == made[:2]
    look_after_jobs(world.platform, page=2, seconds=0)
    assert sorted(queued) == made[:4]
    assert not look_after_jobs(world.platform, page=2, seconds=0).whole
    assert sorted(queued) == made
    queued.clear()
    assert look_after_jobs(world.platform).whole
    assert sorted(queued) == made


def test_one_jobs_fault_holds_up_no_other(world: World, queued: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor the rest of the sweep."""
    made = jobs(world, 3)
    queued.clear()
    add = world.platform.tasks.enqueue

    def enqueue(queue: str, payload: Any, **how: Any) -> str:
        if payload["job_id"] == made[1].id:
            raise TransientError("The queue is away.")
        return add(queue, payload, **how)

    monkeypatch.setattr(world.platform.tasks, "enqueue", enqueue)
    sweep(world.platform)
    assert sorted(queued) == sorted([made[0].id, made[2].id])


def test_only_sources_that_no_unfinished_job_reads_are_removed(world: World, platform: Any) -> None:
    """However many of both there are."""
    kept = announce(platform)
    upload_arrived(platform, arrive(platform, kept))
    platform.objects.put_bytes("uploads/gone/inbox/a.mp4", b"1")
    world.clock.pass_by(hours=30)
    assert sweep(platform).sources_removed == 1
    assert [found.name for found in platform.objects.list("uploads/")] == [f"uploads/user/{kept.job_id}/source"]
