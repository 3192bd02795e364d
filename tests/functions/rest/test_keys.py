"""API keys, limits and Idempotency-Key at the door, where `dailies up` serves it and where the function does."""

from __future__ import annotations

import io
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

import wiring
from dailies.domain.errors import TransientError
from dailies.engine.platform import Platform
from dailies.services.create_upload import create_upload
from tests.functions.rest.conftest import RECIPE, Rest
from tests.unit.conftest import World

CREATE_UPLOAD = "dailies.rest.making.create_upload"
ENQUEUE = "dailies.services.queued_job.enqueue_advance"
UPLOAD = {"size_bytes": 5, "content_type": "video/mp4", "recipe": RECIPE}


def new_key(rest: Rest, **wanted: Any) -> tuple[str, dict[str, str]]:
    answer = rest("POST", "/keys", json={"name": "ci", **wanted})
    assert answer.status_code == 201, answer.json
    return answer.json["key_id"], {"Authorization": f"Bearer {answer.json['key']}"}


def jobs_of(rest: Rest) -> list[str]:
    return [job["job_id"] for job in rest("GET", "/jobs?limit=100").json["jobs"]]


def test_a_program_asks_with_a_key_until_it_is_revoked(rest: Rest) -> None:
    key_id, bearer = new_key(rest)
    made = rest("POST", "/uploads", uid=None, json=UPLOAD, headers=bearer)
    assert made.status_code == 201
    assert jobs_of(rest) == [made.json["job_id"]]
    other = {"X-API-Key": bearer["Authorization"].removeprefix("Bearer ")}
    assert rest("GET", "/jobs", uid=None, headers=other).status_code == 200
    [listed] = rest("GET", "/keys").json["keys"]
    assert "key" not in listed
    assert listed["last_used_at"] is not None
    assert rest.refused("DELETE", f"/keys/{key_id}", uid="bob") == (404, "key_not_found")
    assert rest("DELETE", f"/keys/{key_id}").json["revoked_at"] is not None
    assert rest.refused("GET", "/jobs", uid=None, headers=bearer) == (401, "key_refused")


def test_a_key_can_do_what_its_scopes_say(rest: Rest) -> None:
    _, reader = new_key(rest, scopes=["jobs:read"])
    assert rest("GET", "/jobs", uid=None, headers=reader).status_code == 200
    for method, path, body in [
        ("POST", "/uploads", UPLOAD),
        ("DELETE", "/jobs/0", None),
        ("POST", "/keys", {"name": "x"}),
    ]:
        assert rest.refused(method, path, uid=None, headers=reader, json=body) == (403, "scope_missing")
    _, maker = new_key(rest, scopes=["keys"])
    assert rest.refused("POST", "/keys", uid=None, headers=maker, json={"name": "x"}) == (403, "scope_missing")
    assert rest("POST", "/keys", uid=None, headers=maker, json={"name": "x", "scopes": ["keys"]}).status_code == 201


def test_a_rotated_key_has_two_secrets_for_a_while(rest: Rest, world: World) -> None:
    key_id, before = new_key(rest)
    after = {"Authorization": f"Bearer {rest('POST', f'/keys/{key_id}/rotate').json['key']}"}
    for bearer in (before, after):
        assert rest("GET", "/jobs", uid=None, headers=bearer).status_code == 200
    world.clock.pass_by(hours=24)
    assert rest.refused("GET", "/jobs", uid=None, headers=before) == (401, "key_refused")
    assert rest("GET", "/jobs", uid=None, headers=after).status_code == 200


