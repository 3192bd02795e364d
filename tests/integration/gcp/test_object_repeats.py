"""What Cloud Storage refuses for a moment is asked again, and nothing that was sent is lost."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from google.cloud import storage

from dailies.adapters.gcp.objects.objects import CloudObjects
from tests.fakes.http_server import Request
from tests.fakes.storage import FakeStorage
from tests.integration.gcp.test_objects import CONTENT, SMALL_PARTS, objects as objects, part_upload, source as source  # noqa: PLC0414 - fixtures


@pytest.mark.parametrize("lose_answer", [False, True])
def test_what_is_harmless_to_repeat_is_repeated(
    objects: CloudObjects,
    fake_storage: FakeStorage,
    lose_answer: bool,
) -> None:
    """Writes, copies and deletions without a precondition: a 503 is no reason to give them up."""
    fake_storage.fail(lambda request: request.path.startswith("/upload/"), status=503, lose_answer=lose_answer)
    objects.put_bytes("a", b"1")
    fake_storage.fail(lambda request: "/rewriteTo/" in request.path, status=503, lose_answer=lose_answer)
    objects.copy("a", "b")
    fake_storage.fail(lambda request: request.method == "DELETE", status=503, lose_answer=lose_answer)
    objects.delete("a")
    assert list(fake_storage.objects) == ["b"]


def composing(request: Request) -> bool:
    return request.path.endswith("/compose")


@pytest.mark.parametrize("lose_answer", [False, True])
@pytest.mark.parametrize("if_generation_match", [None, 0])
def test_a_join_that_is_refused_for_a_moment_loses_no_part(
    objects: CloudObjects,
    fake_storage: FakeStorage,
    source: Path,
    lose_answer: bool,
    if_generation_match: int | None,
) -> None:
    """Over 32 parts are joined in two rounds: every byte was sent, and a 503 of either is asked again."""
    to_parts = iter([True, True, False])
    fake_storage.fail(
        lambda request: composing(request) and next(to_parts, False), status=503, lose_answer=lose_answer, times=2
    )
    objects.put_file("big", source, if_generation_match=if_generation_match)
    assert fake_storage.objects["big"].data == CONTENT
    assert list(fake_storage.objects) == ["big"]
    assert sum(part_upload(request) for request in fake_storage.requests) == 41


def test_the_last_join_is_asked_again_too(objects: CloudObjects, fake_storage: FakeStorage, source: Path) -> None:
    """With and without a precondition."""
    for expected in (None, 0):
        name = f"big-{expected}"
        fake_storage.fail(lambda request, name=name: f"/{name}/compose" in request.path, status=503)  # type: ignore[misc]
        objects.put_file(name, source, if_generation_match=expected)
        assert fake_storage.objects[name].data == CONTENT


def test_an_outage_holds_up_the_clearing_of_parts_for_a_moment_only(
    storage_client: Callable[[], storage.Client], fake_storage: FakeStorage, source: Path
) -> None:
    """All parts together have one deadline; the object is there all the same, and the parts wait for the sweeper."""
    objects = CloudObjects(storage_client(), "bucket", slicing=replace(SMALL_PARTS, clear_seconds=0.5))
    fake_storage.fail(lambda request: request.method == "DELETE", status=503, times=10_000)
    begun = time.monotonic()
    objects.put_file("big", source)
    assert time.monotonic() - begun < 20
    assert fake_storage.objects["big"].data == CONTENT
    assert all(name.startswith("staging/") for name in fake_storage.objects if name != "big")
    assert len(fake_storage.objects) > 40


def test_a_copy_sends_the_type_and_metadata_of_its_source(objects: CloudObjects, fake_storage: FakeStorage) -> None:
    """What the body of a rewrite names, null included, is what the copy gets; and it is of one generation."""
    objects.put_bytes("a", b"1", content_type="text/plain", metadata={"k": "v"})
    objects.put_bytes("bare", b"1")
    copy, bare = objects.copy("a", "b"), objects.copy("bare", "c")
    assert (copy.content_type, copy.metadata) == ("text/plain", {"k": "v"})
    assert bare.metadata == {}
    rewrites = [request for request in fake_storage.requests if "/rewriteTo/" in request.path]
    assert [b"null" in request.body for request in rewrites] == [False, False]
    assert all("sourceGeneration" in request.query for request in rewrites)
