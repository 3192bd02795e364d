"""Objects whose files somebody removed or changed behind the store's back, or a failing disk spoilt."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from dailies.adapters.local.objects.blobs import BlobFolder, checksum_of
from dailies.adapters.local.objects.objects import LocalObjects
from dailies.domain.errors import NotFound


def test_an_object_whose_file_was_removed_by_hand_is_absent(objects: LocalObjects, home: Path) -> None:
    """The store heals: the name can be written again as if new."""
    first = objects.put_bytes("a", b"1", if_generation_match=0)
    objects.put_bytes("b", b"1")
    objects.path_of("a").unlink()
    assert objects.stat("a") is None
    assert [found.name for found in objects.list("")] == ["b"]
    with pytest.raises(NotFound):
        objects.get_bytes("a", max_bytes=9)
    with pytest.raises(NotFound):
        objects.copy("a", "c")
    assert objects.put_bytes("a", b"1", if_generation_match=0).generation > first.generation


def test_a_damaged_object_is_absent(objects: LocalObjects, home: Path, tmp_path: Path) -> None:
    """For every way to look at it; its file goes, and the name can be written again as if new."""
    ways: list[Callable[[], object]] = [
        lambda: objects.get_bytes("a", max_bytes=9),
        lambda: objects.path_of("a"),
        lambda: objects.download("a", tmp_path / "out"),
        lambda: objects.copy("a", "c"),
    ]
    for way in ways:
        objects.put_bytes("a", b"1", if_generation_match=0)
        objects.path_of("a").write_bytes(b"2")
        with pytest.raises(NotFound):
            way()
        assert objects.stat("a") is None
        assert list((home / "objects").iterdir()) == []


def test_bytes_are_read_to_tell_once_for_each_file(objects: LocalObjects, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never those that the store has just written; after somebody touched the file once more, in any process."""
    read: list[str] = []

    def counted(folder: BlobFolder, file: str) -> str:
        read.append(file)
        return checksum_of(folder.path(file))

    monkeypatch.setattr(BlobFolder, "checksum", counted)
    objects.put_bytes("a", b"1")
    assert objects.get_bytes("a", max_bytes=9) == b"1"
    assert read == []
    os.utime(objects.path_of("a"), (1, 1))
    for store in (objects, LocalObjects(objects._database, objects._blobs.path(""))):
        assert store.get_bytes("a", max_bytes=9) == b"1"
        assert store.stat("a") is not None
    assert len(read) == 1
