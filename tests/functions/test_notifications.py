"""The callables of notifications: one's own alone, and as the service has them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

import wiring
from dailies.bootstrap.parts import mailer
from dailies.engine.platform import Platform
from dailies.services.event_readers import relay_events
from dailies.services.notifications.preferences import set_preferences
from tests.functions.test_create_from_job import made

Call = Callable[..., tuple[int, dict[str, Any]]]


def test_an_end_is_told_listed_and_read(platform: Platform, call: Call) -> None:
    status, answer = call("notificationPreferences", {"events": {"in_app": ["job.completed"]}, "language": "nl"})
    held = {"digest": "none", "quietHours": None, "timeZone": "UTC"}
    assert (status, answer["result"]) == (200, {"events": {"in_app": ["job.completed"]}, "language": "nl", **held})
    assert call("notificationPreferences", {})[1] == answer
    job_id = made(platform)
    relay_events(platform, job_id)
    [told] = call("listNotifications", {"unread": True})[1]["result"]["notifications"]
    assert (told["jobId"], told["title"], told["read"]) == (job_id, "Je bestand is klaar", False)
    ids = [told["notificationId"]]
    assert call("readNotifications", {"notificationIds": ids}, "bob")[1]["result"] == {"notificationIds": []}
    assert call("readNotifications", {})[1]["result"] == {"notificationIds": ids}
    assert call("listNotifications", {"unread": True})[1]["result"] == {"notifications": []}
    quiet = {"quietHours": {"begin": "22:00", "end": "07:00"}, "timeZone": "Europe/Amsterdam"}
    told_when = call("notificationPreferences", {"events": {"in_app": []}, **quiet})[1]["result"]
    assert told_when == {"events": {}, "language": "nl", "digest": "none", **quiet}


def test_e_mail_is_refused_where_none_leaves(call: Call) -> None:
    status, answer = call("notificationPreferences", {"events": {"email": ["job.failed"]}})
    assert (status, answer["error"]["details"]["code"]) == (400, "mail_off")


def test_the_queue_has_an_e_mail_sent(
    platform: Platform, post: Call, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = platform.settings.model_copy(update={"mail": "collection", "mail_to": "me@example.org"})
    mailed = replace(platform, settings=settings, mailer=mailer(settings, platform.documents))
    monkeypatch.setattr(wiring._served, "platform", mailed)
    set_preferences(mailed, "ann", {"email": ["job.completed"]})
    relay_events(mailed, made(mailed))
    [outgoing] = mailed.documents.query("mail_outbox")
    body = json.dumps({"data": {"mail": outgoing.data["id"]}}).encode()
    assert [post("deliver", body)[0] for _ in range(2)] == [200, 200]
    assert [each.data["to"] for each in mailed.documents.query("mail")] == [["me@example.org"]]
    assert post("deliver", b'{"data": {"mail": "../x"}}')[0] == 200
    [told] = call("listNotifications", {"channel": "email"})[1]["result"]["notifications"]
    assert (told["notificationId"], told["state"], told["reason"]) == (outgoing.data["id"], "sent", None)
    assert call("listNotifications", {"channel": "email", "unread": True})[0] == 400
    assert call("listNotifications", {"channel": "email"}, "bob")[1]["result"]["notifications"] == []


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("notificationPreferences", {"events": {"pigeon": []}}),
        ("notificationPreferences", {"events": {"in_app": ["step.done"]}}),
        ("notificationPreferences", {"language": "tlh"}),
        ("notificationPreferences", {"timeZone": "Mars/Olympus"}),
        ("notificationPreferences", {"quietHours": {"begin": "7"}}),
        ("listNotifications", {"limit": 0}),
        ("readNotifications", {"notificationIds": ["../x"]}),
    ],
)
def test_what_is_wrong_is_told(call: Call, name: str, data: dict[str, Any]) -> None:
    status, answer = call(name, data)
    assert (status, answer["error"]["details"]["code"]) == (400, "invalid_request")
