"""Whose address is whose: asked of a server that speaks as Firebase Authentication does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import firebase_admin
import pytest

from dailies.adapters.gcp.accounts import verified_address
from dailies.domain.errors import TransientError
from tests.fakes.http_server import FakeService, Request, Response, as_json, serving

USERS: dict[str, dict[str, Any]] = {
    "ann": {"email": "ann@example.org", "emailVerified": True},
    "bob": {"email": "bob@example.org", "emailVerified": False},
    "eve": {"email": "eve@example.org", "emailVerified": True, "disabled": True},
    "guest": {},
}


def answer(request: Request) -> Response:
    assert request.path.endswith("/accounts:lookup")
    [uid] = json.loads(request.body)["localId"]
    return as_json({"users": [{"localId": uid, **USERS[uid]}]} if uid in USERS else {})


@pytest.fixture
def accounts(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeService]:
    service = FakeService(answer)
    with serving(service):
        monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", service.url.removeprefix("http://"))
        monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "demo")
        yield service
        firebase_admin.delete_app(firebase_admin.get_app())


def test_only_a_verified_address_is_one(accounts: FakeService) -> None:
    found = {uid: verified_address(uid) for uid in (*USERS, "nobody", "", "x" * 200)}
    assert {uid for uid, address in found.items() if address is not None} == {"ann"}
    assert found["ann"] == "ann@example.org"


def test_who_does_not_answer_is_asked_again(accounts: FakeService) -> None:
    accounts.fail(lambda _: True, status=403)
    with pytest.raises(TransientError) as raised:
        verified_address("ann")
    assert raised.value.error_code == "mail_unavailable"
