"""The routes that only the page of `dailies up` asks."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dailies.adapters.local.objects.signed_urls import LocalSignedUrls
from dailies.engine.platform import Platform
from dailies.operations import KINDS
from dailies.services.upload_arrived import upload_arrived
from dailies.up.identity import development_token
from tests.functions.serving import BASE, up as up  # noqa: PLC0414 - a fixture
from tests.unit.conftest import World
from tests.unit.services.uploading import DATA, finish, send

ORIGIN = "http://localhost"


@pytest.fixture
def client(up: Flask) -> FlaskClient:
    return up.test_client()


@pytest.fixture
def job_id(world: World, platform: Platform, client: FlaskClient) -> str:
    return ended_job(world, platform, client, "talk.wav")


def ended_job(world: World, platform: Platform, client: FlaskClient, name: str) -> str:
    made = asked(client, "/createUpload", {"data": {"sizeBytes": len(DATA), "contentType": "", "fileName": name}})
    job_id = str(made["result"]["jobId"])
    served = replace(platform, urls=LocalSignedUrls(BASE, b"key", world.clock))
    arrival = send(served, f"uploads/ann/{job_id}/source")
    upload_arrived(served, arrival)
    finish(served, job_id)
    return job_id


def bearer(uid: str = "ann") -> dict[str, str]:
    return {"Authorization": f"Bearer {development_token(uid)}"}


def asked(client: FlaskClient, path: str, body: Any = None, uid: str = "ann") -> Any:
    answer = (
        client.get(path, headers=bearer(uid)) if body is None else client.post(path, json=body, headers=bearer(uid))
    )
    return {**answer.get_json(), "status": answer.status_code}


def test_the_page_may_load_nothing_from_elsewhere_and_stands_in_no_frame(client: FlaskClient) -> None:
    for path in ("/", "/share/anything", "/page/main.js"):
        with client.get(path) as answer:
            policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
        assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == "'self'"
        assert "unsafe" not in str(policy)


def test_the_table_of_kinds_has_each_with_its_fields_and_examples(client: FlaskClient) -> None:
    answer = client.get("/page/kinds.json")
    listed = answer.get_json()
    assert [kind["kind"] for kind in listed] == list(KINDS)
    assert len(answer.data) < 60_000
    for kind in listed:
        assert kind["schema"]["properties"]["kind"]["const"] == kind["kind"]
        recipe = {"outputs": kind["examples"]}
        assert client.post("/page/recipe", json=recipe).get_json() == {"problems": []}


def test_what_is_wrong_with_a_recipe_is_told_by_its_fields(client: FlaskClient) -> None:
    wrong = {"outputs": {"a": {"kind": "audio", "format": "mp4"}, "b": {"kind": "video", "heigth": 3}}}
    problems = client.post("/page/recipe", json=wrong).get_json()["problems"]
    assert {each["field"] for each in problems} == {"outputs.a.format", "outputs.b.heigth"}
    assert client.post("/page/recipe", data="[1", content_type="application/json").status_code == 400


def test_a_shared_result_tells_its_files_and_nothing_of_its_owner(client: FlaskClient, job_id: str) -> None:
    share = asked(client, "/shareResult", {"data": {"jobId": job_id, "seconds": 3600}})["result"]
    assert share["url"].startswith(f"{BASE}/share/")
    path = share["url"].removeprefix(BASE)
    opened = client.get(path.replace("/share/", "/shared/"))
    assert opened.headers["Cache-Control"] == "no-store"
    told = opened.get_json()
    assert set(told) == {"fileName", "expiresAt", "result", "downloads"}
    assert set(told["result"]) == {"outputs", "left_out"}
    assert told["downloads"]["audio"]["fileName"] == "talk-audio.mp3"
    with client.get(path) as page:
        assert page.headers["Referrer-Policy"] == "no-referrer"
    assert client.get(f"{path.replace('/share/', '/shared/')}A").status_code == 403


@pytest.mark.parametrize("seconds", [None, True, "60", 1.5, -1, 1 << 40, 10])
def test_a_share_of_no_sensible_time_is_refused(client: FlaskClient, job_id: str, seconds: object) -> None:
    assert asked(client, "/shareResult", {"data": {"jobId": job_id, "seconds": seconds}})["status"] == 400


def test_another_user_gets_nothing_of_a_job(client: FlaskClient, job_id: str) -> None:
    paths: list[tuple[str, Any]] = [
        ("/shareResult", {"data": {"jobId": job_id, "seconds": 3600}}), ("/runAgain", {"data": {"jobId": job_id}}),
        (f"/operations/{job_id}/recipe", None), (f"/operations/{job_id}/source", None),
        (f"/archive.zip?job={job_id}", None),
    ]  # fmt: skip
    for path, body in paths:
        assert asked(client, path, body, uid="eve")["status"] == 404, path
    assert asked(client, "/clearJobs", {"data": {"jobIds": [job_id]}}, uid="eve")["result"]["jobIds"] == []


def test_all_files_come_in_one_archive_with_a_folder_for_each_job(
    world: World, platform: Platform, client: FlaskClient, job_id: str
) -> None:
    """Called after the sources; what is gone by then is told and stops nothing."""
    second, gone = (ended_job(world, platform, client, name) for name in ("TALK.mp4", "gone.wav"))
    platform.documents.update(f"jobs/{gone}", {"state": "failed"})
    query = "&".join(f"job={each}" for each in (job_id, second, gone))
    answer = client.get(f"/archive.zip?{query}&token={development_token('ann')}")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["talk/talk-audio.mp3", "TALK (2)/TALK-audio.mp3", "left out.txt"]
        assert b"gone: " in archive.read("left out.txt")


def test_a_second_run_is_a_job_of_its_own(client: FlaskClient, job_id: str) -> None:
    recipe = asked(client, f"/operations/{job_id}/recipe")
    recipe.pop("status")
    again = asked(client, "/runAgain", {"data": {"jobId": job_id, "recipe": recipe}})["result"]
    assert again["jobId"] != job_id
    assert again["operationPath"] == f"users/ann/operations/{again['jobId']}"
    assert asked(client, "/runAgain", {"data": {"jobId": job_id, "recipe": {"outputs": 1}}})["status"] == 400


def test_the_list_since_a_time_has_what_changed(client: FlaskClient, job_id: str) -> None:
    everything = asked(client, "/operations")["operations"]
    assert [each["jobId"] for each in everything] == [job_id]
    since = everything[0]["lastUpdate"].replace("+", "%2B")
    assert [each["jobId"] for each in asked(client, f"/operations?since={since}")["operations"]] == [job_id]
    assert asked(client, "/operations?since=2999-01-01T00:00:00Z")["operations"] == []
    for odd in ("yesterday", "2026-01-01", "%00"):
        assert asked(client, f"/operations?since={odd}")["status"] == 400
    assert json.dumps(everything).count("result") == 1
