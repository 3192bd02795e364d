"""Webhooks' routes, where `dailies up` serves them and where the function does."""

from __future__ import annotations

from typing import Any

import pytest

from dailies.engine.store.jobs import load_job
from dailies.engine.store.webhooks import endpoints_of
from dailies.services.event_readers import relay_events
from tests.functions.rest.conftest import RECIPE, Rest
from tests.functions.rest.test_jobs import completed
from tests.unit.conftest import World

URL = "https://media.test/hook"


def test_an_endpoint_lives_its_life(rest: Rest, world: World) -> None:
    made = rest("POST", "/webhooks", json={"url": URL, "events": ["job.completed"]})
    assert made.status_code == 201, made.json
    webhook = made.json["webhook_id"]
    assert made.json["secret"].startswith("whsec_")
    [listed] = rest("GET", "/webhooks").json["webhooks"]
    assert listed == {name: value for name, value in made.json.items() if name != "secret"}
    renewed = rest("POST", f"/webhooks/{webhook}/rotate", json={"overlap_hours": 0}).json["secret"]
    assert endpoints_of(world.platform, "ann")[webhook].secrets_at(world.clock()) == [renewed]
    assert rest("POST", f"/webhooks/{webhook}/enable").json["disabled"] is None
    for method, path in [("POST", f"/webhooks/{webhook}/enable"), ("DELETE", f"/webhooks/{webhook}")]:
        assert rest.refused(method, path, uid="bob") == (404, "endpoint_not_found")
    assert rest("DELETE", f"/webhooks/{webhook}").status_code == 200
    assert rest("GET", "/webhooks").json["webhooks"] == []


def test_a_secret_is_shown_once(rest: Rest) -> None:
    """A repeated call is told of the same endpoint, without it."""
    first, again = (
        rest("POST", "/webhooks", json={"url": URL}, headers={"Idempotency-Key": "one"}).json for _ in range(2)
    )
    assert again == {**first, "secret": None}
    assert len(rest("GET", "/webhooks").json["webhooks"]) == 1


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"url": "http://media.test/"}, 422, "url_scheme"),
        ({"url": URL, "events": ["job.done"]}, 400, "invalid_request"),
        ({"url": URL, "events": []}, 400, "invalid_request"),
        ({}, 400, "invalid_request"),
    ],
)
def test_what_is_wrong_is_told(rest: Rest, body: Any, status: int, code: str) -> None:
    assert rest.refused("POST", "/webhooks", json=body) == (status, code)


def test_a_key_needs_the_scope(rest: Rest) -> None:
    key = rest("POST", "/keys", json={"name": "ci"}).json["key"]
    bearer = {"Authorization": f"Bearer {key}"}
    for method, path in [("GET", "/webhooks"), ("POST", "/webhooks"), ("GET", "/webhooks/deliveries")]:
        assert rest.refused(method, path, uid=None, headers=bearer) == (403, "scope_missing")


@pytest.mark.parametrize("path", ["/uploads", "/jobs", "/convert/video-to-audio"])
def test_a_job_may_have_a_url_of_its_own(rest: Rest, world: World, path: str) -> None:
    """Once there is a secret for such: whoever makes the job."""
    source = completed(rest, world)
    bodies: dict[str, dict[str, Any]] = {
        "/uploads": {"size_bytes": 5, "recipe": RECIPE},
        "/jobs": {"source": {"kind": "job", "job_id": source, "output": "podcast"}, "recipe": RECIPE},
        "/convert/video-to-audio": {"source_object": f"uploads/ann/{source}/source"},
    }
    body = bodies[path]
    assert rest.refused("POST", path, json={**body, "webhook_url": URL}) == (400, "webhook_secret_missing")
    rest("POST", "/webhooks/jobs/rotate", json={})
    assert rest.refused("POST", path, json={**body, "webhook_url": "http://media.test/"}) == (422, "url_scheme")
    made = rest("POST", path, json={**body, "webhook_url": URL})
    assert made.status_code in {201, 202}, made.json
    assert load_job(world.platform, made.json["job_id"]).webhook == URL
    assert rest("GET", "/webhooks").json["webhooks"] == []


def test_deliveries_are_told_with_their_bodies(rest: Rest, world: World) -> None:
    """And can be replayed by their owner once they have ended."""
    rest("POST", "/webhooks", json={"url": URL, "events": ["job.completed"]})
    job_id = completed(rest, world)
    relay_events(world.platform, job_id)
    [delivery] = rest("GET", "/webhooks/deliveries?limit=5").json["deliveries"]
    assert (delivery["job_id"], delivery["state"], delivery["attempts"]) == (job_id, "pending", [])
    assert job_id in delivery["body"]
    replay = f"/webhooks/deliveries/{delivery['delivery_id']}/replay"
    assert rest.refused("POST", replay) == (409, "delivery_pending")
    assert rest.refused("POST", replay, uid="bob") == (404, "delivery_not_found")
    assert rest("GET", "/webhooks/deliveries", uid="bob").json["deliveries"] == []
