"""The adapter against a storage server that we did not write. It ignores preconditions: the fake has those."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from gcp_storage_emulator.server import create_server
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage

from dailies.adapters.gcp.objects.objects import CloudObjects
from dailies.adapters.gcp.objects.slices import Slicing
from dailies.domain.errors import NotFound
from tests.emulators import free_port

SMALL_PARTS = Slicing(sliced_from=300_000, smallest_part=100_000, largest_part=100_000, first_pause_seconds=0)
CONTENT = bytes(range(256)) * 2000


@pytest.fixture
def objects() -> Iterator[CloudObjects]:
    port = free_port()
    server = create_server("127.0.0.1", port, in_memory=True, default_bucket="bucket")
    server.start()
    client = storage.Client(
        "project", AnonymousCredentials(), client_options={"api_endpoint": f"http://127.0.0.1:{port}"}
    )
    yield CloudObjects(client, "bucket", slicing=SMALL_PARTS)
    client.close()
    server.stop()


@pytest.mark.parametrize("size", [0, 1000, len(CONTENT)])
def test_files_come_back_as_they_were(objects: CloudObjects, tmp_path: Path, size: int) -> None:
    """Empty, small and sliced ones."""
    (tmp_path / "in").write_bytes(CONTENT[:size])
    put = objects.put_file("a/ü 1.mp4", tmp_path / "in", content_type="video/mp4", metadata={"k": "v"})
    got = objects.download("a/ü 1.mp4", tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == CONTENT[:size]
    assert (put.size, got.size, got.content_type) == (size, size, "video/mp4")
    assert put.checksum == got.checksum
    assert [found.name for found in objects.list("")] == ["a/ü 1.mp4"]


def test_objects_are_copied_listed_and_deleted(objects: CloudObjects) -> None:
    """By name, and gone is gone."""
    for name in ("a/1", "a/2", "b"):
        objects.put_bytes(name, name.encode())
    objects.copy("b", "a/3")
    assert [found.name for found in objects.list("a/")] == ["a/1", "a/2", "a/3"]
    assert objects.get_bytes("a/3", max_bytes=10) == b"b"
    objects.delete("a/3")
    objects.delete("a/3")
    assert objects.stat("a/3") is None
    with pytest.raises(NotFound):
        objects.get_bytes("a/3", max_bytes=10)
