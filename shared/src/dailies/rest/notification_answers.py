"""What the routes of notifications answer."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from dailies.domain.job.holding import Digest
from dailies.domain.job.notification import Channel, Language, TellingState
from dailies.rest.answers import Answer


class NotificationAnswer(Answer):
    """What was told of a job's end."""

    notification_id: str
    job_id: str
    event_type: str
    title: str = Field(description="text, never HTML: it may hold a file's name")
    body: str = Field(description="likewise; may be empty")
    language: Language
    created_at: datetime
    read: bool
    channel: Channel
    state: TellingState = Field(description="of an e-mail how far it is; told in the app")
    reason: str | None = Field(description="why an e-mail was not sent, or may not have been")


class NotificationsAnswer(Answer):
    """Notifications, newest first."""

    notifications: list[NotificationAnswer]


class ReadAnswer(Answer):
    """Which are read now."""

    notification_ids: list[str]


class HoursAnswer(Answer):
    """By the user's clock."""

    begin: str
    end: str


class PreferencesAnswer(Answer):
    """What a user is told of."""

    events: dict[str, list[str]] = Field(description="types of events by the channel that tells of them")
    language: Language
    digest: Digest = Field(description="whether e-mail comes by the hour or the day, all in one")
    quiet_hours: HoursAnswer | None = Field(description="in which no e-mail comes")
    time_zone: str
