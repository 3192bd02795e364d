"""`dailies notifications`: a job's end is told to who wants to be told, and read."""

from __future__ import annotations

from tests.e2e.in_process import InProcess, dailies as dailies  # noqa: PLC0414 - a fixture


def test_every_command_of_notifications(dailies: InProcess) -> None:
    chosen = dailies("notifications", "on", "in_app", "--event", "job.failed", "--language", "nl")
    assert chosen == {"events": {"in_app": ["job.failed"]}, "language": "nl"}
    assert dailies("notifications", "preferences") == chosen
    assert dailies("notifications", "list", "--unread") == []
    assert dailies("notifications", "read") == {"notification_ids": []}
    assert dailies.error("notifications", "on", "pigeon", code=1)[0] == "invalid_request"
    assert dailies("notifications", "off", "in_app")["events"] == {}