@pytest.mark.parametrize("rest", ["function"], indirect=True)
def test_a_limit_is_told_and_kept(
    rest: Rest, world: World, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, bearer = new_key(rest)
    strict = platform.settings.model_copy(update={"api_key_requests_per_minute": 5})
    monkeypatch.setattr(wiring._served, "platform", replace(platform, settings=strict))
    first = rest("GET", "/jobs", uid=None, headers=bearer)
    assert first.headers["RateLimit-Policy"] == '"default";q=5;w=60'
    assert first.headers["RateLimit"] == '"default";r=4;t=12'
    last = [rest("GET", "/jobs", uid=None, headers=bearer) for _ in range(4)][-1]
    assert last.headers["RateLimit"] == '"default";r=0;t=60'
    refused = rest("GET", "/jobs", uid=None, headers=bearer)
    assert (refused.status_code, refused.json["code"], refused.headers["Retry-After"]) == (
        429,
        "too_many_requests",
        "12",
    )
    assert refused.json["type"] == "https://iana.org/assignments/http-problem-types#quota-exceeded"
    assert rest("GET", "/jobs").status_code == 200
    world.clock.pass_by(seconds=12)
    assert rest("GET", "/jobs", uid=None, headers=bearer).status_code == 200


@pytest.mark.parametrize("rest", ["function"], indirect=True)
def test_of_200_posts_at_once_exactly_the_limit_passes(
    rest: Rest, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, bearer = new_key(rest)
    strict = platform.settings.model_copy(update={"api_key_requests_per_minute": 37, "quota_waiting_uploads": 1000})
    monkeypatch.setattr(wiring._served, "platform", replace(platform, settings=strict))

    def ask(_: int) -> int:
        return int(rest("POST", "/uploads", uid=None, json=UPLOAD, headers=bearer).status_code)

    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(ask, range(200)))
    assert (found.count(201), found.count(429)) == (37, 163)
    assert len(jobs_of(rest)) == 37


def test_the_same_key_and_body_make_one_job(rest: Rest, world: World) -> None:
    headers = {"Idempotency-Key": "first"}
    first = rest("POST", "/uploads", json=UPLOAD, headers=headers)
    again = rest("POST", "/uploads", json=dict(reversed(UPLOAD.items())), headers={"Idempotency-Key": '"first"'})
    assert (again.status_code, again.json, again.headers["Location"]) == (201, first.json, first.headers["Location"])
    assert (again.headers["Idempotent-Replay"], "Idempotent-Replay" in first.headers) == ("true", False)
    other = {**UPLOAD, "size_bytes": 6}
    assert rest.refused("POST", "/uploads", json=other, headers=headers) == (422, "idempotency_key_reused")
    assert rest.refused("POST", "/plan", json={}, headers=headers)[0] == 400
    assert rest("POST", "/uploads", json=UPLOAD, headers=headers, uid="bob").json["job_id"] != first.json["job_id"]
    assert jobs_of(rest) == [first.json["job_id"]]
    for odd in ("", " ", "x" * 256, "é", '"'):
        assert rest.refused("POST", "/uploads", json=UPLOAD, headers={"Idempotency-Key": odd})[0] == 400, odd
    world.clock.pass_by(hours=24)
    assert rest("POST", "/uploads", json=UPLOAD, headers=headers).json["job_id"] != first.json["job_id"]


def test_a_form_is_the_same_by_its_file(rest: Rest) -> None:
    def send(data: bytes) -> Any:
        form = {"video_file": (io.BytesIO(data), "talk.mp4")}
        return rest("POST", "/convert/video-to-audio", data=form, headers={"Idempotency-Key": "k"})

    first = send(b"media")
    # Of another boundary.
    assert send(b"media").json == first.json
    assert send(b"other").status_code == 422


def test_a_refusal_makes_nothing_and_is_no_answer_for_ever(rest: Rest, monkeypatch: pytest.MonkeyPatch) -> None:
    headers = {"Idempotency-Key": "k"}
    made = create_upload

    def away(*asked: Any, **wanted: Any) -> Any:
        made(*asked, **wanted)
        raise TransientError("The store is away: ask again.")

    monkeypatch.setattr(CREATE_UPLOAD, away)
    assert rest("POST", "/uploads", json=UPLOAD, headers=headers).status_code == 503
    monkeypatch.setattr(CREATE_UPLOAD, made)
    assert rest("POST", "/uploads", json=UPLOAD, headers=headers).status_code == 201
    assert len(jobs_of(rest)) == 1


def test_a_job_whose_task_came_to_nothing_keeps_its_source(
    rest: Rest, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise TransientError("The queue is away: ask again.")

    def send() -> Any:
        form = {"video_file": (io.BytesIO(b"media"), "talk.mp4")}
        return rest("POST", "/convert/video-to-audio", data=form, headers={"Idempotency-Key": "k"})

    with monkeypatch.context() as broken:
        broken.setattr(ENQUEUE, away)
        assert send().status_code == 503
    job_id = send().json["job_id"]
    rest.finish(job_id)
    assert [(job["job_id"], job["status"]) for job in rest("GET", "/jobs").json["jobs"]] == [(job_id, "completed")]


def test_what_is_no_unicode_is_refused_the_same_with_a_key(rest: Rest) -> None:
    body = '{"source": {"kind": "url", "url": "https://example.org/a"}, "recipe": {"outputs": {"a": "\\ud800"}}}'
    sent: dict[str, Any] = {"data": body, "content_type": "application/json"}
    assert rest.refused("POST", "/jobs", **sent) == (400, "invalid_recipe")
    assert rest.refused("POST", "/jobs", **sent, headers={"Idempotency-Key": "k"}) == (400, "invalid_recipe")


def test_of_twenty_callers_at_once_one_makes_the_job(rest: Rest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others hear that it is under way, or are told the same."""
    made, under_way = create_upload, threading.Event()

    def slow(*asked: Any, **wanted: Any) -> Any:
        under_way.wait(10)
        return made(*asked, **wanted)

    monkeypatch.setattr(CREATE_UPLOAD, slow)

    def ask(_: int) -> Any:
        answer = rest("POST", "/uploads", json=UPLOAD, headers={"Idempotency-Key": "k"})
        if answer.status_code == 409:
            under_way.set()
        return answer

    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(ask, range(20)))
    assert {answer.status_code for answer in found} == {201, 409}
    assert {answer.json["code"] for answer in found if answer.status_code == 409} == {"idempotency_in_flight"}
    assert {answer.headers["Retry-After"] for answer in found if answer.status_code == 409} == {"1"}
    [job_id] = {answer.json["job_id"] for answer in found if answer.status_code == 201}
    assert jobs_of(rest) == [job_id]


def test_a_key_s_secret_is_kept_in_no_answer(rest: Rest, platform: Platform) -> None:
    first = rest("POST", "/keys", json={"name": "ci"}, headers={"Idempotency-Key": "k"})
    again = rest("POST", "/keys", json={"name": "ci"}, headers={"Idempotency-Key": "k"})
    assert (again.json["key_id"], again.json["key"]) == (first.json["key_id"], None)
    for collection in ("api_keys", "idempotency"):
        for kept in platform.documents.query(collection):
            assert first.json["key"].rpartition("_")[2] not in str(kept.data)
