"""Each entry point once, as its platform calls it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from cloudevents.http import CloudEvent

import main
from dailies.domain.errors import TransientError
from dailies.domain.job.job import JobState
from dailies.domain.stop import StopToken
from dailies.engine.platform import Platform
from dailies.engine.store.jobs import load_job
from dailies.engine.worker_loop import drain
from event_times import readable_time
from tests.unit.conftest import World

Call = Callable[..., tuple[int, dict[str, Any]]]
RECIPE = {"outputs": {"podcast": {"kind": "audio", "format": "mp3"}}}


def event(platform: Platform, name: str, data: bytes = b"media", time: str = "2026-01-01T00:00:00Z") -> Any:
    info = platform.objects.put_bytes(name, data)
    return CloudEvent(
        {
            "id": "1",
            "source": "//storage.googleapis.com/projects/_/buckets/b",
            "type": "google.cloud.storage.object.v1.finalized",
            "time": time,
        },
        {
            "bucket": "b", "name": name, "generation": str(info.generation), "id": "x", "metageneration": "1",
            "size": str(info.size), "storageClass": "STANDARD",
        },
    )  # fmt: skip


def create(call: Call) -> dict[str, Any]:
    status, answer = call("createUpload", {"sizeBytes": 5, "contentType": "video/mp4", "recipe": RECIPE})
    assert status == 200
    result: dict[str, Any] = answer["result"]
    return result


def test_a_client_goes_from_a_call_to_a_download(world: World, platform: Platform, call: Call, post: Call) -> None:
    """createUpload, onUpload, advance, the worker, advance, getResult."""
    made = create(call)
    job_id = made["jobId"]
    assert made["operationPath"] == f"users/ann/operations/{job_id}"
    assert made["database"] == "(default)"
    assert set(made["upload"]) == set(made["simpleUpload"]) == {"url", "method", "headers", "expiresAt"}
    main.onUpload(event(platform, f"uploads/ann/{job_id}/source"))
    task = json.dumps({"data": {"job_id": job_id}}).encode()
    assert post("advance", task)[0] == 200
    assert world.workers.started == [job_id]
    drain(platform, job_id, StopToken())
    assert post("advance", task)[0] == 200
    status, answer = call("getResult", {"jobId": job_id})
    assert status == 200
    assert answer["result"]["result"]["status"] == "completed"
    assert answer["result"]["downloads"]["podcast"]["fileName"] == "podcast.mp3"


def test_a_job_is_cancelled_by_its_owner_only(platform: Platform, call: Call) -> None:
    job_id = create(call)["jobId"]
    assert call("cancelJob", {"jobId": job_id}, "mallory")[0] == 404
    assert load_job(platform, job_id).state is JobState.AWAITING_UPLOAD
    assert call("cancelJob", {"jobId": job_id})[1]["result"] == {"jobId": job_id, "status": "cancelled"}


def test_events_of_other_objects_are_acknowledged_and_ignored(platform: Platform) -> None:
    main.onUpload(event(platform, "artifacts/ann/k/manifest.json"))
    assert platform.documents.query("jobs") == []


@pytest.mark.parametrize(
    "time",
    [
        "2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00.1Z",
        "2026-01-01T00:00:00.123456Z",
        "2026-01-01T00:00:00.123456789Z",
        "2026-01-01t00:00:00.1234567z",
        "2026-01-01T01:00:00+01:00",
        "0001-01-01T00:00:00+14:00",
        "2016-12-31T23:59:60Z",
        "yesterday",
        "",
    ],
)
def test_an_event_is_taken_whatever_the_form_of_its_time(platform: Platform, call: Call, time: str) -> None:
    """firebase-functions alone reads a fraction of up to six digits, and raises for all else."""
    job_id = create(call)["jobId"]
    main.onUpload(event(platform, f"uploads/ann/{job_id}/source", time=time))
    assert load_job(platform, job_id).state is JobState.QUEUED


def test_the_time_of_an_event_keeps_its_instant() -> None:
    """To the microsecond, in UTC."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert readable_time("2025-06-01T12:00:00.123456789+02:00", now) == "2025-06-01T10:00:00.123456Z"
    assert readable_time("2025-06-01T12:00:00.5Z", now) == "2025-06-01T12:00:00.500000Z"
    assert readable_time("2025-06-01T12:00:00Z", now) == "2025-06-01T12:00:00.000000Z"
    assert readable_time("2025-02-30T12:00:00Z", now) == "2026-01-01T00:00:00.000000Z"


@pytest.mark.parametrize("data", [{"job_id": "gone"}, {"job_id": 1}, {}, [], None])
def test_a_task_that_can_never_succeed_is_not_retried(post: Call, data: object) -> None:
    """2xx is how a queue is told to forget it."""
    assert post("advance", json.dumps({"data": data}).encode())[0] == 200


def test_a_task_that_may_succeed_later_is_retried(
    world: World, platform: Platform, call: Call, post: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = create(call)["jobId"]
    main.onUpload(event(platform, f"uploads/ann/{job_id}/source"))

    def busy(job_id: str, tasks: int = 1) -> None:
        raise TransientError("no worker can be started now")

    monkeypatch.setattr(world.workers, "start", busy)
    assert post("advance", json.dumps({"data": {"job_id": job_id}}).encode())[0] >= 500


def test_the_scheduled_sweep_ends_what_is_overdue(world: World, platform: Platform, call: Call, post: Call) -> None:
    job_id = create(call)["jobId"]
    world.clock.pass_by(hours=25)
    assert post("sweep", b"{}")[0] == 200
    assert load_job(platform, job_id).state is JobState.EXPIRED
