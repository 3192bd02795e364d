"""What is done with jobs that have ended, by the deployed functions: links, second runs, a list that is cleared."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

import main
import wiring
from dailies.domain.job.job import JobState
from dailies.engine.platform import Platform
from dailies.engine.store.jobs import load_job
from dailies.services.upload_arrived import upload_arrived
from dailies.up import shared
from tests.unit.conftest import World
from tests.unit.services.uploading import DATA, finish, send

Call = Callable[..., tuple[int, dict[str, Any]]]
ADDRESS = "https://share-42.europe-west1.run.app"


@pytest.fixture
def platform(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Platform:
    settings = platform.settings.model_copy(update={"share_url": ADDRESS})
    served = replace(platform, settings=settings)
    monkeypatch.setattr(wiring._served, "platform", served)
    return served


@pytest.fixture
def job_id(platform: Platform, call: Call) -> str:
    _, made = call("createUpload", {"sizeBytes": len(DATA), "contentType": "audio/wav", "fileName": "talk.wav"})
    found = str(made["result"]["jobId"])
    upload_arrived(platform, send(platform, f"uploads/ann/{found}/source"))
    finish(platform, found)
    return found


@pytest.fixture
def anybody() -> Iterator[FlaskClient]:
    """A browser without an account at the address of ``share``: every path is the function's."""
    app = Flask(__name__)
    for rule in ("/", "/<path:path>"):
        app.add_url_rule(rule, rule, lambda **_: main.share(request), methods=["GET", "HEAD", "POST", "PUT", "DELETE"])
    with app.test_client() as client:
        yield client


def test_a_link_opens_one_result_for_whoever_has_it(call: Call, anybody: FlaskClient, job_id: str) -> None:
    """By the address in it alone, and nothing is told of whom it belongs to."""
    status, made = call("shareResult", {"jobId": job_id, "seconds": 3600})
    assert status == 200
    path = made["result"]["url"].removeprefix(ADDRESS)
    with anybody.get(path) as page:
        assert page.mimetype == "text/html"
        assert page.headers["Referrer-Policy"] == "no-referrer"
        policy = dict(part.split(" ", 1) for part in page.headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["media-src"] == "'self' blob: http://here"
    opened = anybody.get(path.replace("/share/", "/shared/"))
    told = opened.get_json()
    assert set(told) == {"fileName", "expiresAt", "result", "downloads"}
    assert set(told["result"]) == {"outputs", "left_out"}
    assert told["expiresAt"] == made["result"]["expiresAt"]
    assert told["downloads"]["audio"]["fileName"] == "talk-audio.mp3"
    assert (opened.headers["Cache-Control"], opened.headers["Access-Control-Allow-Origin"]) == ("no-store", "*")


def test_the_page_of_a_link_finds_all_of_its_parts_and_no_other_file(anybody: FlaskClient) -> None:
    """Also below another path: what it loads is named from where it is."""
    named = set(re.findall(r'"(?:\.\./page/|\./)([\w.]+)"', (shared.FOLDER / "share.html").read_text(encoding="utf-8")))
    parts: set[str] = set()
    while more := named - parts:
        parts |= more
        for name in more:
            named |= set(re.findall(r' from "\./(\w+\.js)"', (shared.FOLDER / name).read_text(encoding="utf-8")))
    assert parts == set(shared.PARTS)
    for name in parts:
        with anybody.get(f"/page/{name}") as answer:
            assert answer.status_code == 200, name
    for path in (
        "/",
        "/page/main.js",
        "/page/..%2Fshared.py",
        "/page/index.html",
        "/share/a/b",
        "/shared/",
        "/shareResult",
    ):
        assert anybody.get(path).status_code == 404, path


def test_a_link_that_was_changed_or_has_ended_opens_nothing(
    world: World, call: Call, anybody: FlaskClient, job_id: str
) -> None:
    made = call("shareResult", {"jobId": job_id, "seconds": 3600})[1]["result"]
    path = made["url"].removeprefix(ADDRESS).replace("/share/", "/shared/")
    job, expires, signature = path.rpartition("/")[2].split(".")
    for changed in (f"{job}.{int(expires) + 1}.{signature}", f"{'x' * 20}.{expires}.{signature}", f"{job}.{expires}"):
        refused = anybody.get(f"/shared/{changed}")
        assert (refused.status_code, refused.get_json()["error"]["code"]) == (403, "share_invalid")
    world.clock.pass_by(hours=1, seconds=1)
    assert anybody.get(path).get_json()["error"]["code"] == "share_expired"


def test_a_link_is_only_read(anybody: FlaskClient) -> None:
    for ask in (anybody.post, anybody.put, anybody.delete):
        assert ask("/shared/x").status_code == 405


def test_a_deployment_without_an_address_for_links_says_so(
    call: Call, platform: Platform, monkeypatch: pytest.MonkeyPatch, job_id: str
) -> None:
    without = platform.settings.model_copy(update={"share_url": None})
    monkeypatch.setattr(wiring._served, "platform", replace(platform, settings=without))
    assert "DAILIES_SHARE_URL" in call("shareResult", {"jobId": job_id, "seconds": 3600})[1]["error"]["message"]


def test_a_job_runs_again_without_an_upload(call: Call, platform: Platform, job_id: str) -> None:
    """With the recipe of then, or with another."""
    album = {"outputs": {"album": {"kind": "audio", "format": "flac"}}}
    for recipe, outputs in ((None, ["audio"]), (album, ["album"])):
        status, answer = call("runAgain", {"jobId": job_id, "recipe": recipe})
        assert status == 200
        made = answer["result"]
        assert (made["operationPath"], made["database"]) == (f"users/ann/operations/{made['jobId']}", "(default)")
        again = load_job(platform, made["jobId"])
        assert (again.state, list(again.recipe.outputs), again.file_name) == (JobState.QUEUED, outputs, "talk.wav")


def test_ended_jobs_go_off_the_list_and_back(call: Call, platform: Platform, job_id: str) -> None:
    def cleared() -> object:
        shown = platform.documents.get(f"users/ann/operations/{job_id}")
        assert shown is not None
        return shown.data.get("cleared")

    running = call("runAgain", {"jobId": job_id})[1]["result"]["jobId"]
    assert call("clearJobs", {"jobIds": [job_id, running, "nosuch"]})[1]["result"] == {"jobIds": [job_id]}
    assert cleared() is True
    assert call("clearJobs", {"jobIds": [job_id], "cleared": False})[1]["result"] == {"jobIds": [job_id]}
    assert cleared() is False
    for wrong in (["a/b"], "x", ["x"] * 501):
        assert call("clearJobs", {"jobIds": wrong})[0] == 400


def test_another_users_job_can_be_neither_shared_nor_run_nor_cleared(call: Call, job_id: str) -> None:
    assert call("shareResult", {"jobId": job_id, "seconds": 3600}, "eve")[0] == 404
    assert call("runAgain", {"jobId": job_id}, "eve")[0] == 404
    assert call("clearJobs", {"jobIds": [job_id]}, "eve")[1]["result"] == {"jobIds": []}
