"""What has happened to a job is told once, in order and without a gap, whoever did it and whoever was killed."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest

from dailies.domain.errors import SourceRefused
from dailies.domain.job.events import Event
from dailies.domain.job.job import Job, JobState
from dailies.domain.stop import StopToken
from dailies.engine.advance import advance
from dailies.engine.platform import Platform
from dailies.engine.run_step import run_step
from dailies.engine.store.events import PAGE, Happening, events_of, log_events
from dailies.engine.store.jobs import fail_job, load_job
from dailies.engine.worker_loop import drain
from dailies.services.jobs import cancel_job
from tests.unit.conftest import World
from tests.unit.engine.light_steps import Service, asking
from tests.unit.engine.test_light_steps import begun, due


def told(platform: Platform, job: Job, after: int = 0) -> list[str]:
    """The types of the job's events, and which step was done; their numbers have no gap."""
    events = events_of(platform, load_job(platform, job.id), after)
    assert [event.sequence for event in events] == list(range(after + 1, after + 1 + len(events)))
    assert len({event.event_id for event in events}) == len(events)
    return [_short(event) for event in events]


def _short(event: Event) -> str:
    return f"{event.event_type} {event.data['step']}" if event.event_type == "step.done" else event.event_type


WHOLE = ["job.created", "job.processing", "step.done probe", "step.done measure", "step.done a", "job.completed"]


def test_a_jobs_events_tell_its_story(world: World) -> None:
    job = world.finish(world.new_job())
    assert told(world.platform, job) == WHOLE
    assert told(world.platform, job, after=4) == WHOLE[4:]
    assert told(world.platform, job, after=6) == []
    first = events_of(world.platform, job)[0].model_dump(mode="json", by_alias=True)
    assert first == {
        "eventId": f"{job.id}-1", "jobId": job.id, "userId": job.uid, "sequence": 1,
        "timestamp": "2026-01-01T00:00:00Z", "eventType": "job.created", "data": {"outputs": ["a"], "kinds": ["audio"]},
    }  # fmt: skip


def test_a_job_on_its_way_tells_of_it_itself(world: World) -> None:
    """No document is written for that."""
    job = world.new_job()
    assert told(world.platform, job) == ["job.created"]
    assert told(world.platform, advance(world.platform, job.id)) == WHOLE[:2]
    assert world.platform.documents.query(f"jobs/{job.id}/events") == []


@pytest.mark.parametrize("how", ["cancelled", "failed"])
def test_an_end_is_an_event_with_its_reason(world: World, how: str) -> None:
    job = world.new_job()
    if how == "cancelled":
        cancel_job(world.platform, job.id)
    else:
        fail_job(world.platform, job.id, SourceRefused("No.", code="not_media"))
    [last] = events_of(world.platform, load_job(world.platform, job.id))[-1:]
    assert last.event_type == f"job.{how}"
    assert last.data == ({} if how == "cancelled" else {"code": "not_media", "message": "No."})


def test_what_a_failing_worker_had_done_is_told_before_the_end(world: World) -> None:
    job = world.new_job()
    world.ledger.fail["1.0"] = [SourceRefused("No.", code="not_media")]
    advance(world.platform, job.id)
    with pytest.raises(SourceRefused) as refused:
        drain(world.platform, job.id, StopToken())
    fail_job(world.platform, job.id, refused.value)
    assert told(world.platform, job) == [*WHOLE[:4], "job.failed"]


class Killed(BaseException):
    """No ``except Exception`` may survive it, as none survives SIGKILL."""


