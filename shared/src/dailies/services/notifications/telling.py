"""Tells people of the ends of their jobs, by the channels that they want."""

from __future__ import annotations

from dailies.domain.job.job import Job
from dailies.domain.job.mail import Mail, mail_of
from dailies.domain.job.notification import Channel, Notification, notification_of
from dailies.engine.platform import Platform
from dailies.engine.store.events import events_of
from dailies.engine.store.mails import mail_writes
from dailies.engine.store.notifications import notification_writes, preferences_of
from dailies.engine.store.readers import read_on
from dailies.ports.documents import Writes
from dailies.services.notifications.mailing import enqueue_mail

READER = "notifications"


def tell_person(platform: Platform, job: Job) -> bool:
    """Write what the job's owner is to be told of its end, and have what goes by e-mail sent; whether the owner wants
    to be told of anything.

    Idempotent: in the transaction that moves the cursor, so once. Raises TransientError.
    """
    if not job.state.terminal:
        return False
    wanted = preferences_of(platform, job.uid)
    if not any(wanted.events.values()):
        return False
    events = events_of(platform, job)
    now = platform.now()

    def made_for(channel: Channel, after: int) -> list[Notification]:
        new = [event for event in events if event.sequence > after and wanted.wants(channel, event)]
        return [notification_of(event, job.file_name, wanted.language) for event in new]

    def make(after: int) -> tuple[list[Mail], Writes]:
        # Where e-mail was turned off since, none piles up.
        mailed = made_for("email", after) if platform.settings.mail != "none" else []
        mails = [mail_of(job.uid, each, now, wanted.holding.due(now)) for each in mailed]
        return mails, {**notification_writes(job.uid, made_for("in_app", after)), **mail_writes(mails)}

    for mail in read_on(platform, job, READER, len(events), make) or ():
        enqueue_mail(platform, mail)
    return True
