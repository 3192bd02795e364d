"""What the bodies and queries of notifications' routes hold."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from dailies.domain.call import Call
from dailies.domain.job.holding import CLOCK, Digest
from dailies.domain.job.notification import TOLD_EVENTS, Channel, Language
from dailies.services.notifications.inbox import MAX_LISTED

ToldEvent = Annotated[str, Field(json_schema_extra={"enum": list(TOLD_EVENTS)})]
NotificationId = Annotated[str, Field(pattern=r"^ntf_[0-9a-f]{32}$")]


class ListNotifications(Call):
    """How many of the newest."""

    limit: Annotated[int, Field(ge=1, le=MAX_LISTED)] = 20
    channel: Annotated[Channel, Field(description="that has told of them")] = "in_app"
    unread: Annotated[bool, Field(description="only those that were not read, of in_app")] = False


class ReadNotifications(Call):
    """Which were read; all if absent."""

    notification_ids: Annotated[list[NotificationId] | None, Field(max_length=MAX_LISTED)] = None


class Hours(Call):
    """By the user's clock, over midnight where they end before they begin."""

    begin: Annotated[str, Field(pattern=CLOCK)]
    end: Annotated[str, Field(pattern=CLOCK)]


class SetPreferences(Call):
    """What a user wants to be told of; what is absent stays as it is."""

    events: Annotated[
        dict[Channel, Annotated[list[ToldEvent], Field(max_length=len(TOLD_EVENTS))]],
        Field(description="types of events by the channel that tells of them; no types turn one off"),
    ] = Field({})
    language: Annotated[Language | None, Field(description="of texts")] = None
    digest: Annotated[Digest | None, Field(description="whether e-mail comes by the hour or the day, all in one")] = (
        None
    )
    quiet_hours: Annotated[
        Hours | None, Field(description="in which no e-mail comes; none where they end as they begin")
    ] = None
    time_zone: Annotated[str | None, Field(max_length=64, description="of the IANA database: for both")] = None
