"""What every answer of REST keeps to: problems, names of requests, who may read it, and bodies that are bounded."""

from __future__ import annotations

import errno
import io
import json
import re
from dataclasses import replace

import pytest

import wiring
from dailies.domain.errors import StorageFull
from dailies.engine.platform import Platform
from dailies.rest.app import PREFIX
from dailies.rest.table import ROUTES
from dailies.up.identity import development_token
from tests.functions.rest.conftest import Rest

MIB = 1 << 20
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_every_route_wants_a_caller(rest: Rest) -> None:
    for route in ROUTES:
        path = route.path.replace("{job_id}", "0").replace("{key_id}", "0")
        answer = rest(route.method, path, uid=None)
        assert (answer.status_code, answer.json["code"]) == (401, "unauthenticated"), route
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        for shown in ("Bearer x", "Bearer ", "Basic YTpi", "Bearer " + development_token("x/y"), "x" * 9000):
            assert rest(route.method, path, headers={"Authorization": shown}).status_code in (401, 403)


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/nothing", (404, "not_found")),
        ("GET", "/jobs/..", (404, "not_found")),
        ("GET", "/jobs/a%2fb", (404, "not_found")),
        ("GET", f"/jobs/{'x' * 65}", (404, "not_found")),
        ("PUT", "/jobs", (405, "method_not_allowed")),
        ("TRACE", "/jobs", (405, "method_not_allowed")),
    ],
)
def test_what_is_not_there_is_told_as_a_problem(rest: Rest, method: str, path: str, expected: tuple[int, str]) -> None:
    assert rest.refused(method, path) == expected


def test_a_method_that_is_not_there_names_those_that_are(rest: Rest) -> None:
    assert rest("PUT", "/jobs").headers["Allow"] == "GET, HEAD, POST"
    assert rest("HEAD", "/jobs").status_code == 200


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (b"{", "application/json", (400, "invalid_request")),
        (b"[]", "application/json", (400, "invalid_request")),
        (b"[" * 100_000, "application/json", (400, "invalid_request")),
        (b'{"size_bytes": NaN}', "application/json", (400, "invalid_request")),
        (b'{"size_bytes": 1, "odd": 1}', "application/json", (400, "invalid_request")),
        (b'{"size_bytes": true}', "application/json", (400, "invalid_request")),
        (b"\xff", "application/json", (400, "invalid_request")),
        (b"", "application/json", (400, "invalid_request")),
        (b'{"size_bytes": 1}', "text/plain", (415, "unsupported_body")),
        (b"size_bytes=1", "application/x-www-form-urlencoded", (415, "unsupported_body")),
        (b" " * (MIB + 1), "application/json", (413, "body_too_large")),
    ],
)
def test_a_body_that_can_not_be_read(rest: Rest, body: bytes, content_type: str, expected: tuple[int, str]) -> None:
    assert rest.refused("POST", "/uploads", data=body, content_type=content_type) == expected


def test_numbers_are_those_of_json(rest: Rest) -> None:
    answer = rest("POST", "/uploads", data=b'{"size_bytes": 720.0}', content_type="application/json")
    assert answer.status_code == 201


