"""Sources in the cloud: what an event tells of an upload is what the worker later finds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from google.cloud import storage

from dailies.adapters.gcp.objects.objects import CloudObjects
from dailies.adapters.gcp.sources import CloudSources
from dailies.domain.errors import SourceChanged
from dailies.services.upload_arrived import _source

NAME = "uploads/ann/job/source"


@pytest.fixture
def objects(storage_client: Callable[[], storage.Client]) -> CloudObjects:
    return CloudObjects(storage_client(), "bucket")


def test_the_upload_that_an_event_told_of_is_the_source(objects: CloudObjects, tmp_path: Path) -> None:
    """By its generation, whose name is part of the digest: a CRC alone does not tell two files apart."""
    source = _source(objects.put_bytes(NAME, b"media"))
    assert source.digest.endswith(f"#{source.generation}")
    assert CloudSources(objects).open(source, tmp_path).read_bytes() == b"media"
    CloudSources(objects).verify(source)


@pytest.mark.parametrize("data", [b"other", b"media"])
def test_another_upload_in_its_place_is_a_change(objects: CloudObjects, tmp_path: Path, data: bytes) -> None:
    source = _source(objects.put_bytes(NAME, b"media"))
    objects.put_bytes(NAME, data)
    with pytest.raises(SourceChanged):
        CloudSources(objects).verify(source)
    with pytest.raises(SourceChanged):
        CloudSources(objects).open(source, tmp_path)


def test_bytes_that_are_not_those_of_the_digest_are_a_change(objects: CloudObjects, tmp_path: Path) -> None:
    source = _source(objects.put_bytes(NAME, b"media"))
    with pytest.raises(SourceChanged):
        CloudSources(objects).verify(source.model_copy(update={"digest": "crc32c:AAAAAA==:5:x#1"}))
