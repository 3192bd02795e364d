"""Every route of `dailies up` and what may come to it: an answer below 500."""

from __future__ import annotations

import base64
import json
import re
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings, strategies as st
from werkzeug.test import EnvironBuilder

from dailies.adapters.local.objects.signed_urls import LocalSignedUrls
from dailies.engine.store.jobs import load_job
from dailies.up.identity import PROJECT, development_token
from tests.functions.conftest import CALLABLES
from tests.functions.serving import BASE, GUARD, TYPES, routes, run, up as up  # noqa: PLC0414 - a fixture
from tests.unit.conftest import World

UPLOAD = {"sizeBytes": 5, "contentType": "video/mp4"}
FIELDS = ["jobId", "recipe", "limit", "sizeBytes", "contentType"]
ODD_ORIGINS = ["http://[::1", "http://evil.example", "null", "http://local\nhost", "//[", "x"]
ODD_IDS = ["..", ".", "__x__", "a" * 5000, "%00", "%ff", "%2e%2e", "a%2fb", "é", "1;x", "%0a", "x" * 64]
ODD_NUMBERS = ["9" * 5000, "-1", "1e3", "0x10", "", "nan", "\uff11", "+1", "1_0", "9" * 19]

odd_text = st.one_of(st.sampled_from(ODD_IDS), st.text(st.characters(max_codepoint=255), max_size=40))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
many = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def token(**changes: Any) -> str:
    """An unsigned token whose claims are whatever the caller likes."""
    now = int(time.time())
    claims = {
        "iss": f"https://securetoken.google.com/{PROJECT}", "aud": PROJECT, "sub": "ann", "user_id": "ann",
        "iat": now, "auth_time": now, "exp": now + 3600, "firebase": {"sign_in_provider": "custom"}, **changes,
    }  # fmt: skip
    parts = ({"alg": "none", "typ": "JWT"}, {name: value for name, value in claims.items() if value is not ...})
    coded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return f"{coded[0]}.{coded[1]}."


