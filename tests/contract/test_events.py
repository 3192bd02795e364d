"""A job's events on every store of documents: no number twice, none left out, whoever appends at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from dailies.domain.job.job import Job, JobState
from dailies.engine.platform import Platform
from dailies.engine.store.events import Happening, events_of, log_events
from dailies.engine.store.jobs import load_job, move_job, write_new
from dailies.ports.documents import DocumentStore
from tests.unit.conftest import World, world as world  # noqa: PLC0414 - a fixture

WRITERS, EACH = 4, 6


def new_job(world: World, documents: DocumentStore) -> tuple[Platform, Job]:
    platform = replace(world.platform, documents=documents)
    known = world.new_job()
    waiting = known.model_copy(update={"id": "waiting", "state": JobState.AWAITING_UPLOAD})
    documents.transaction(lambda transaction: write_new(transaction, waiting))
    move_job(platform, waiting.id, JobState.QUEUED)
    return platform, move_job(platform, waiting.id, JobState.PROCESSING)


def test_events_of_many_writers_have_no_gap(world: World, documents: DocumentStore) -> None:
    """As of workers that share a job; the end comes behind them."""
    platform, job = new_job(world, documents)

    def work(writer: int) -> None:
        for n in range(EACH):
            log_events(platform, job, [Happening("step.done", world.clock.now, {"step": f"{writer}.{n}"})])

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(work, range(WRITERS)))
    move_job(platform, job.id, JobState.CANCELLED)
    found = events_of(platform, load_job(platform, job.id))
    assert [event.sequence for event in found] == list(range(1, WRITERS * EACH + 5))
    states = ["job.created", "job.queued", "job.processing", "job.cancelled"]
    assert [event.event_type for event in (*found[:3], found[-1])] == states
    steps = [event.data["step"] for event in found[3:-1]]
    for writer in range(WRITERS):
        own = [step for step in steps if step.startswith(f"{writer}.")]
        assert own == [f"{writer}.{n}" for n in range(EACH)]


def test_a_reader_goes_on_behind_its_cursor(world: World, documents: DocumentStore) -> None:
    platform, job = new_job(world, documents)
    log_events(platform, job, [Happening("step.done", world.clock.now, {"step": "a"})])
    cursor = events_of(platform, job)[-1].sequence
    assert events_of(platform, job, cursor) == []
    log_events(platform, job, [Happening("step.done", world.clock.now, {"step": "b"})])
    [event] = events_of(platform, job, cursor)
    assert (event.sequence, event.data, event.timestamp) == (cursor + 1, {"step": "b"}, world.clock.now)
