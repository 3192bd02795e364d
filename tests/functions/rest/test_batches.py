"""Batches' routes, where `dailies up` serves them and where the function does."""

from __future__ import annotations

from typing import Any

import pytest

from dailies.domain.job.batch_ids import job_id_of
from dailies.engine.store.batches import find_batch
from dailies.services.batches.pump import pump_batch
from tests.functions.rest.conftest import RECIPE, Rest
from tests.functions.rest.test_jobs import completed
from tests.unit.conftest import World


def source(rest: Rest, world: World) -> dict[str, Any]:
    return {"kind": "object", "name": f"uploads/ann/{completed(rest, world)}/source"}


def test_a_batch_is_made_told_of_and_ended(rest: Rest, world: World) -> None:
    first = source(rest, world)
    gone = {"kind": "object", "name": "uploads/ann/none/source"}
    of = {"kind": "items", "items": [{"source": first}, {"source": gone}, {"source": first}]}
    made = rest("POST", "/batches", json={"of": of, "recipe": RECIPE})
    assert made.status_code == 202, made.json
    path = made.headers["Location"].removeprefix("/api/v1")
    batch_id = made.json["batch_id"]
    pump_batch(world.platform, batch_id)
    found = find_batch(world.platform, batch_id)
    assert found is not None
    for index in found.live:
        rest.finish(job_id_of(batch_id, index))
    pump_batch(world.platform, batch_id)
    told = rest("GET", path).json
    assert (told["status"], told["progress"], told["ended"]) == ("completed", 100, {"completed": 2, "refused": 1})
    page = rest("GET", f"{path}/items").json
    assert page["next_page"] is None
    assert [each["status"] for each in page["items"]] == ["completed", "refused", "completed"]
    assert page["items"][0]["outputs"]["podcast"]["bytes"] > 0
    assert page["items"][1]["error"]["code"] == "object_not_found"
    assert [each["batch_id"] for each in rest("GET", "/batches").json["batches"]] == [batch_id]
    assert rest("DELETE", path).json["status"] == "completed"
    for method, where in [("GET", path), ("GET", f"{path}/items"), ("DELETE", path)]:
        assert rest.refused(method, where, uid="bob") == (404, "batch_not_found")


@pytest.mark.parametrize("kind", ["jobs", "objects"])
def test_a_backfill_is_over_what_is_there(rest: Rest, world: World, kind: str) -> None:
    """Of the caller's alone."""
    completed(rest, world)
    completed(rest, world)
    of = {"jobs": {"kind": "jobs", "state": "completed"}, "objects": {"kind": "objects", "prefix": "uploads/ann/"}}[
        kind
    ]
    made = rest("POST", "/batches", json={"of": of, "recipe": RECIPE})
    assert made.status_code == 202, made.json
    assert made.json["total"] == 2
    if kind == "objects":
        assert rest.refused("POST", "/batches", uid="bob", json={"of": of}) == (400, "invalid_request")


def test_who_asks_twice_has_one(rest: Rest, world: World) -> None:
    body = {"of": {"kind": "items", "items": [{"source": source(rest, world)}]}, "recipe": RECIPE}
    first, again = (rest("POST", "/batches", json=body, headers={"Idempotency-Key": "b"}).json for _ in range(2))
    assert first == again
    assert len(rest("GET", "/batches").json["batches"]) == 1
