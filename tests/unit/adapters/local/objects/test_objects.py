"""The folder behind the object store: adoption, orphans and full volumes."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dailies.adapters.local.documents.database import Database
from dailies.adapters.local.objects import objects as objects_module
from dailies.adapters.local.objects.objects import LocalObjects
from dailies.domain.errors import Conflict, Misconfigured, NotFound, StorageFull
from dailies.ports.objects import LocalFiles

AT_ONCE = timedelta(0)


def _files(home: Path) -> list[Path]:
    folder = home / "objects"
    return sorted(folder.iterdir()) if folder.exists() else []


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(b"adopted")
    return path


def test_the_store_lends_files(objects: LocalObjects) -> None:
    """The local store has the further ability of LocalFiles, and its path holds the bytes."""
    assert isinstance(objects, LocalFiles)
    objects.put_bytes("a/b.mp4", b"bytes")
    path = objects.path_of("a/b.mp4")
    assert path.read_bytes() == b"bytes"
    assert path.name.endswith("a_b.mp4")
    with pytest.raises(NotFound):
        objects.path_of("absent")


def test_the_checksum_is_of_the_bytes(objects: LocalObjects, file: Path) -> None:
    """Every way in computes sha256 of what was written."""
    expected = f"sha256:{hashlib.sha256(b'adopted').hexdigest()}"
    assert objects.put_bytes("a", b"adopted").checksum == expected
    assert objects.put_file("b", file).checksum == expected
    assert objects.copy("b", "c").checksum == expected
    assert objects.adopt_file("d", file).checksum == expected


def test_an_adopted_file_is_moved(objects: LocalObjects, file: Path) -> None:
    """Adoption keeps the file itself: same inode, gone from its old place."""
    inode = file.stat().st_ino
    info = objects.adopt_file("a", file, content_type="text/plain", metadata={"k": "v"})
    assert not file.exists()
    assert objects.path_of("a").stat().st_ino == inode
    assert (info.size, info.content_type, info.metadata) == (7, "text/plain", {"k": "v"})
    assert objects.get_bytes("a", max_bytes=9) == b"adopted"


def test_a_known_checksum_is_believed(objects: LocalObjects, file: Path) -> None:
    """The caller's checksum saves reading the file."""
    assert objects.adopt_file("a", file, checksum="sha256:known").checksum == "sha256:known"


def test_a_refused_adoption_leaves_the_file(objects: LocalObjects, home: Path, file: Path) -> None:
    """After a Conflict the file is where it was, and the store has no trace of it."""
    objects.put_bytes("a", b"first")
    with pytest.raises(Conflict):
        objects.adopt_file("a", file, if_generation_match=0)
    assert file.read_bytes() == b"adopted"
    assert len(_files(home)) == 1


