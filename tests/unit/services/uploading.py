"""An upload's way through the services, as the tests of uploads and of quotas take it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dailies.adapters.local.objects.signed_urls import LocalSignedUrls
from dailies.domain.job.job import JobState
from dailies.domain.stop import StopToken
from dailies.engine.advance import advance
from dailies.engine.platform import Platform
from dailies.engine.worker_loop import drain
from dailies.services.create_upload import Ticket, create_upload
from dailies.services.upload_arrived import Arrival
from tests.unit.conftest import UID, World

DATA = b"media"


@pytest.fixture
def platform(world: World) -> Platform:
    return replace(world.platform, urls=LocalSignedUrls("http://here", b"key", world.clock))


def announce(platform: Platform, **changes: Any) -> Ticket:
    return create_upload(
        platform, UID, **{"recipe": None, "size_bytes": len(DATA), "content_type": "video/mp4", **changes}
    )


def send(platform: Platform, name: str, data: bytes = DATA) -> Arrival:
    return Arrival("bucket", name, platform.objects.put_bytes(name, data).generation)


def arrive(platform: Platform, ticket: Ticket, data: bytes = DATA) -> Arrival:
    return send(platform, f"uploads/{UID}/{ticket.job_id}/source", data)


def usage(platform: Platform) -> dict[str, Any]:
    snapshot = platform.documents.get(f"quotas/{UID}")
    assert snapshot is not None
    return {name: value for name, value in snapshot.data.items() if name != "remove_after"}


def finish(platform: Platform, job_id: str) -> None:
    advance(platform, job_id)
    drain(platform, job_id, StopToken())
    assert advance(platform, job_id).state is JobState.COMPLETED
