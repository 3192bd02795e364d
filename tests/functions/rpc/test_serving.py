"""`dailies grpc` where a project is set: the cloud's platform, Firebase's users, and an end by SIGTERM."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import grpc
import pytest

from dailies.bootstrap import Cloud
from dailies.engine.platform import Platform
from dailies.rpc import serving
from dailies.up.identity import development_token
from tests.functions.conftest import _firebase as _firebase, platform as platform  # noqa: PLC0414 - fixtures
from tests.functions.rpc.client import connected, reason_of
from tests.unit.conftest import world as world  # noqa: PLC0414 - a fixture


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """Nothing of the server's outlives it."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("attested", [True, False])
def test_it_serves_until_it_is_told_to_end(platform: Platform, monkeypatch: pytest.MonkeyPatch, attested: bool) -> None:
    """A user's token is looked at as the functions do, App Check included."""
    monkeypatch.setattr(serving, "build_cloud", lambda _: Cloud(platform, workers=None))  # type: ignore[arg-type]
    settings = platform.settings.model_copy(update={"require_app_check": not attested})
    told: list[tuple[str, str]] = []

    def ask(port: int) -> None:
        with connected(f"127.0.0.1:{port}", authorization=f"Bearer {development_token('ann')}") as rpc:
            with pytest.raises(grpc.RpcError) as refused:
                rpc("TrackProgress", job_id="none")
            told.append((refused.value.code().name, reason_of(refused.value)))
        os.kill(os.getpid(), signal.SIGTERM)

    serving.serve_cloud(settings, 0, ask)
    assert told == [("NOT_FOUND", "not_found") if attested else ("UNAUTHENTICATED", "app_check_failed")]
