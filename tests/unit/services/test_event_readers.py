"""Several readers of the same events: each once, in its own time, and none is held up by another."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from dailies.domain.errors import TransientError
from dailies.domain.job.job import Job
from dailies.engine.platform import Platform
from dailies.engine.store import readers
from dailies.engine.store.events import events_of
from dailies.services import event_readers
from dailies.services.event_readers import relay_events, resume_relays
from dailies.services.upkeep.housekeeping import sweep
from tests.unit.conftest import World


class Readers:
    """Two, of which the first is told to fail."""

    def __init__(self) -> None:
        self.read: dict[str, list[int]] = {"first": [], "second": []}
        self.broken = False

    def all(self) -> Iterator[Callable[[Platform, Job], bool]]:
        yield self.of("first")
        yield self.of("second")

    def of(self, name: str) -> Callable[[Platform, Job], bool]:
        def read(platform: Platform, job: Job) -> bool:
            if self.broken and name == "first":
                raise TransientError("Busy.")
            events = events_of(platform, job)
            made = readers.read_on(
                platform, job, name, len(events), lambda after: ([e.sequence for e in events if e.sequence > after], {})
            )
            self.read[name] += made or []
            return True

        return read


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch) -> Readers:
    made = Readers()
    monkeypatch.setattr(event_readers, "_readers", made.all)
    monkeypatch.setattr("dailies.engine.store.webhooks.anybody_listens", lambda *_: True)
    return made


def test_each_reader_reads_each_event_once(world: World, two: Readers) -> None:
    job = world.new_job()
    relay_events(world.platform, job.id)
    world.finish(job)
    for _ in range(2):
        relay_events(world.platform, job.id)
    events = [event.sequence for event in events_of(world.platform, job)]
    assert two.read == {"first": events, "second": events}
    assert world.platform.documents.query("unheard") == []


def test_one_that_fails_holds_up_no_other(world: World, two: Readers) -> None:
    """The job stays unheard for it, and the sweep has it read on where it was."""
    job = world.new_job()
    relay_events(world.platform, job.id)
    before = list(two.read["first"])
    world.finish(job)
    two.broken = True
    with pytest.raises(TransientError):
        relay_events(world.platform, job.id)
    resume_relays(world.platform)
    assert two.read["first"] == before
    assert len(two.read["second"]) == len(events_of(world.platform, job)) > len(before)
    assert len(world.platform.documents.query("unheard")) == 1
    two.broken = False
    sweep(world.platform)
    assert two.read["first"] == two.read["second"]
    assert world.platform.documents.query("unheard") == []


def test_a_cursor_of_before_is_that_of_webhooks(world: World) -> None:
    """Of when they were the only reader: what was told is not told again."""
    job = world.new_job()
    world.platform.documents.set(f"relayed/{job.id}", {"sequence": 2, "uid": job.uid})
    assert readers.read_on(world.platform, job, "webhooks", 2, lambda after: (after, {})) is None
    assert readers.read_on(world.platform, job, "webhooks", 3, lambda after: (after, {})) == 2
    assert readers.read_on(world.platform, job, "others", 3, lambda after: (after, {})) == 0
