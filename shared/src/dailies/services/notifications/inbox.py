"""What a user was told: listed, and in the app marked as read."""

from __future__ import annotations

from collections.abc import Sequence

from dailies.domain.errors import InvalidRequest
from dailies.domain.job.mail import shown
from dailies.domain.job.notification import CHANNELS, Notification
from dailies.domain.job.uploads import check_uid
from dailies.engine.platform import Platform
from dailies.engine.store.mails import mails_of
from dailies.engine.store.notifications import notifications_of, set_read

MAX_LISTED = 200


def list_notifications(
    platform: Platform, uid: str, limit: int, *, unread: bool = False, channel: str = "in_app"
) -> list[Notification]:
    """What the channel has told, the newest first; of the app only what was not read, if ``unread``.

    Raises InvalidRequest for a channel that there is not, and for unread e-mail: nobody knows; Forbidden.
    """
    check_uid(uid)
    if channel not in CHANNELS:
        raise InvalidRequest(f"channel: there are {', '.join(CHANNELS)}.", field="channel")
    if channel == "email":
        if unread:
            raise InvalidRequest("unread: of what is told in the app only.", field="unread")
        return [shown(each) for each in mails_of(platform, uid, min(limit, MAX_LISTED))]
    return notifications_of(platform, uid, min(limit, MAX_LISTED), unread=unread)


def mark_read(platform: Platform, uid: str, ids: Sequence[str] | None = None) -> list[str]:
    """Mark these as read, by default the newest ``MAX_LISTED`` that aren't; returns which there are. Idempotent.

    Raises Forbidden.
    """
    check_uid(uid)
    if ids is None:
        ids = [each.id for each in notifications_of(platform, uid, MAX_LISTED, unread=True)]
    return [each for each in dict.fromkeys(ids) if set_read(platform, uid, each)]
