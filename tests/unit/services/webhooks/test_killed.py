"""Whoever is killed while events are relayed and sent is made up for, and records go in their time."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest

from dailies.services.event_readers import relay_events
from dailies.services.upkeep.housekeeping import collect_garbage, sweep
from tests.fakes.web_site import page
from tests.unit.services.dying import Killed, dying
from tests.unit.services.webhooks.conftest import Hooks

OK = page(b"", "200 OK")


@pytest.mark.parametrize("after", [False, True], ids=["before the write", "behind the write"])
@pytest.mark.parametrize("number", range(12))
def test_whoever_dies_is_made_up_for(hooks: Hooks, monkeypatch: pytest.MonkeyPatch, number: int, after: bool) -> None:
    """At each write of relaying and sending: every event arrives, and none under a second id."""
    hooks.add(events=["job.created", "job.completed"])
    hooks.site.pages["/hook"] = OK
    job = hooks.world.finish(hooks.world.new_job())
    documents = type(hooks.platform.documents)
    with monkeypatch.context() as patch:
        die = dying(number, after=after)
        patch.setattr(documents, "transaction", die(documents.transaction))
        patch.setattr(type(hooks.tasks), "enqueue", die(type(hooks.tasks).enqueue))
        with suppress(Killed):
            relay_events(hooks.platform, job.id)
            hooks.run_due()
    relay_events(hooks.platform, job.id)
    for _ in range(3):
        # The queue takes what it delivered to the dead for lost, and the sweep what was never enqueued.
        hooks.world.clock.pass_by(minutes=61)
        sweep(hooks.platform)
        hooks.run_due()
    assert [(each.event_type, each.state) for each in hooks.all()] == [
        ("job.created", "delivered"),
        ("job.completed", "delivered"),
    ]
    by_id = {asked.headers["webhook-id"]: json.loads(asked.body)["type"] for asked in hooks.received()}
    assert sorted(by_id.values()) == ["job.completed", "job.created"]


def test_an_end_that_nobody_has_relayed_is_told_by_the_sweep(hooks: Hooks) -> None:
    """Whoever ended the job was killed right behind it."""
    hooks.add(events=["job.completed"])
    hooks.site.pages["/hook"] = OK
    hooks.world.finish(hooks.world.new_job())
    assert hooks.all() == []
    sweep(hooks.platform)
    assert hooks.platform.documents.query("unheard") == []
    hooks.run_due()
    assert [each.state for each in hooks.all()] == ["delivered"]


def test_records_go(hooks: Hooks) -> None:
    """A month after, as all records do."""
    hooks.add()
    hooks.site.pages["/hook"] = OK
    hooks.ended()
    hooks.run_due()
    hooks.world.clock.pass_by(days=32)
    collect_garbage(hooks.platform)
    assert hooks.platform.documents.query("deliveries") == []
    assert hooks.platform.documents.query("relayed") == []