def test_an_adoption_overtaken_at_the_end_puts_the_file_back(
    objects: LocalObjects, home: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Conflict that shows at the commit only is undone as well."""
    monkeypatch.setattr(LocalObjects, "_check_early", lambda *_: None)
    objects.put_bytes("a", b"first")
    with pytest.raises(Conflict):
        objects.adopt_file("a", file, if_generation_match=0)
    with pytest.raises(Conflict):
        objects.put_bytes("a", b"second", if_generation_match=0)
    assert file.read_bytes() == b"adopted"
    assert len(_files(home)) == 1


@pytest.mark.parametrize("link", [Path.symlink_to, Path.hardlink_to], ids=["symbolic", "hard"])
def test_a_linked_file_is_adopted_by_copy(
    objects: LocalObjects, tmp_path: Path, file: Path, link: Callable[[Path, Path], None]
) -> None:
    """Nobody who holds another name of the file can change the object's bytes."""
    other = tmp_path / "other"
    link(other, file)
    objects.adopt_file("a", other)
    file.write_bytes(b"changed afterwards")
    assert not other.is_symlink()
    assert not other.exists()
    assert objects.get_bytes("a", max_bytes=9) == b"adopted"


def test_a_file_of_another_volume_is_adopted_by_copy(
    objects: LocalObjects, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the file can't be moved it is copied and removed."""

    def refuse(path: Path, target: Path) -> Path:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    monkeypatch.setattr(Path, "rename", refuse)
    objects.adopt_file("a", file)
    assert not file.exists()
    assert objects.get_bytes("a", max_bytes=9) == b"adopted"


def test_a_copy_moves_no_bytes(objects: LocalObjects) -> None:
    """A copy is another link to the same file."""
    objects.put_bytes("a", b"1")
    objects.copy("a", "b")
    assert objects.path_of("a").samefile(objects.path_of("b"))
    assert objects.path_of("a") != objects.path_of("b")


def test_a_copy_works_without_links(objects: LocalObjects, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a file system without hard links the bytes are copied."""

    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    objects.put_bytes("a", b"1")
    monkeypatch.setattr(os, "link", refuse)
    objects.copy("a", "b")
    assert objects.get_bytes("b", max_bytes=9) == b"1"
    assert not objects.path_of("a").samefile(objects.path_of("b"))


def test_replaced_and_deleted_bytes_are_freed(objects: LocalObjects, home: Path) -> None:
    """The folder holds the present generations and nothing else; an open file is read to its end."""
    objects.put_bytes("a", b"1")
    with objects.path_of("a").open("rb") as opened:
        objects.put_bytes("a", b"2")
        assert opened.read() == b"1"
    assert len(_files(home)) == 1
    objects.delete("a")
    assert _files(home) == []


def test_touch_notes_the_use(database: Database, home: Path) -> None:
    """accessed is the time of writing, then of the last touch; touching what is gone does nothing."""
    now = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
    objects = LocalObjects(database, home / "objects", clock=lambda: now)
    written = objects.put_bytes("a", b"1")
    assert (written.updated, written.accessed) == (now, now)
    now += timedelta(hours=3, microseconds=7)
    objects.touch("a")
    objects.touch("absent")
    found = objects.stat("a")
    assert found is not None
    assert (found.updated, found.accessed) == (written.updated, now)
    assert found.generation == written.generation


def test_a_list_goes_on_after_a_page(objects: LocalObjects, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is lost or doubled where one page of rows ends and the next begins."""
    monkeypatch.setattr(objects_module, "_PAGE_ROWS", 3)
    names = [f"p/{n}" for n in range(9)]
    for name in [*names, "o", "q"]:
        objects.put_bytes(name, b"")
    assert [found.name for found in objects.list("p/")] == names
    assert len(list(objects.list(""))) == 11


def test_orphans_are_collected_and_objects_are_not(objects: LocalObjects, home: Path) -> None:
    """Old files without a row go, and their bytes are counted; young ones and objects stay."""
    assert objects.collect_orphans(AT_ONCE) == 0
    objects.put_bytes("a", b"1")
    (home / "objects" / "left-over").write_bytes(b"12345")
    assert objects.collect_orphans(timedelta(hours=1)) == 0
    assert objects.collect_orphans(AT_ONCE) == 5
    assert objects.collect_orphans(AT_ONCE) == 0
    assert objects.get_bytes("a", max_bytes=9) == b"1"


def test_a_file_adopted_just_now_is_young(objects: LocalObjects, home: Path, file: Path) -> None:
    """The age of a file counts from its move into the store, whatever its own date says."""
    os.utime(file, (1, 1))
    objects.adopt_file("a", file)
    with objects._database.write() as connection:
        connection.execute("DELETE FROM objects")
    assert objects.collect_orphans(timedelta(hours=1)) == 0
    assert objects.collect_orphans(AT_ONCE) == 7


def test_a_volume_that_fills_up_at_the_last_moment(
    objects: LocalObjects, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some file systems tell of a full volume at fsync only."""

    def refuse(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", refuse)
        with pytest.raises(StorageFull):
            objects.put_bytes("a", b"1")
    assert _files(home) == []
    assert objects.stat("a") is None


def test_a_destination_that_cannot_be_written_is_named(objects: LocalObjects, tmp_path: Path) -> None:
    """A download into a folder that isn't there is Misconfigured and names the path."""
    objects.put_bytes("a", b"1")
    with pytest.raises(Misconfigured, match="nowhere"):
        objects.download("a", tmp_path / "nowhere" / "out")


def test_a_folder_is_no_file_to_put(objects: LocalObjects, tmp_path: Path) -> None:
    """What can't be read as a file is refused with its path."""
    with pytest.raises(Misconfigured, match=str(tmp_path)):
        objects.put_file("a", tmp_path)
