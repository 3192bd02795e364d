"""What Terraform's TTL policies go by is what the engine writes: no document stays for ever."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta

from dailies.domain.errors import PermanentError
from dailies.engine.platform import Platform
from dailies.engine.store.jobs import fail_job
from dailies.services.upkeep.housekeeping import collect_garbage
from dailies.services.upload_arrived import upload_arrived
from tests.unit.conftest import UID, World, world as world  # noqa: PLC0414 - a fixture
from tests.unit.services.uploading import announce, arrive, finish, platform as platform  # noqa: PLC0414 - a fixture

from .terraform_text import ROOT, TERRAFORM, source

COLLECTIONS = {
    "events": "", "jobs": "jobs", "leases": "leases", "operations": f"users/{UID}/operations", "queues": "queues",
    "quotas": "quotas", "spending": "spending",
}  # fmt: skip
#: What REST keeps goes by its own times: tests/contract/test_api_stores.py.
OF_THE_DOOR = {
    "api_keys",
    "batches",
    "deliveries",
    "idempotency",
    "items",
    "mail",
    "mail_outbox",
    "notifications",
    "rates",
    "relayed",
    "unheard",
}


def ttl_fields() -> dict[str, str]:
    found = re.search(r"ttl_fields = \{(.*?)\n  \}", source(TERRAFORM / "modules" / "platform"), re.DOTALL)
    assert found is not None
    return dict(re.findall(r'(\w+) += "(\w+)"', found[1]))


def folders(platform: Platform, name: str) -> list[str]:
    """The collections of that name."""
    if name == "events":
        return [f"{snapshot.path}/events" for snapshot in platform.documents.query("jobs")]
    return [COLLECTIONS[name]]


def expiries(platform: Platform) -> dict[str, list[object]]:
    fields, documents = ttl_fields(), platform.documents
    return {
        name: [found.data.get(fields[name]) for folder in folders(platform, name) for found in documents.query(folder)]
        for name in COLLECTIONS
    }


def test_an_unfinished_job_is_never_removed(platform: Platform) -> None:
    """The time is written with the end, whatever that is."""
    assert set(ttl_fields()) == {*COLLECTIONS, *OF_THE_DOOR, "reports", "workers"}
    waiting, failed = announce(platform), announce(platform)
    fail_job(platform, failed.job_id, PermanentError("No."))
    upload_arrived(platform, arrive(platform, waiting))
    for name in ("jobs", "operations"):
        assert [each is None for each in expiries(platform)[name]].count(True) == 1, name


def test_nothing_is_left_after_a_month(world: World, platform: Platform) -> None:
    """On this machine `gc` goes by the same times."""
    platform = replace(platform, settings=platform.settings.model_copy(update={"max_running_jobs": 1}))
    ticket = announce(platform)
    upload_arrived(platform, arrive(platform, ticket))
    finish(platform, ticket.job_id)
    now = platform.now()
    for name, times in expiries(platform).items():
        assert times, name
        for each in times:
            assert isinstance(each, datetime), name
            assert timedelta(hours=48) <= each - now <= timedelta(days=30), name
    world.clock.pass_by(days=31)
    collect_garbage(platform)
    assert {name: len(times) for name, times in expiries(platform).items()} == dict.fromkeys(COLLECTIONS, 0)


def test_the_firebase_cli_deploys_the_same_policies() -> None:
    """Whoever deploys without Terraform has them from firestore.indexes.json."""
    overrides = json.loads((ROOT / "infra" / "firebase" / "firestore.indexes.json").read_text())["fieldOverrides"]
    assert {each["collectionGroup"]: each["fieldPath"] for each in overrides if each.get("ttl")} == ttl_fields()
    variables = source(TERRAFORM / "modules" / "firestore")
    unindexed = re.findall(r'"(\w+/\w+)"', variables.partition('variable "unindexed_fields"')[2].partition("}")[0])
    assert [f"{each['collectionGroup']}/{each['fieldPath']}" for each in overrides if not each.get("ttl")] == unindexed
    assert {tuple(each["indexes"]) for each in overrides} == {()}
