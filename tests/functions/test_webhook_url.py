"""``webhookUrl`` of the callables that make jobs: refused without a secret to sign with, kept with one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from dailies.engine.platform import Platform
from dailies.engine.store.jobs import load_job
from dailies.services.webhooks.endpoints import rotate_secret
from tests.functions.test_create_from_job import RECIPE, made

Call = Callable[..., tuple[int, dict[str, Any]]]
HOOK = "https://media.test/hook"


@pytest.mark.parametrize("name", ["createUpload", "createFromUrl", "createFromJob", "runAgain"])
def test_a_job_may_have_a_url_of_its_own(platform: Platform, call: Call, name: str) -> None:
    job_id = made(platform)
    bodies: dict[str, dict[str, Any]] = {
        "createUpload": {"sizeBytes": 5, "contentType": "video/mp4", "recipe": RECIPE},
        "createFromUrl": {"url": "https://media.test/a.mp4", "recipe": RECIPE},
        "createFromJob": {"jobId": job_id, "output": "podcast", "recipe": RECIPE},
        "runAgain": {"jobId": job_id},
    }
    body = {**bodies[name], "webhookUrl": HOOK}
    status, answer = call(name, body)
    assert (status, answer["error"]["details"]["code"]) == (400, "webhook_secret_missing")
    rotate_secret(platform, "ann", "jobs", timedelta(0))
    status, answer = call(name, {**body, "webhookUrl": "http://media.test/"})
    assert answer["error"]["details"]["code"] == "url_scheme"
    status, answer = call(name, body)
    assert status == 200, answer
    assert load_job(platform, answer["result"]["jobId"]).webhook == HOOK
