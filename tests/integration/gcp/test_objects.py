"""Sliced transfers with Cloud Storage, and its faults."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from google.cloud import storage

from dailies.adapters.gcp.objects.objects import CloudObjects
from dailies.adapters.gcp.objects.slices import Slicing
from dailies.domain.errors import Conflict, DailiesError, Misconfigured, NotFound, PlatformNotReady, TransientError
from tests.fakes.http_server import Request, Response
from tests.fakes.storage import FakeStorage

SMALL_PARTS = Slicing(sliced_from=1000, smallest_part=1000, largest_part=1000, attempts=4, first_pause_seconds=0)
CONTENT = random.Random(1).randbytes(40_321)


@pytest.fixture
def objects(storage_client: Callable[[], storage.Client]) -> CloudObjects:
    return CloudObjects(storage_client(), "bucket", slicing=SMALL_PARTS)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(CONTENT)
    return path


def ranged(request: Request) -> bool:
    return "range" in request.headers


def part_upload(request: Request) -> bool:
    return request.path.startswith("/upload/")


def test_a_large_file_goes_up_in_parts_and_is_one_object(
    objects: CloudObjects, fake_storage: FakeStorage, source: Path
) -> None:
    """More parts than one compose takes; type and metadata are the object's, and no part is left."""
    told: list[int] = []
    put = objects.put_file(
        "big", source, content_type="video/mp4", metadata={"k": "é"}, if_generation_match=0, on_progress=told.append
    )
    assert fake_storage.objects["big"].data == CONTENT
    assert list(fake_storage.objects) == ["big"]
    assert (put.size, put.content_type, put.metadata) == (len(CONTENT), "video/mp4", {"k": "é"})
    assert sum(part_upload(request) for request in fake_storage.requests) == 41
    assert told == sorted(told)
    assert told[-1] == len(CONTENT)


def test_a_large_object_comes_down_in_parts(
    objects: CloudObjects, fake_storage: FakeStorage, source: Path, tmp_path: Path
) -> None:
    """Each part of the same generation, with progress to the end."""
    objects.put_file("big", source)
    told: list[int] = []
    objects.download("big", tmp_path / "out", on_progress=told.append)
    assert (tmp_path / "out").read_bytes() == CONTENT
    assert sum(ranged(request) for request in fake_storage.requests) == 41
    assert told == sorted(told)
    assert told[-1] == len(CONTENT)


