"""``listNotifications``, ``readNotifications`` and ``notificationPreferences``: what a user is told."""

from __future__ import annotations

from typing import Annotated, Any

from firebase_functions import https_fn
from pydantic import Field, StringConstraints

import boundary
import wiring
from dailies.domain.job.holding import Digest, QuietHours
from dailies.domain.job.notification import TOLD_EVENTS, Channel, Language, Notification, Preferences
from dailies.services.notifications.inbox import MAX_LISTED, list_notifications, mark_read
from dailies.services.notifications.preferences import get_preferences, set_preferences

NotificationId = Annotated[str, StringConstraints(pattern=r"^ntf_[0-9a-f]{32}$")]


class ListNotifications(boundary.Call):
    limit: Annotated[int, Field(ge=1, le=MAX_LISTED)] = 20
    unread: bool = False
    channel: Channel = "in_app"


class ReadNotifications(boundary.Call):
    ids: list[NotificationId] | None = Field(None, alias="notificationIds", max_length=MAX_LISTED)


class NotificationPreferences(boundary.Call):
    events: dict[Channel, Annotated[list[str], Field(max_length=len(TOLD_EVENTS))]] = Field({})
    language: Language | None = None
    digest: Digest | None = None
    quiet_hours: QuietHours | None = Field(None, alias="quietHours")
    time_zone: str | None = Field(None, alias="timeZone", max_length=64)


@boundary.json_only
@https_fn.on_call()
@boundary.errors_to_caller
def listNotifications(request: https_fn.CallableRequest[Any]) -> dict[str, Any]:  # noqa: N802 - the deployed name
    uid = boundary.signed_in(request)
    call = boundary.decode(ListNotifications, request.data)
    found = list_notifications(wiring.platform(), uid, **call.model_dump())
    return {"notifications": [_encode(each) for each in found]}


@boundary.json_only
@https_fn.on_call()
@boundary.errors_to_caller
def readNotifications(request: https_fn.CallableRequest[Any]) -> dict[str, Any]:  # noqa: N802 - the deployed name
    uid = boundary.signed_in(request)
    call = boundary.decode(ReadNotifications, request.data)
    return {"notificationIds": mark_read(wiring.platform(), uid, call.ids)}


@boundary.json_only
@https_fn.on_call()
@boundary.errors_to_caller
def notificationPreferences(request: https_fn.CallableRequest[Any]) -> dict[str, Any]:  # noqa: N802 - the deployed name
    """Of a call that changes nothing: as they are."""
    uid = boundary.signed_in(request)
    call = boundary.decode(NotificationPreferences, request.data)
    if call.model_fields_set:
        wanted = set_preferences(wiring.platform(), uid, **dict(call))
    else:
        wanted = get_preferences(wiring.platform(), uid)
    return _encode_preferences(wanted)


def _encode_preferences(wanted: Preferences) -> dict[str, Any]:
    held = wanted.holding
    return {
        "events": wanted.chosen,
        "language": wanted.language,
        "digest": held.digest,
        "quietHours": None if held.quiet_hours is None else held.quiet_hours.model_dump(),
        "timeZone": held.time_zone,
    }


def _encode(each: Notification) -> dict[str, Any]:
    return {
        "notificationId": each.id,
        "jobId": each.job_id,
        "eventType": each.event_type,
        "title": each.title,
        "body": each.body,
        "language": each.language,
        "createdAt": each.created.isoformat(),
        "read": each.read,
        "channel": each.channel,
        "state": each.state,
        "reason": each.reason,
    }