def answer(app: Flask, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
    """The status and body of an answer, a stream's only as far as it is there already."""
    builder = EnvironBuilder(method=method, path="/", data=body, headers=[("Host", "localhost")])
    environ = builder.get_environ()
    environ["PATH_INFO"], _, environ["QUERY_STRING"] = path.partition("?")
    for name, value in headers.items():
        key = name.upper()
        environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
    return run(app, environ)


def call(app: Flask, name: str, data: Any, bearer: str | None = None) -> tuple[int, Any]:
    body = json.dumps({"data": data}).encode()
    bearer = development_token("ann") if bearer is None else bearer
    sent = answer(app, "POST", f"/{name}", body, content_type="application/json", authorization=f"Bearer {bearer}")
    return sent[0], json.loads(sent[1])


@many
@given(data=st.data())
def test_no_route_fails_whatever_stands_in_its_path_query_headers_and_body(up: Flask, data: st.DataObject) -> None:
    """One property for all of them, also for those that are added later."""
    method, rule = data.draw(st.sampled_from(routes(up)))
    path = re.sub("<.*?>", lambda _: data.draw(odd_text), rule)
    names = ["token", "uid", "attachment", "expires", "headers", "signature", "limit", "x"]
    asked = data.draw(st.lists(st.sampled_from(names), max_size=3))
    query = "&".join(f"{name}={data.draw(odd_text)}" for name in asked)
    odd_header = st.one_of(st.sampled_from(ODD_NUMBERS), odd_text)
    headers = {
        name: data.draw(values)
        for name, values in {
            "authorization": odd_header.map(lambda text: f"Bearer {text}"),
            "content_range": odd_header.map(lambda text: f"bytes */{text}") | odd_header,
            "range": odd_header.map(lambda text: f"bytes={text}-"),
            "origin": st.sampled_from([*ODD_ORIGINS, "http://localhost:5173"]),
            "host": st.sampled_from(["localhost", "[::1", "[", "a b", "", "127.0.0.1:99999999", "127.0.0.1:x"]),
            "content_type": st.sampled_from([*TYPES, "", "x;"]),
            "ce_specversion": odd_header,
            "access_control_request_headers": odd_header,
        }.items()
        if data.draw(st.booleans())
    }
    body = data.draw(st.one_of(st.binary(max_size=40), json_values.map(lambda value: json.dumps(value).encode())))
    status, told = answer(up, method, f"{path}?{query}", body, **headers)
    assert status < 500, (method, path, query, headers, body)
    assert len(told) < 100_000


@many
@given(name=st.sampled_from(CALLABLES), data=json_values, field=st.sampled_from(FIELDS))
def test_no_call_fails_whatever_its_data(up: Flask, name: str, data: Any, field: str) -> None:
    for sent in (data, {field: data}, {**UPLOAD, field: data}, {**UPLOAD, "recipe": {"outputs": {"a": data}}}):
        status, told = call(up, name, sent)
        assert status < 500, (name, sent, told)
        assert len(json.dumps(told)) < 16_000


@many
@given(data=json_values, attributes=st.dictionaries(st.sampled_from(["time", "id", "data", "type"]), json_values))
def test_no_event_fails_whatever_it_is_about(up: Flask, data: Any, attributes: dict[str, Any]) -> None:
    event = {"specversion": "1.0", "id": "1", "source": "x", "type": "y", "data": data, **attributes}
    body = json.dumps(event).encode()
    assert answer(up, "POST", "/onUpload", body, content_type="application/cloudevents+json")[0] < 500


@pytest.mark.parametrize("missing", ["bucket", "name", "generation", "size", "storageClass", None])
def test_an_event_about_no_object_is_a_bad_request(up: Flask, missing: str | None) -> None:
    data = {
        "bucket": "b", "name": "n", "generation": "1", "id": "x", "metageneration": "1", "size": "1",
        "storageClass": "STANDARD", "customerEncryption": {},
    }  # fmt: skip
    data.pop(missing or "", None)
    event = {"specversion": "1.0", "id": "1", "source": "x", "type": "y", "time": "2026-01-01T00:00:00.000000Z"}
    body = json.dumps({**event, "data": data}).encode()
    status, _ = answer(up, "POST", "/onUpload", body, content_type="application/cloudevents+json")
    assert status == (204 if missing is None else 400)


@pytest.mark.parametrize("claim", [None, 5, [], "x", {"sign_in_provider": 5}, {"sign_in_provider": []}, ...])
def test_a_token_may_say_anything_of_how_its_bearer_signed_in(up: Flask, claim: object) -> None:
    assert call(up, "createUpload", UPLOAD, token(firebase=claim))[0] == 200


@pytest.mark.parametrize("end", ["a second ago", 0, -1, True, "9" * 12, None, [], ...])
def test_a_token_ends(up: Flask, end: object) -> None:
    """Firebase's libraries don't look at the end of an unsigned one."""
    end = int(time.time()) - 1 if end == "a second ago" else end
    status, told = call(up, "createUpload", UPLOAD, token(exp=end))
    assert (status, told["error"]["status"]) == (401, "UNAUTHENTICATED")
    assert answer(up, "GET", f"/operations/1/events?token={token(exp=end)}")[0] == 401


def test_the_server_lists_a_users_jobs(up: Flask, world: World) -> None:
    """Those of the user alone, newest first, whoever began them; without results, which may be long."""

    def listed(uid: str) -> list[dict[str, Any]]:
        status, told = answer(up, "GET", "/operations", authorization=f"Bearer {development_token(uid)}")
        assert status == 200
        found: list[dict[str, Any]] = json.loads(told)["operations"]
        return found

    made = []
    for name in ("a.mp4", "b.mp4"):
        made.append(call(up, "createUpload", {**UPLOAD, "fileName": name})[1]["result"]["jobId"])
        world.clock.pass_by(minutes=1)
    assert [(each["jobId"], each["fileName"]) for each in listed("ann")] == [(made[1], "b.mp4"), (made[0], "a.mp4")]
    assert listed("bob") == []
    call(up, "cancelJob", {"jobId": made[1]})
    assert [each["status"] for each in listed("ann")] == ["cancelled", "awaiting_upload"]
    assert answer(up, "GET", "/operations")[0] == 401


def test_an_upload_that_begins_is_waited_for(up: Flask, world: World, tmp_path: Path) -> None:
    """The session alone is no beginning: its bytes are."""
    wait = timedelta(hours=24)
    for begins in (False, True):
        ticket = call(up, "createUpload", UPLOAD)[1]["result"]
        url = urlsplit(ticket["upload"]["url"])
        headers = {name.replace("-", "_"): value for name, value in ticket["upload"]["headers"].items()}
        assert answer(up, "POST", f"{url.path}?{url.query}", **headers)[0] == 201
        (session,) = (tmp_path / "resumable").glob("*")
        if begins:
            assert answer(up, "PUT", f"/resumable/{session.name}", b"med", content_range="bytes 0-2/*")[0] == 308
        answer(up, "PUT", f"/resumable/{session.name}", content_range="bytes */5")
        job = load_job(world.platform, ticket["jobId"])
        assert (job.deadline - job.created == wait) is begins
        answer(up, "DELETE", f"/resumable/{session.name}")


@pytest.mark.parametrize("job_id", ODD_IDS)
def test_an_odd_job_is_none(up: Flask, job_id: str) -> None:
    status, _ = answer(up, "GET", f"/operations/{job_id}/events?token={development_token('ann')}")
    assert status == 404


@pytest.mark.parametrize("digits", ODD_NUMBERS)
def test_an_odd_range_of_an_object_is_no_fault(up: Flask, world: World, digits: str) -> None:
    """With a signature that is right: the server itself reads the range."""
    wanted = call(up, "createUpload", UPLOAD)[1]["result"]["simpleUpload"]
    url = urlsplit(wanted["url"])
    headers = {name.replace("-", "_"): value for name, value in wanted["headers"].items()}
    odd = answer(up, "PUT", f"{url.path}?{url.query}", b"media", **headers, content_range=f"bytes 0-4/{digits}")
    assert odd[0] < 500
    world.platform.objects.put_bytes("a/b", b"media")
    urls = LocalSignedUrls(BASE, b"key", world.clock)
    download = urls.download("a/b", file_name="x", media_type="audio/mpeg", valid=timedelta(hours=1))
    signed = urlsplit(download.url)
    assert answer(up, "GET", f"{signed.path}?{signed.query}", range=f"bytes={digits}-{digits}")[0] < 500


@pytest.mark.parametrize("origin", ODD_ORIGINS)
def test_a_broken_origin_is_a_stranger(up: Flask, origin: str) -> None:
    assert answer(up, "GET", "/dev/token", origin=origin)[0] == 403


@pytest.mark.parametrize("path", ["/dev/token?uid=\x80", "/operations/1/events?token=\xff", "/objects/a?\x80=1"])
def test_a_query_that_is_no_text_is_a_bad_request(up: Flask, path: str) -> None:
    """Raw bytes, as some clients send them: in WSGI each is a character."""
    assert answer(up, "GET", path)[0] == 400


@pytest.mark.parametrize("name", ["sweep", "advance", "runStep", "deliver", "demo-dailies/us-central1/sweep"])
def test_what_the_platform_calls_is_not_for_everybody(up: Flask, name: str) -> None:
    """In the cloud the identity of the queue's and the scheduler's account is asked for."""
    body = b'{"data": {"job_id": "1"}}'
    for shown in ("", "Bearer ", f"Bearer {development_token('ann')}", "Bearer é"):
        assert answer(up, "POST", f"/{name}", body, content_type="application/json", authorization=shown)[0] == 401
    told = answer(up, "POST", f"/{name}", body, content_type="application/json", authorization=f"Bearer {GUARD}")
    assert told[0] == 200
