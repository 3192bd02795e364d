"""``createFromJob``: a job that goes on with what another of the same user has made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dailies.domain.job.job import JobState
from dailies.engine.platform import Platform
from dailies.engine.store.jobs import load_job
from dailies.services.create_upload import create_upload
from dailies.services.upload_arrived import Arrival, upload_arrived
from tests.unit.services.uploading import finish

Call = Callable[..., tuple[int, dict[str, Any]]]
RECIPE = {"outputs": {"podcast": {"kind": "audio", "format": "mp3"}}}


def made(platform: Platform) -> str:
    """A completed job of Ann's."""
    ticket = create_upload(platform, "ann", recipe=RECIPE, size_bytes=5, content_type="video/mp4")
    name = f"uploads/ann/{ticket.job_id}/source"
    found = platform.objects.put_bytes(name, b"media")
    upload_arrived(platform, Arrival("bucket", name, found.generation))
    finish(platform, ticket.job_id)
    return ticket.job_id


def test_an_output_becomes_the_source_of_another_job(platform: Platform, call: Call) -> None:
    first = made(platform)
    status, answer = call("createFromJob", {"jobId": first, "output": "podcast", "recipe": RECIPE})
    assert status == 200
    new = answer["result"]
    assert new["operationPath"] == f"users/ann/operations/{new['jobId']}"
    assert new["database"] == "(default)"
    job = load_job(platform, new["jobId"])
    assert (job.state, job.source.kind, job.file_name) == (JobState.QUEUED, "object", "podcast")
    finish(platform, job.id)


def test_what_is_not_there_or_another_s_is_not_found(platform: Platform, call: Call) -> None:
    first = made(platform)
    status, answer = call("createFromJob", {"jobId": first, "output": "film"})
    assert (status, answer["error"]["details"]["code"]) == (404, "output_not_found")
    assert call("createFromJob", {"jobId": first, "output": "podcast"}, "eve")[0] == 404
    assert call("createFromJob", {"jobId": first})[0] == 400
