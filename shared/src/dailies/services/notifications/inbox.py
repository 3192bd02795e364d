"""What a user was told in the app: listed, and marked as read."""

from __future__ import annotations

from collections.abc import Sequence

from dailies.domain.job.notification import Notification
from dailies.domain.job.uploads import check_uid
from dailies.engine.platform import Platform
from dailies.engine.store.notifications import notifications_of, set_read

MAX_LISTED = 200


def list_notifications(platform: Platform, uid: str, limit: int, *, unread: bool = False) -> list[Notification]:
    """The newest first, or of those the ones that were not read. Raises Forbidden."""
    check_uid(uid)
    return notifications_of(platform, uid, min(limit, MAX_LISTED), unread=unread)


def mark_read(platform: Platform, uid: str, ids: Sequence[str] | None = None) -> list[str]:
    """Mark these as read, by default the newest ``MAX_LISTED`` that aren't; returns which there are. Idempotent.

    Raises Forbidden.
    """
    check_uid(uid)
    if ids is None:
        ids = [each.id for each in notifications_of(platform, uid, MAX_LISTED, unread=True)]
    return [each for each in dict.fromkeys(ids) if set_read(platform, uid, each)]