@pytest.mark.parametrize("at", ["measure", "1.0"])
def test_what_a_killed_worker_could_not_tell_the_end_tells(
    world: World, at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = world.new_job()
    advance(world.platform, job.id)

    def kill(name: str) -> None:
        if name == at:
            raise Killed

    world.ledger.during = kill
    with monkeypatch.context() as dead, suppress(Killed):
        dead.setattr("dailies.engine.worker_loop.log_events", lambda *_: None)
        drain(world.platform, job.id, StopToken())
    world.ledger.during = lambda _name: world.clock.pass_by(seconds=1)
    world.owners.dead.add("me-1-1-1")
    world.owners.name = "next-1-1-1"
    drain(world.platform, job.id, StopToken())
    assert told(world.platform, job) == WHOLE
    times = [event.timestamp for event in events_of(world.platform, load_job(world.platform, job.id))]
    assert times == sorted(times)


def test_light_steps_are_told_once(world: World) -> None:
    """Each on its own at first; the end tells what nobody had."""
    platform = asking(world, Service(), 5)
    job = world.new_job()
    begun(world, platform, job)
    for step in [each.payload["step"] for each in due(world)]:
        run_step(platform, job.id, step, StopToken())
    drain(platform, job.id, StopToken())
    found = told(platform, job)
    assert (found[:2], found[-1]) == (WHOLE[:2], "job.completed")
    assert sorted(found[2:-1]) == sorted(
        [
            "step.done probe",
            "step.done measure",
            "step.done a",
            *(f"step.done ask{n}" for n in ("", "-2", "-3", "-4", "-5")),
        ]
    )


def test_what_is_cached_is_nobodys_event(world: World) -> None:
    world.finish(world.new_job())
    assert told(world.platform, world.finish(world.new_job())) == ["job.created", "job.processing", "job.completed"]


def test_a_long_job_has_many_pages_and_all_of_them_go_with_it(world: World) -> None:
    """A document has a limit of 1 MiB; what is full is not written again but for its end."""
    job = advance(world.platform, world.new_job().id)
    for n in range(0, 250, 50):
        log_events(
            world.platform, job, [Happening("step.done", job.created, {"step": str(m)}) for m in range(n, n + 50)]
        )
    cancel_job(world.platform, job.id)
    pages = world.platform.documents.query(f"jobs/{job.id}/events")
    assert [len(page.data["events"]) for page in sorted(pages, key=lambda page: page.path)] == [PAGE, PAGE, 53]
    ended = load_job(world.platform, job.id)
    assert ended.finished is not None
    late = Happening("step.done", job.created, {"step": "late"})
    log_events(world.platform, job, [late])
    assert {
        str(page.data["remove_after"])[:10] for page in world.platform.documents.query(f"jobs/{job.id}/events")
    } == {"2026-01-31"}
    assert told(world.platform, job)[-2:] == ["job.cancelled", "step.done late"]
    assert told(world.platform, job, after=250) == [
        *[f"step.done {n}" for n in (248, 249)],
        "job.cancelled",
        "step.done late",
    ]


def test_one_who_tells_twice_is_heard_once(world: World) -> None:
    job = advance(world.platform, world.new_job().id)
    once = Happening("step.done", job.created, {"step": "x"}, once="r x")
    for _ in range(3):
        log_events(world.platform, job, [once])
    assert told(world.platform, job) == ["job.created", "job.processing", "step.done x"]


def test_a_worker_tells_of_steps_while_it_works(world: World) -> None:
    """A long job is no silence until its end."""
    platform = world.with_settings(heartbeat_seconds=0.001)
    job = world.new_job()
    seen: list[list[str]] = []
    world.ledger.during = lambda name: seen.append(told(platform, job)) if name == "1.0" else None
    advance(platform, job.id)
    drain(platform, job.id, StopToken())
    assert seen == [WHOLE[:4]]


def test_a_state_that_is_not_reached_is_no_event(world: World) -> None:
    """A move that loses against another's leaves nothing."""
    job = world.finish(world.new_job())
    assert job.state is JobState.COMPLETED
    fail_job(world.platform, job.id, SourceRefused("No."))
    advance(replace(world.platform), job.id)
    assert told(world.platform, job) == WHOLE
