"""What is told and what is chosen, on every store of documents."""

from __future__ import annotations

from dataclasses import replace

from dailies.domain.job.notification import TOLD_EVENTS
from dailies.ports.documents import DocumentStore
from dailies.services.event_readers import relay_events
from dailies.services.jobs import cancel_job
from dailies.services.notifications.inbox import list_notifications, mark_read
from dailies.services.notifications.preferences import get_preferences, set_preferences
from tests.unit.conftest import UID, World, world as world  # noqa: PLC0414 - a fixture


def test_an_end_is_told_once_and_read(world: World, documents: DocumentStore) -> None:
    world.platform = replace(world.platform, documents=documents)
    set_preferences(world.platform, UID, {"in_app": TOLD_EVENTS}, "nl")
    assert get_preferences(world.platform, UID).chosen == {"in_app": list(TOLD_EVENTS)}
    jobs = [world.new_job(a=number) for number in range(2)]
    for job in jobs:
        cancel_job(world.platform, job.id)
        for _ in range(2):
            relay_events(world.platform, job.id)
        world.clock.pass_by(seconds=1)
    found = list_notifications(world.platform, UID, 10)
    assert [each.job_id for each in found] == [job.id for job in reversed(jobs)]
    assert mark_read(world.platform, UID, [found[0].id]) == [found[0].id]
    assert list_notifications(world.platform, UID, 10, unread=True) == [found[1]]
    assert documents.query("unheard") == []
