"""A client of the REST door, on the platform with fake operations: as `dailies up` serves it, and as the function."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import functions_framework
import pytest
from flask import Flask
from flask.testing import FlaskClient

import wiring
from dailies.engine.platform import Platform
from dailies.engine.store.jobs import load_job
from dailies.up.identity import development_token
from tests.functions.conftest import _firebase as _firebase, platform as platform  # noqa: PLC0414 - fixtures
from tests.functions.serving import up as up  # noqa: PLC0414 - a fixture
from tests.unit.conftest import World, world as world  # noqa: PLC0414 - a fixture
from tests.unit.services.uploading import finish

FUNCTIONS = Path(__file__).parents[3] / "functions"
RECIPE = {"outputs": {"podcast": {"kind": "audio", "format": "mp3"}}}


class Rest:
    """Asks as a user, and holds every answer to what all of them have."""

    def __init__(self, app: Flask, world: World) -> None:
        self.client: FlaskClient = app.test_client()
        self._world = world

    def __call__(self, method: str, path: str, uid: str | None = "ann", **sent: Any) -> Any:
        headers = {**sent.pop("headers", {})}
        if uid is not None:
            headers.setdefault("Authorization", f"Bearer {development_token(uid)}")
        with self.client.open(f"/api/v1{path}", method=method, headers=headers, **sent) as answer:
            answer.get_data()
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert len(answer.headers["traceparent"]) == 55
        if answer.status_code >= 400 and method != "HEAD":
            assert answer.mimetype == "application/problem+json"
            told: Any = answer.json
            assert {"type", "title", "status", "detail", "code", "instance"} <= told.keys()
            assert told["status"] == answer.status_code
        return answer

    def refused(self, method: str, path: str, **sent: Any) -> tuple[int, str]:
        answer = self(method, path, **sent)
        return answer.status_code, answer.json["code"]

    def finish(self, job_id: str) -> None:
        """Work on the job until it has ended."""
        finish(self._world.platform, job_id)
        assert load_job(self._world.platform, job_id).state.terminal


@pytest.fixture(params=["up", "function"])
def rest(request: pytest.FixtureRequest, world: World, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Rest:
    """The same routes in both places."""
    if request.param == "up":
        return Rest(request.getfixturevalue("up"), world)
    monkeypatch.setenv("FUNCTION_SIGNATURE_TYPE", "http")
    settings = platform.settings.model_copy(update={"share_url": "https://share-42.europe-west1.run.app"})
    monkeypatch.setattr(wiring._served, "platform", replace(platform, settings=settings))
    create_app: Any = functions_framework.create_app
    return Rest(create_app("api", str(FUNCTIONS / "main.py")), world)