@pytest.mark.parametrize("status", [429, 500, 503, 408])
def test_a_refusal_that_passes_costs_a_repetition(
    objects: CloudObjects, fake_storage: FakeStorage, source: Path, tmp_path: Path, status: int
) -> None:
    """Both ways: the parts that were refused are sent again, and the bytes are right."""
    fake_storage.fail(part_upload, status=status, times=3)
    objects.put_file("big", source)
    fake_storage.fail(ranged, status=status, times=3)
    objects.download("big", tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == CONTENT
    assert list(fake_storage.objects) == ["big"]


def test_a_short_read_is_read_again(
    objects: CloudObjects, fake_storage: FakeStorage, source: Path, tmp_path: Path
) -> None:
    """Whether the connection breaks, or the answer is simply too short."""
    objects.put_file("big", source)
    fake_storage.spoil(ranged, lambda answer: replace(answer, cut_to=100), times=2)
    fake_storage.spoil(ranged, lambda answer: replace(answer, body=answer.body[:-1]), times=2)
    objects.download("big", tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == CONTENT


def test_a_part_goes_on_where_it_broke_off(
    objects: CloudObjects, fake_storage: FakeStorage, source: Path, tmp_path: Path
) -> None:
    """More often than there are attempts, as long as each brings something; no byte comes twice."""
    objects.put_file("big", source)
    first_part = [0]

    def of_the_first_part(request: Request) -> bool:
        return request.headers.get("range", "").endswith("-999")

    def cut(answer: Response) -> Response:
        first_part.append(len(answer.body))
        return replace(answer, cut_to=150)

    fake_storage.spoil(of_the_first_part, cut, times=5)
    objects.download("big", tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == CONTENT
    assert first_part == [0, 1000, 850, 700, 550, 400]
    asked = [request.headers["range"] for request in fake_storage.requests if of_the_first_part(request)]
    assert asked == [f"bytes={start}-999" for start in (0, 150, 300, 450, 600, 750)]


def damaged(answer: Response) -> Response:
    return replace(answer, body=bytes([answer.body[0] ^ 1]) + answer.body[1:])


def test_a_download_with_a_wrong_checksum_is_not_kept(
    objects: CloudObjects, fake_storage: FakeStorage, source: Path, tmp_path: Path
) -> None:
    """TransientError; the destination stays as it was, with nothing beside it."""
    objects.put_file("big", source)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "out").write_bytes(b"before")
    fake_storage.spoil(ranged, damaged)
    with pytest.raises(TransientError) as raised:
        objects.download("big", folder / "out")
    assert raised.value.error_code == "checksum_mismatch"
    assert [path.name for path in folder.iterdir()] == ["out"]
    assert (folder / "out").read_bytes() == b"before"


def test_bytes_with_a_wrong_checksum_are_not_returned(objects: CloudObjects, fake_storage: FakeStorage) -> None:
    """get_bytes checks them as well."""
    objects.put_bytes("a", b"content")
    fake_storage.spoil(lambda request: request.path.startswith("/download/"), damaged)
    with pytest.raises(TransientError) as raised:
        objects.get_bytes("a", max_bytes=100)
    assert raised.value.error_code == "checksum_mismatch"


def test_a_download_follows_no_replacement(
    objects: CloudObjects, fake_storage: FakeStorage, source: Path, tmp_path: Path
) -> None:
    """Replaced between two parts: NotFound for who asked for the old one, the new one whole for others."""
    old = objects.put_file("big", source).generation

    def replace_once(answer: Response) -> Response:
        objects.put_bytes("big", CONTENT[::-1])
        return answer

    fake_storage.spoil(ranged, replace_once)
    with pytest.raises(NotFound):
        objects.download("big", tmp_path / "out", generation=old)
    assert not (tmp_path / "out").exists()
    fake_storage.spoil(ranged, replace_once)
    objects.download("big", tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == CONTENT[::-1]


@pytest.mark.parametrize("way", ["up", "down"])
def test_what_progress_raises_ends_a_sliced_transfer_and_leaves_nothing(
    objects: CloudObjects, fake_storage: FakeStorage, source: Path, tmp_path: Path, way: str
) -> None:
    """No object, no part, no file."""

    def stop(moved: int) -> None:
        raise InterruptedError

    if way == "up":
        with pytest.raises(InterruptedError):
            objects.put_file("big", source, on_progress=stop)
        assert fake_storage.objects == {}
    else:
        objects.put_file("big", source)
        folder = tmp_path / "folder"
        folder.mkdir()
        with pytest.raises(InterruptedError):
            objects.download("big", folder / "out", on_progress=stop)
        assert list(folder.iterdir()) == []


_FOLDER = re.compile("parts(?:/|%2F)([0-9a-f]{32})")


def test_a_sliced_upload_that_comes_second_is_a_conflict(
    objects: CloudObjects, fake_storage: FakeStorage, source: Path
) -> None:
    """At once when the object is there already; at the end when it appeared meanwhile. No part is left."""

    def be_faster(moved: int) -> None:
        if "big" not in fake_storage.objects:
            objects.put_bytes("big", b"faster")

    with pytest.raises(Conflict):
        objects.put_file("big", source, if_generation_match=0, on_progress=be_faster)
    assert list(fake_storage.objects) == ["big"]
    before = len(fake_storage.requests)
    with pytest.raises(Conflict):
        objects.put_file("big", source, if_generation_match=0)
    # No part of it was sent: each upload has a folder of its own. (A late repetition of the first one's may come.)
    sent, late = (
        set(_FOLDER.findall(repr(part))) for part in (fake_storage.requests[:before], fake_storage.requests[before:])
    )
    assert late <= sent
    assert fake_storage.objects["big"].data == b"faster"


@pytest.mark.parametrize(
    ("status", "expected"), [(403, PlatformNotReady), (401, Misconfigured), (412, Conflict), (503, TransientError)]
)
def test_storages_errors_are_ours_and_leave_no_part(
    objects: CloudObjects, fake_storage: FakeStorage, source: Path, status: int, expected: type[DailiesError]
) -> None:
    """Each kind has its class, with the vendor's error as its cause."""
    fake_storage.fail(part_upload, status=status, times=1000)
    with pytest.raises(expected) as raised:
        objects.put_file("big", source)
    assert type(raised.value) is expected
    assert raised.value.__cause__ is not None
    assert fake_storage.objects == {}


def test_bytes_damaged_on_their_way_up_are_refused(
    objects: CloudObjects, fake_storage: FakeStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cloud Storage compares the CRC32C that was sent along."""
    route = fake_storage._answer
    monkeypatch.setattr(
        fake_storage, "_answer", lambda request: route(replace(request, body=request.body.replace(b"good", b"bad!")))
    )
    with pytest.raises(TransientError) as raised:
        objects.put_bytes("a", b"good")
    assert raised.value.error_code == "checksum_mismatch"
    assert fake_storage.objects == {}


def test_a_lost_answer_of_an_unconditional_write_is_repeated_unseen(
    objects: CloudObjects, fake_storage: FakeStorage
) -> None:
    """A repetition writes the same bytes once more."""
    fake_storage.fail(part_upload, status=503, lose_answer=True)
    objects.put_bytes("a", b"1")
    assert objects.get_bytes("a", max_bytes=1) == b"1"
