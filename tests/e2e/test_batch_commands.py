"""`dailies batch` and `dailies webhooks`, every command of them, on a store that no server works on."""

from __future__ import annotations

import json
from pathlib import Path

from tests.e2e.in_process import InProcess, dailies as dailies  # noqa: PLC0414 - a fixture

HOOK = "https://media.test/hook"


def test_an_endpoint_is_kept_by_commands(dailies: InProcess) -> None:
    added = dailies("webhooks", "add", HOOK, "--event", "job.completed")
    webhook = added["webhook_id"]
    [listed] = dailies("webhooks", "list")
    assert (listed["url"], listed["events"], "secret" in listed) == (HOOK, ["job.completed"], False)
    assert dailies("webhooks", "rotate", webhook)["secret"] != added["secret"]
    assert dailies("webhooks", "rotate", "jobs")["secret"].startswith("whsec_")
    assert dailies("webhooks", "enable", webhook)["disabled"] is None
    assert dailies("webhooks", "deliveries") == []
    assert dailies.error("webhooks", "replay", "msg_" + "0" * 32, code=1)[0] == "delivery_not_found"
    assert dailies("webhooks", "remove", webhook)["webhook_id"] == webhook
    assert dailies("webhooks", "list") == []


def test_a_batch_is_begun_told_of_and_ended_by_commands(dailies: InProcess, tmp_path: Path) -> None:
    items = tmp_path / "items.json"
    items.write_text(json.dumps([{"source": {"kind": "url", "url": "https://media.test/a.mp4"}}] * 2))
    made = dailies("batch", "create", items)
    assert (made["state"], made["total"]) == ("running", 2)
    assert [each["id"] for each in dailies("batch", "list")] == [made["id"]]
    shown = dailies("batch", "show", made["id"])
    assert [each["state"] for each in shown["items"]] == ["waiting", "waiting"]
    assert dailies("batch", "cancel", made["id"])["state"] == "cancelled"
    items.write_text('[{"source": {"kind": "disc"}}]')
    assert dailies.error("batch", "create", items, code=1)[0] == "invalid_request"
    assert dailies.error("batch", "create", items, "--jobs", code=1)[0] == "invalid_request"
