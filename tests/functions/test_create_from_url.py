"""``createFromUrl``: what a client gets, and what is refused before anything is fetched."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dailies.domain.job.job import JobState, UrlSource
from dailies.engine.advance import advance
from dailies.engine.platform import Platform
from dailies.engine.store.jobs import load_job
from tests.unit.conftest import World

Call = Callable[..., tuple[int, dict[str, Any]]]
RECIPE = {"outputs": {"podcast": {"kind": "audio", "format": "mp3"}}}
URL = "https://media.test/shows/talk.mp4?token=s3cret"


def test_a_url_becomes_a_job_that_a_worker_fetches(world: World, platform: Platform, call: Call) -> None:
    status, answer = call("createFromUrl", {"url": URL, "recipe": RECIPE})
    assert status == 200
    made = answer["result"]
    assert made["operationPath"] == f"users/ann/operations/{made['jobId']}"
    assert made["database"] == "(default)"
    job = load_job(platform, made["jobId"])
    assert (job.uid, job.state, job.source, job.file_name) == ("ann", JobState.QUEUED, UrlSource(url=URL), "talk.mp4")
    assert job.served
    assert advance(platform, job.id).state is JobState.FETCHING
    assert world.workers.started == [job.id]
    shown = platform.documents.get(made["operationPath"])
    assert shown is not None
    assert "s3cret" not in str(shown.data)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://media.test/a.mp4", "url_scheme"),
        ("https://user:word@media.test/a.mp4", "url_credentials"),
        ("https://media.test:22/a.mp4", "url_port"),
        ("https://2130706433/a.mp4", "url_address"),
        ("nonsense", "url_scheme"),
    ],
)
def test_what_is_not_asked_is_an_invalid_argument(platform: Platform, call: Call, url: str, code: str) -> None:
    status, answer = call("createFromUrl", {"url": url})
    assert (status, answer["error"]["details"]["code"]) == (400, code)
    assert platform.documents.query("jobs") == []


def test_jobs_of_urls_have_the_limits_of_others(
    platform: Platform, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody queues more of them than run at once."""
    made = [call("createFromUrl", {"url": URL})[0] for _ in range(platform.settings.quota_concurrent_jobs)]
    assert set(made) == {200}
    status, answer = call("createFromUrl", {"url": URL})
    assert (status, answer["error"]["details"]["code"]) == (429, "quota_concurrent_jobs")
