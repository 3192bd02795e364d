"""`dailies notifications`: a job's end is told to who wants to be told, and read."""

from __future__ import annotations

from tests.e2e.in_process import InProcess, dailies as dailies  # noqa: PLC0414 - a fixture


def test_every_command_of_notifications(dailies: InProcess) -> None:
    chosen = dailies("notifications", "on", "in_app", "--event", "job.failed", "--language", "nl")
    assert (chosen["events"], chosen["language"]) == ({"in_app": ["job.failed"]}, "nl")
    assert dailies("notifications", "preferences") == chosen
    assert dailies("notifications", "list", "--unread") == []
    assert dailies("notifications", "list", "--channel", "email") == []
    assert dailies.error("notifications", "list", "--channel", "pigeon", code=1)[0] == "invalid_request"
    assert dailies("notifications", "read") == {"notification_ids": []}
    held = dailies("notifications", "hold", "--digest", "daily", "--quiet", "22:00-07:00", "--time-zone", "Asia/Tokyo")
    assert held == {
        **chosen, "digest": "daily", "quiet_hours": {"begin": "22:00", "end": "07:00"}, "time_zone": "Asia/Tokyo",
    }  # fmt: skip
    assert dailies("notifications", "hold", "--quiet", "00:00-00:00")["quiet_hours"] is None
    for option, wrong in (("--quiet", "22"), ("--digest", "yearly"), ("--time-zone", "Nowhere")):
        assert dailies.error("notifications", "hold", option, wrong, code=1)[0] == "invalid_request"
    assert dailies.error("notifications", "on", "pigeon", code=1)[0] == "invalid_request"
    assert dailies("notifications", "off", "in_app")["events"] == {}
