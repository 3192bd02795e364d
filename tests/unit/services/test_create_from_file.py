"""A job whose source came with the call: its bytes are in the store when it is made."""

from __future__ import annotations

from pathlib import Path

import pytest

from dailies.domain.errors import QuotaExceeded
from dailies.domain.job.job import ObjectSource
from dailies.engine.store.jobs import load_job
from dailies.services.create_from_file import create_from_file
from tests.unit.conftest import UID, World


@pytest.fixture
def sent(world: World) -> Path:
    world.platform.scratch.mkdir(parents=True, exist_ok=True)
    path = world.platform.scratch / "sent"
    path.write_bytes(b"media")
    return path


def test_on_this_machine_no_byte_is_copied(world: World, sent: Path) -> None:
    inode = sent.stat().st_ino
    made = create_from_file(world.platform, UID, path=sent, file_name="talk.mp4")
    source = load_job(world.platform, made.job_id).source
    assert isinstance(source, ObjectSource)
    assert world.platform.objects.get_bytes(source.name, max_bytes=9) == b"media"
    assert world.platform.objects.path_of(source.name).stat().st_ino == inode  # type: ignore[attr-defined]
    assert not sent.exists()


def test_what_a_quota_refuses_leaves_nothing(world: World, sent: Path) -> None:
    with pytest.raises(QuotaExceeded):
        create_from_file(world.with_settings(quota_bytes_per_day=1), UID, path=sent, file_name="talk.mp4")
    assert list(world.platform.objects.list("uploads/")) == []