@pytest.mark.parametrize("rest", ["function"], indirect=True)
def test_a_form_above_31_mib_is_shown_the_way_in_the_cloud(
    rest: Rest, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A single machine takes what its own limit allows."""
    cloud = replace(platform, settings=platform.settings.model_copy(update={"project": "my-app"}))
    monkeypatch.setattr(wiring._served, "platform", cloud)
    form = "multipart/form-data; boundary=x"
    answer = rest("POST", "/convert/video-to-audio", data=b"0" * (31 * MIB + 1), content_type=form)
    assert (answer.status_code, answer.json["code"], answer.json["uploads"]) == (
        413,
        "body_too_large",
        "/api/v1/uploads",
    )
    assert "/api/v1/uploads" in answer.json["detail"]


def test_a_request_keeps_its_names(rest: Rest) -> None:
    answer = rest("GET", "/jobs", headers={"traceparent": TRACE, "X-Request-Id": "mine-1"})
    _, trace_id, span, flags = answer.headers["traceparent"].split("-")
    assert (trace_id, flags, answer.headers["X-Request-Id"]) == (TRACE.split("-")[1], "01", "mine-1")
    assert span != TRACE.split("-")[2]
    problem = rest("GET", "/jobs/0", headers={"X-Request-Id": "mine-2"}).json
    assert problem["instance"] == "urn:request:mine-2"


@pytest.mark.parametrize(
    "odd", ["", "x", "00-" + "0" * 32 + "-b7ad6b7169203331-01", "ff" + TRACE[2:], TRACE + "-x" * 9]
)
def test_odd_names_are_replaced(rest: Rest, odd: str) -> None:
    answer = rest("GET", "/jobs", headers={"traceparent": odd, "X-Request-Id": 'a"<b>'})
    assert len(answer.headers["traceparent"]) == len(TRACE)
    assert answer.headers["X-Request-Id"] == answer.headers["traceparent"].split("-")[1] or odd.startswith(TRACE)


def test_a_page_of_any_origin_may_ask(rest: Rest) -> None:
    asked = {"Origin": "http://localhost:3000", "Access-Control-Request-Headers": "authorization, idempotency-key"}
    answer = rest("OPTIONS", "/jobs", uid=None, headers={**asked, "Access-Control-Request-Method": "POST"})
    assert answer.status_code == 204
    assert {"Authorization", "Idempotency-Key", "traceparent"} <= set(
        answer.headers["Access-Control-Allow-Headers"].split(", ")
    )
    assert "DELETE" in answer.headers["Access-Control-Allow-Methods"]
    refused = rest("GET", "/jobs", uid=None, headers={"Origin": "http://localhost:3000"})
    assert {"X-Request-Id", "RateLimit", "Location"} <= set(
        refused.headers["Access-Control-Expose-Headers"].split(", ")
    )


def test_no_answer_is_kept_or_stands_in_a_frame(rest: Rest) -> None:
    headers = rest("GET", "/jobs").headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["Strict-Transport-Security"]


def test_what_may_pass_and_what_is_ours_are_told_apart(rest: Rest, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise StorageFull("No space left on /data: free some.")

    monkeypatch.setattr("dailies.rest.jobs.owned_job", full)
    assert rest.refused("DELETE", "/jobs/0") == (507, "storage_full")

    def broken(*_: object) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr("dailies.rest.jobs.owned_job", broken)
    answer = rest("DELETE", "/jobs/0")
    assert (answer.status_code, answer.json["code"]) == (500, "internal")
    assert "secret" not in json.dumps(answer.json)


@pytest.mark.parametrize("when", ["write", "flush"])
def test_a_form_for_which_there_is_no_space_is_told_so(rest: Rest, monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    volume = type("Volume", (io.BytesIO,), {when: full})
    monkeypatch.setattr("dailies.rest.reading.NamedTemporaryFile", lambda **_: volume())
    form = {"video_file": (io.BytesIO(b"media"), "talk.mp4")}
    assert rest.refused("POST", "/convert/video-to-audio", data=form) == (507, "storage_full")


def test_the_document_is_of_every_route_and_of_nothing_else(rest: Rest) -> None:
    answer = rest("GET", "/openapi.json", uid=None)
    document = answer.json
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert document["servers"] == [{"url": PREFIX}]
    listed = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert listed == {(route.method, route.path) for route in ROUTES}
    ids = [operation["operationId"] for methods in document["paths"].values() for operation in methods.values()]
    assert len(set(ids)) == len(ids)


def test_the_page_of_the_document_loads_nothing_and_shows_every_route(rest: Rest) -> None:
    answer = rest("GET", "/docs", uid=None)
    assert answer.mimetype == "text/html"
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "<script" not in answer.text
    for route in ROUTES:
        assert f'<h2 id="{route.name}">' in answer.text
    links = set(re.findall(r'href="#([^"]+)"', answer.text))
    assert links - set(re.findall(r' id="([^"]+)"', answer.text)) == set()


def test_the_document_tells_outputs_apart_and_their_names(rest: Rest) -> None:
    schemas = rest("GET", "/openapi.json", uid=None).json["components"]["schemas"]
    outputs = schemas["Recipe"]["properties"]["outputs"]
    assert outputs["propertyNames"] == {"pattern": "^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$"}
    assert outputs["additionalProperties"]["discriminator"]["mapping"]["audio"] == "#/components/schemas/AudioOutput"
    assert "kind" in schemas["AudioOutput"]["required"]
    assert schemas["CreateJob"]["properties"]["recipe"]["anyOf"][0] == {"$ref": "#/components/schemas/Recipe"}
