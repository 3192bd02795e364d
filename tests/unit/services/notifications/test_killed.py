"""Whoever is killed as a job ends, or as its owner is told, is made up for: each end is told once."""

from __future__ import annotations

from contextlib import suppress

import pytest

from dailies.domain.job.notification import TOLD_EVENTS
from dailies.services.event_readers import relay_events
from dailies.services.notifications.inbox import list_notifications, mark_read
from dailies.services.notifications.preferences import set_preferences
from dailies.services.upkeep.housekeeping import sweep
from tests.unit.conftest import UID, World
from tests.unit.services.dying import Killed, dying


@pytest.mark.parametrize("after", [False, True], ids=["before the write", "behind the write"])
@pytest.mark.parametrize("number", range(3))
def test_an_end_is_told_once(world: World, monkeypatch: pytest.MonkeyPatch, number: int, after: bool) -> None:
    """What was read meanwhile stays read."""
    set_preferences(world.platform, UID, {"in_app": TOLD_EVENTS})
    job = world.finish(world.new_job())
    documents = type(world.platform.documents)
    with monkeypatch.context() as patch:
        die = dying(number, after=after)
        for name in ("transaction", "delete"):
            patch.setattr(documents, name, die(getattr(documents, name)))
        with suppress(Killed):
            relay_events(world.platform, job.id)
    mark_read(world.platform, UID)
    for _ in range(2):
        sweep(world.platform)
    [only] = list_notifications(world.platform, UID, 50)
    assert only.event_type == "job.completed"
    assert only.read is (number > 0 or after)
    assert world.platform.documents.query("unheard") == []
