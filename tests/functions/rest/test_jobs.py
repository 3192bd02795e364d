"""What REST's routes do with jobs, where `dailies up` serves them and where the function does."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

import wiring
from dailies.domain.job.job import JobState
from dailies.domain.recipe.recipe import parse_recipe
from dailies.engine.store.jobs import load_job
from dailies.operations import KINDS
from dailies.services.history import operations_of
from dailies.services.share import shared_result
from dailies.services.upload_arrived import Arrival, upload_arrived
from tests.functions.rest.conftest import RECIPE, Rest
from tests.unit.conftest import World

DATA = b"media"


def announced(rest: Rest, **changes: Any) -> str:
    body = {"size_bytes": len(DATA), "content_type": "video/mp4", "file_name": "talk.mp4", "recipe": RECIPE, **changes}
    answer = rest("POST", "/uploads", json=body)
    assert answer.status_code == 201, answer.json
    job_id = str(answer.json["job_id"])
    assert answer.headers["Location"] == f"/api/v1/jobs/{job_id}"
    assert answer.json["upload"]["method"] == "POST"
    assert answer.json["simple_upload"]["method"] == "PUT"
    return job_id


def completed(rest: Rest, world: World, **changes: Any) -> str:
    job_id = announced(rest, **changes)
    stored = world.platform.objects.put_bytes(f"uploads/ann/{job_id}/source", DATA)
    upload_arrived(world.platform, Arrival("", stored.name, stored.generation))
    rest.finish(job_id)
    return job_id


def all_pages(rest: Rest) -> list[str]:
    """The ids of all jobs, in the order of the pages of two."""
    page = rest("GET", "/jobs?limit=2").json
    seen = [str(job["job_id"]) for job in page["jobs"]]
    while page["next_cursor"] is not None:
        page = rest("GET", f"/jobs?limit=2&cursor={page['next_cursor']}").json
        seen += [str(job["job_id"]) for job in page["jobs"]]
    return seen


def test_an_upload_becomes_a_job_that_is_told_and_fetched(rest: Rest, world: World) -> None:
    job_id = completed(rest, world)
    status = rest("GET", f"/jobs/{job_id}/status").json
    assert (status["job_id"], status["status"], status["progress"], status["error"]) == (job_id, "completed", 100, None)
    assert status["result"]["output"] == "podcast"
    assert status["result"]["file_size"] == len("None")
    assert status["result"]["download_url"].startswith("http")
    told = rest("GET", f"/jobs/{job_id}").json
    assert told["recipe"]["outputs"]["podcast"].items() >= RECIPE["outputs"]["podcast"].items()
    assert parse_recipe(told["recipe"], KINDS) == parse_recipe(RECIPE, KINDS)
    assert told["result"]["outputs"]["podcast"]["bytes"] == 4
    assert (told["kinds"], told["file_name"]) == (["audio"], "talk.mp4")
    fetched = rest("GET", f"/jobs/{job_id}/download?output=podcast")
    assert (fetched.status_code, fetched.data, fetched.mimetype) == (200, b"None", "audio/mpeg")
    assert "filename=talk-podcast.mp3" in fetched.headers["Content-Disposition"]
    part = rest("GET", f"/jobs/{job_id}/download", headers={"Range": "bytes=1-2"})
    assert (part.status_code, part.data, part.headers["Content-Range"]) == (206, b"on", "bytes 1-2/4")
    assert (
        rest("GET", f"/jobs/{job_id}/download", headers={"If-None-Match": fetched.headers["ETag"]}).status_code == 304
    )
    assert rest.refused("GET", f"/jobs/{job_id}/download?output=other") == (404, "output_not_found")


def test_a_store_elsewhere_is_where_a_download_leads(rest: Rest, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from dailies.services import download

    job_id = completed(rest, world)
    monkeypatch.setattr(download, "LocalFiles", type("Elsewhere", (), {}))
    answer = rest("GET", f"/jobs/{job_id}/download")
    assert answer.status_code == 302
    assert answer.headers["Location"] == rest("GET", f"/jobs/{job_id}/status").json["result"]["download_url"]


def test_a_form_s_file_is_converted(rest: Rest, world: World) -> None:
    form = {"video_file": (io.BytesIO(DATA), "talk.mp4"), "output_format": "flac", "quality": "lossless"}
    answer = rest("POST", "/convert/video-to-audio", data={**form, "normalize_audio": "false", "trim_start": "1.5"})
    assert answer.status_code == 202, answer.json
    assert answer.json == {"job_id": answer.json["job_id"], "status": "queued", "estimated_completion": None}
    job = load_job(world.platform, answer.json["job_id"])
    asked = job.recipe.outputs["audio"].model_dump(exclude_none=True)
    assert {name: asked[name] for name in ("format", "quality", "start")} == {
        "format": "flac", "quality": "lossless", "start": 1.5,
    }  # fmt: skip
    assert "normalize" not in asked
    assert (job.uid, job.file_name, job.source.size) == ("ann", "talk.mp4", len(DATA))
    rest.finish(job.id)
    assert list(world.platform.scratch.glob("*")) == []


def test_a_conversion_is_of_one_source(rest: Rest) -> None:
    path = "/convert/video-to-audio"
    assert rest.refused("POST", path, json={}) == (400, "invalid_request")
    both = {"source_url": "https://a.example/x.mp4", "source_object": "uploads/ann/inbox/x"}
    assert rest.refused("POST", path, json=both) == (400, "invalid_request")
    answer = rest("POST", path, json={"source_url": "https://a.example/x.mp4", "trim_start": 5, "trim_end": 2})
    assert (answer.status_code, answer.json["code"], answer.json["field"]) == (
        400,
        "invalid_recipe",
        "outputs.audio.end",
    )
    assert rest.refused("POST", path, json={"source_url": "http://a.example/x.mp4"})[0] == 422
    assert rest.refused("POST", path, data={"video_file": (io.BytesIO(DATA), "a"), "trim_start": "x"})[0] == 400
    assert rest.refused("POST", path, data={"other": (io.BytesIO(DATA), "a")}) == (400, "invalid_request")


def test_jobs_of_every_source(rest: Rest, world: World) -> None:
    first = completed(rest, world)
    sources = [
        {"kind": "url", "url": "https://films.example/a.mp4"},
        {"kind": "job", "job_id": first, "output": "podcast"},
        {"kind": "object", "name": f"uploads/ann/{first}/source"},
    ]
    for source in sources:
        answer = rest("POST", "/jobs", json={"source": source, "recipe": RECIPE})
        assert (answer.status_code, answer.json["status"]) == (202, "queued"), answer.json
        job = load_job(world.platform, answer.json["job_id"])
        assert answer.json["operation_path"] == f"users/ann/operations/{job.id}"
        if job.source.kind == "object":
            assert job.source.name == f"uploads/ann/{job.id}/source"
            rest.finish(job.id)
    again = {"source": {"kind": "object", "name": f"uploads/ann/{first}/source"}}
    assert rest.refused("POST", "/jobs", json=again, uid="bob") == (404, "object_not_found")
    assert rest.refused("POST", "/jobs", json={"source": {"kind": "object", "name": "artifacts/ann/x"}})[0] == 404
    assert rest.refused("POST", "/jobs", json={"source": {"kind": "file", "path": "/etc/passwd"}})[0] == 400


def test_another_user_s_job_does_not_exist(rest: Rest, world: World) -> None:
    job_id = completed(rest, world)
    for method, path in [
        ("GET", ""), ("GET", "/status"), ("GET", "/download"), ("GET", "/events"), ("DELETE", ""), ("POST", "/retry"),
    ]:  # fmt: skip
        assert rest.refused(method, f"/jobs/{job_id}{path}", uid="bob") == (404, "not_found")
    assert rest("GET", "/jobs", uid="bob").json == {"jobs": [], "next_cursor": None}


def test_a_list_goes_on_page_by_page(rest: Rest, world: World) -> None:
    made = []
    for _ in range(5):
        made.append(announced(rest))
        world.clock.pass_by(seconds=1)
    assert all_pages(rest) == made[::-1]
    rest("DELETE", f"/jobs/{made[2]}")
    assert [job["job_id"] for job in rest("GET", "/jobs?state=cancelled").json["jobs"]] == [made[2]]
    assert rest("GET", "/jobs?kind=video").json["jobs"] == []
    assert len(rest("GET", "/jobs?kind=audio&limit=3").json["jobs"]) == 3
    since = rest("GET", f"/jobs/{made[3]}").json["created_at"].replace("+", "%2B")
    assert [job["job_id"] for job in rest("GET", f"/jobs?created_since={since}").json["jobs"]] == made[:2:-1]
    assert [job["job_id"] for job in rest("GET", f"/jobs?created_until={since}").json["jobs"]] == made[2::-1]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=x", "state=odd", "cursor=odd", "cursor=W10", "other=1", "limit=1&limit=2", "limit=%ff"]
)
def test_an_odd_query_is_refused(rest: Rest, query: str) -> None:
    assert rest.refused("GET", f"/jobs?{query}") == (400, "invalid_request")
    assert rest.refused("GET", "/jobs?created_since=2026-01-01T00:00:00") == (400, "invalid_request")


def test_jobs_of_one_moment_are_each_on_one_page(rest: Rest) -> None:
    made = {announced(rest) for _ in range(5)}
    seen = all_pages(rest)
    assert (len(seen), set(seen)) == (5, made)


def test_a_job_is_cancelled_and_tried_again(rest: Rest, world: World) -> None:
    job_id = announced(rest)
    assert rest("DELETE", f"/jobs/{job_id}").json == {"job_id": job_id, "status": "cancelled"}
    assert rest("DELETE", f"/jobs/{job_id}").json["status"] == "cancelled"
    assert rest.refused("POST", f"/jobs/{job_id}/retry") == (404, "source_gone")
    done = completed(rest, world)
    assert rest.refused("DELETE", f"/jobs/{done}") == (409, "job_state")
    answer = rest(
        "POST", f"/jobs/{done}/retry", json={"recipe": {"outputs": {"b": {"kind": "audio", "format": "mp3"}}}}
    )
    assert answer.status_code == 202
    again = load_job(world.platform, answer.json["job_id"])
    assert (list(again.recipe.outputs), again.state) == (["b"], JobState.QUEUED)
    assert rest("POST", f"/jobs/{done}/retry").status_code == 202


def test_the_events_of_a_job_go_on_behind_the_last_that_was_read(rest: Rest, world: World) -> None:
    job_id = completed(rest, world)
    text = rest("GET", f"/jobs/{job_id}/events").text
    ids = [line for line in text.splitlines() if line.startswith("id: ")]
    assert text.startswith("retry: 1000\n\n")
    assert ids == [f"id: {n}" for n in range(1, len(ids) + 1)]
    assert "event: job.completed" in text
    assert "event: progress" in text
    later = rest("GET", f"/jobs/{job_id}/events", headers={"Last-Event-ID": str(len(ids) - 1)}).text
    assert [line for line in later.splitlines() if line.startswith("id: ")] == [ids[-1]]
    event = next(line for line in later.splitlines() if line.startswith("data: ") and "eventType" in line)
    assert json.loads(event.removeprefix("data: "))["eventType"] == "job.completed"
    assert rest("GET", f"/jobs/{job_id}/events?after={len(ids)}").status_code == 204
    assert rest.refused("GET", f"/jobs/{job_id}/events", headers={"Last-Event-ID": "x"}) == (400, "invalid_request")


def test_a_plan_has_its_price_and_makes_nothing(rest: Rest, world: World) -> None:
    described = {"kind": "described", "duration_seconds": 60, "width": 1280, "height": 720}
    answer = rest("POST", "/plan", json={"source": described, "recipe": RECIPE})
    assert answer.status_code == 200, answer.json
    assert answer.json["cpu_seconds"] > 0
    assert answer.json["cost_usd"] > 0
    assert {step["name"] for step in answer.json["steps"]} >= {"podcast"}
    job_id = announced(rest)
    source = {"kind": "job", "job_id": job_id}
    assert rest.refused("POST", "/plan", json={"source": source}) == (409, "not_probed")
    done = completed(rest, world)
    cached = rest("POST", "/plan", json={"source": {"kind": "job", "job_id": done}, "recipe": RECIPE}).json
    assert cached["cpu_seconds"] == 0
    assert {step["status"] for step in cached["steps"]} == {"cached"}


def test_a_link_opens_the_result_without_an_account(rest: Rest, world: World) -> None:
    job_id = completed(rest, world)
    shared = rest("POST", f"/jobs/{job_id}/share", json={"seconds": 300})
    assert shared.status_code == 201
    token = shared.json["url"].rpartition("/share/")[2]
    assert shared_result(wiring.platform(), token).found.result.job_id == job_id
    assert rest.refused("POST", f"/jobs/{job_id}/share", json={"seconds": 299}) == (400, "invalid_request")
    assert rest.refused("POST", f"/jobs/{job_id}/share", uid="eve", json={}) == (404, "not_found")
    assert rest.refused("POST", f"/jobs/{announced(rest)}/share", json={}) == (400, "job_not_completed")


def test_ended_jobs_are_cleared_and_no_others(rest: Rest, world: World) -> None:
    ended, waiting = completed(rest, world), announced(rest)
    body = {"job_ids": [ended, waiting]}
    assert rest("POST", "/jobs/clear", uid="eve", json=body).json == {"job_ids": []}
    assert rest("POST", "/jobs/clear", json=body).json == {"job_ids": [ended]}
    assert [each["jobId"] for each in operations_of(world.platform, "ann")] == [waiting]
    assert rest("POST", "/jobs/clear", json={"job_ids": [ended], "cleared": False}).json == {"job_ids": [ended]}
    assert len(operations_of(world.platform, "ann")) == 2


def test_a_source_is_told_of_and_advised_on(rest: Rest, world: World) -> None:
    """Once somebody has looked at it: each advice can be asked for as it is, and nothing private is told."""
    waiting = announced(rest)
    assert rest.refused("GET", f"/jobs/{waiting}/source") == (409, "not_probed")
    assert rest.refused("GET", f"/jobs/{waiting}/advice") == (409, "not_probed")
    job_id = completed(rest, world)
    told = rest("GET", f"/jobs/{job_id}/source").json
    assert told["info"]["audio"][0]["codec"] == "aac"
    assert "private_tags" not in told["info"]
    [first, *_] = rest("GET", f"/jobs/{job_id}/advice").json["advice"]
    assert (first["kind"], first["cpu_seconds"] > 0) == ("audio", True)
    assert rest("POST", f"/jobs/{job_id}/retry", json={"recipe": first["recipe"]}).status_code == 202
    for path in ("source", "advice"):
        assert rest.refused("GET", f"/jobs/{job_id}/{path}", uid="bob") == (404, "not_found")
