"""The deployed functions in a Flask application context, on a platform with fake operations."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import firebase_admin
import pytest
from flask import Flask, request

import main
import wiring
from dailies.adapters.local.objects.signed_urls import LocalSignedUrls
from dailies.engine.platform import Platform
from dailies.up.identity import accept_unsigned_tokens, development_token
from tests.unit.conftest import World, world as world  # noqa: PLC0414 - a fixture

Answer = tuple[int, dict[str, Any]]
Call = Callable[..., Answer]
#: As their decorators tell the Firebase CLI; which those are is held in test_firebase_cli.py.
CALLABLES = [name for name in main.__all__ if getattr(main, name).__firebase_endpoint__.callableTrigger is not None]


@pytest.fixture
def platform(world: World, monkeypatch: pytest.MonkeyPatch) -> Platform:
    built = replace(world.platform, urls=LocalSignedUrls("http://here", b"key", world.clock))
    monkeypatch.setattr(wiring._served, "platform", built)
    return built


@pytest.fixture(autouse=True)
def _firebase(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Firebase's own verification, in its emulator mode; nothing of it outlives the test."""
    for name in ("FIREBASE_AUTH_EMULATOR_HOST", "GOOGLE_CLOUD_PROJECT"):
        monkeypatch.setenv(name, "")
    accept_unsigned_tokens("127.0.0.1:1")
    yield
    firebase_admin.delete_app(firebase_admin.get_app())


@pytest.fixture
def post(platform: Platform) -> Call:
    """POST a body to a function by its deployed name, as the runtime would."""
    app = Flask(__name__)
    for name in (*CALLABLES, "advance", "runStep", "deliver", "sweep"):
        app.add_url_rule(f"/{name}", name, partial(getattr(main, name), request), methods=["GET", "POST"])

    def send(name: str, body: bytes, token: str | None = None, **headers: str) -> Answer:
        sent = {"Content-Type": "application/json", **headers}
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        answer = app.test_client().post(f"/{name}", data=body, headers=sent)
        body = answer.data if answer.is_json else b"null"
        return answer.status_code, json.loads(body)

    return send


@pytest.fixture
def call(post: Call) -> Call:
    """Call with data, signed in as ``uid`` (None: as nobody)."""

    def send(name: str, data: Any, uid: str | None = "ann") -> Answer:
        token = None if uid is None else development_token(uid)
        return post(name, json.dumps({"data": data}).encode(), token)

    return send
