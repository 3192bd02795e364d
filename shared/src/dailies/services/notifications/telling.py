"""Tells people of the ends of their jobs, by the channels that they want."""

from __future__ import annotations

from dailies.domain.job.job import Job
from dailies.domain.job.notification import Notification, notification_of
from dailies.engine.platform import Platform
from dailies.engine.store.events import events_of
from dailies.engine.store.notifications import notification_writes, preferences_of
from dailies.engine.store.readers import read_on
from dailies.ports.documents import Writes

READER = "notifications"


def tell_person(platform: Platform, job: Job) -> bool:
    """Write what the job's owner is to be told of its end; whether the owner wants to be told of anything.

    Idempotent: in the transaction that moves the cursor, so once. Raises TransientError.
    """
    if not job.state.terminal:
        return False
    wanted = preferences_of(platform, job.uid)
    if not any(wanted.events.values()):
        return False
    events = events_of(platform, job)

    def make(after: int) -> tuple[list[Notification], Writes]:
        new = [event for event in events if event.sequence > after]
        made = [notification_of(each, job.file_name, wanted.language) for each in new if wanted.wants("in_app", each)]
        return made, notification_writes(job.uid, made)

    read_on(platform, job, READER, len(events), make)
    return True
