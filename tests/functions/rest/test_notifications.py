"""Notifications' routes, where `dailies up` serves them and where the function does."""

from __future__ import annotations

from typing import Any

import pytest

from dailies.services.event_readers import relay_events
from dailies.services.notifications.preferences import set_preferences
from tests.functions.rest.conftest import Rest
from tests.functions.rest.test_jobs import completed
from tests.unit.conftest import World


def test_an_end_is_told_listed_and_read(rest: Rest, world: World) -> None:
    quiet = {"begin": "22:00", "end": "07:00"}
    chosen = {
        "events": {"in_app": ["job.completed"]}, "language": "en", "digest": "daily", "quiet_hours": quiet,
        "time_zone": "Europe/Amsterdam",
    }  # fmt: skip
    assert rest("POST", "/notifications/preferences", json=chosen).json == chosen
    assert rest("GET", "/notifications/preferences").json == chosen
    job_id = completed(rest, world)
    relay_events(world.platform, job_id)
    [told] = rest("GET", "/notifications?unread=true").json["notifications"]
    assert (told["job_id"], told["event_type"], told["read"]) == (job_id, "job.completed", False)
    ids = {"notification_ids": [told["notification_id"]]}
    assert rest("POST", "/notifications/read", json=ids, uid="bob").json == {"notification_ids": []}
    assert rest("POST", "/notifications/read", json={}).json == ids
    assert rest("GET", "/notifications?unread=true").json["notifications"] == []
    assert [each["read"] for each in rest("GET", "/notifications").json["notifications"]] == [True]
    assert rest("GET", "/notifications", uid="bob").json["notifications"] == []


def test_what_came_of_an_e_mail_is_told(rest: Rest, world: World) -> None:
    platform = world.with_settings(mail="smtp")
    set_preferences(platform, "ann", {"email": ["job.completed"]})
    job_id = completed(rest, world)
    relay_events(platform, job_id)
    [told] = rest("GET", "/notifications?channel=email").json["notifications"]
    assert (told["job_id"], told["channel"], told["state"]) == (job_id, "email", "pending")
    assert rest("GET", "/notifications").json["notifications"] == []
    assert rest.refused("GET", "/notifications?channel=email&unread=true") == (400, "invalid_request")
    assert rest.refused("GET", "/notifications?channel=pigeon") == (400, "invalid_request")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/notifications/preferences", {"events": {"pigeon": []}}),
        ("/notifications/preferences", {"events": {"in_app": ["step.done"]}}),
        ("/notifications/preferences", {"language": "tlh"}),
        ("/notifications/preferences", {"digest": "yearly"}),
        ("/notifications/preferences", {"quiet_hours": {"begin": "22:00", "end": "24:00"}}),
        ("/notifications/preferences", {"time_zone": "../etc/passwd"}),
        ("/notifications/read", {"notification_ids": ["../x"]}),
    ],
)
def test_what_is_wrong_is_told(rest: Rest, path: str, body: Any) -> None:
    assert rest.refused("POST", path, json=body) == (400, "invalid_request")


def test_a_key_needs_the_scope(rest: Rest) -> None:
    key = rest("POST", "/keys", json={"name": "ci"}).json["key"]
    bearer = {"Authorization": f"Bearer {key}"}
    assert rest.refused("GET", "/notifications", uid=None, headers=bearer) == (403, "scope_missing")
