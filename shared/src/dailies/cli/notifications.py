"""What ``dailies notifications …`` does, on this machine's store or on the deployment that the settings name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from dailies.cli.console import Console
from dailies.cli.opened import opened
from dailies.domain.job.holding import Holding
from dailies.domain.job.notification import TOLD_EVENTS, Channel, Language, Notification, Preferences
from dailies.services.notifications.inbox import list_notifications, mark_read
from dailies.services.notifications.preferences import get_preferences, set_preferences


def show(console: Console, uid: str, limit: int, *, unread: bool, channel: str) -> None:
    with opened() as platform:
        found = list_notifications(platform, uid, limit, unread=unread, channel=channel)
    console.emit([_document(each) for each in found], "\n".join(map(_line, found)) or "Nothing was told.")


def read(console: Console, uid: str, ids: Sequence[str] | None) -> None:
    with opened() as platform:
        found = mark_read(platform, uid, ids or None)
    console.emit({"notification_ids": found}, f"{len(found)} marked as read.")


def preferences(console: Console, uid: str) -> None:
    with opened() as platform:
        _emit(console, get_preferences(platform, uid))


def turn_on(console: Console, uid: str, channel: str, events: Sequence[str] | None, language: str | None) -> None:
    with opened() as platform:
        chosen = {cast("Channel", channel): events or TOLD_EVENTS}
        _emit(console, set_preferences(platform, uid, chosen, cast("Language | None", language)))


def turn_off(console: Console, uid: str, channel: str) -> None:
    with opened() as platform:
        _emit(console, set_preferences(platform, uid, {cast("Channel", channel): ()}))


def hold(console: Console, uid: str, digest: str | None, quiet: str | None, time_zone: str | None) -> None:
    begin, _, end = ("" if quiet is None else quiet).partition("-")
    hours = None if quiet is None else {"begin": begin, "end": end}
    with opened() as platform:
        _emit(console, set_preferences(platform, uid, {}, digest=digest, quiet_hours=hours, time_zone=time_zone))


def _emit(console: Console, wanted: Preferences) -> None:
    chosen = wanted.chosen
    lines = [f"{channel}  {' '.join(types)}" for channel, types in chosen.items()]
    text = "\n".join(lines) or "Nothing is told: `dailies notifications on in_app`."
    held = wanted.holding.model_dump(mode="json")
    console.emit({"events": chosen, "language": wanted.language, **held}, text + _held(wanted.holding))


def _held(holding: Holding) -> str:
    quiet = holding.quiet_hours
    parts = [
        *([] if holding.digest == "none" else [f"{holding.digest}, in one"]),
        *([] if quiet is None else [f"not from {quiet.begin} to {quiet.end}"]),
    ]
    return f"\nE-mail comes {', '.join(parts)} ({holding.time_zone})." if parts else ""


def _document(each: Notification) -> dict[str, Any]:
    return each.model_dump(mode="json")


def _line(each: Notification) -> str:
    parts: tuple[str | None, ...]
    if each.channel == "email":
        parts = (each.id, each.state, each.title, each.reason)
    else:
        parts = (f"{'' if each.read else '* '}{each.id}", each.title, each.body)
    return "  ".join(part for part in parts if part)
