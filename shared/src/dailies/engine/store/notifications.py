"""Notifications in the document store.

``preferences/{uid}`` has what a user is told of, ``users/{uid}/notifications/{id}`` what was told in the app: its owner
may read it, and mark it as read (infra/firebase/firestore.rules).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dailies.domain.errors import NotFound
from dailies.domain.job.notification import Notification, Preferences
from dailies.domain.job.retention import record_goes
from dailies.engine.platform import Platform
from dailies.ports.documents import Snapshot, Transaction, Where, Writes


def preferences_of(platform: Platform, uid: str) -> Preferences:
    """Of who has said nothing: to be told of nothing."""
    snapshot = platform.documents.get(_preferences_path(uid))
    return Preferences() if snapshot is None else Preferences.model_validate(snapshot.data)


def change_preferences(platform: Platform, uid: str, change: Callable[[Preferences], Preferences]) -> Preferences:
    """Write what ``change`` makes of the user's."""

    def write(transaction: Transaction) -> Preferences:
        snapshot = transaction.get(_preferences_path(uid))
        changed = change(Preferences() if snapshot is None else Preferences.model_validate(snapshot.data))
        transaction.set(_preferences_path(uid), {"uid": uid, **changed.model_dump(mode="json")})
        return changed

    return platform.documents.transaction(write)


def anybody_is_told(platform: Platform, uid: str) -> bool:
    """Whether the user wants to be told of anything, by whatever channel."""
    snapshot = platform.documents.get(_preferences_path(uid))
    return snapshot is not None and any(snapshot.data["events"].values())


def notification_writes(uid: str, made: Sequence[Notification]) -> Writes:
    """What writes them, new, in the form that an app reads."""
    return {_path(uid, each.id): _document(each) for each in made}


def notifications_of(platform: Platform, uid: str, limit: int, *, unread: bool = False) -> list[Notification]:
    """The user's newest, newest first."""
    found = platform.documents.query(
        f"users/{uid}/notifications",
        where=[Where("read", "==", False)] if unread else [],
        order_by="createdAt",
        descending=True,
        limit=limit,
    )
    return [_read(each) for each in found]


def set_read(platform: Platform, uid: str, notification_id: str) -> bool:
    """Mark it as read; whether there is one. Idempotent."""
    try:
        platform.documents.update(_path(uid, notification_id), {"read": True})
    except NotFound:
        return False
    return True


def remove_notifications(platform: Platform, uid: str, job_id: str) -> None:
    """Remove those of a job that goes itself. Idempotent."""
    for found in platform.documents.query(f"users/{uid}/notifications", where=[Where("jobId", "==", job_id)]):
        platform.documents.delete(found.path)


def _document(each: Notification) -> dict[str, Any]:
    return {
        "jobId": each.job_id,
        "eventType": each.event_type,
        "title": each.title,
        "body": each.body,
        "language": each.language,
        "createdAt": each.created,
        "read": each.read,
        "removeAfter": record_goes(each.created),
    }


def _read(snapshot: Snapshot) -> Notification:
    found = snapshot.data
    return Notification(
        id=snapshot.path.rpartition("/")[2],
        job_id=found["jobId"],
        event_type=found["eventType"],
        title=found["title"],
        body=found["body"],
        language=found["language"],
        created=found["createdAt"],
        read=found["read"],
    )


def _path(uid: str, notification_id: str) -> str:
    return f"users/{uid}/notifications/{notification_id}"


def _preferences_path(uid: str) -> str:
    return f"preferences/{uid}"
