"""What every ObjectStore does."""

from __future__ import annotations

import re
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dailies.domain.errors import Conflict, NotFound, PermanentError
from dailies.ports.objects import ObjectInfo, ObjectStore

MANY = 1 << 20


WEIRD_NAMES = [
    "uploads/Übung – 日本語 🎬.mp4",
    "../../etc/passwd",
    "a/../b",
    "/leading",
    "trailing/",
    "double//slash",
    " spaces  ",
    "tab\tand\x01control",
    "C:\\windows\\nul",
    "NUL",
    "-rf *",
    ".hidden",
    "é".encode().decode("latin-1"),
    "e\u0301",
    "é",
    "x" * 1024,
    "日" * 341,
    "%00$(true)'\"",
]


def own(info: ObjectInfo) -> dict[str, str]:
    """The metadata without what Google's testbench adds."""
    return {name: value for name, value in info.metadata.items() if not re.match("x_(emulator|testbench)_", name)}


def test_what_is_put_is_got(objects: ObjectStore, other_objects: ObjectStore) -> None:
    """Bytes, type and metadata come back, also through another process, with size, checksum and time."""
    before = datetime.now(UTC) - timedelta(minutes=5)
    put = objects.put_bytes("a/b.txt", b"hello", content_type="text/plain", metadata={"who": "é"})
    assert other_objects.get_bytes("a/b.txt", max_bytes=5) == b"hello"
    found = other_objects.stat("a/b.txt")
    assert found is not None
    assert (found.name, found.size, found.content_type, own(found)) == ("a/b.txt", 5, "text/plain", {"who": "é"})
    assert (found.generation, found.checksum, found.updated) == (put.generation, put.checksum, put.updated)
    assert found.checksum.partition(":")[0] in {"sha256", "crc32c"}
    assert before < found.updated < before + timedelta(minutes=10)


def test_an_empty_object_is_an_object(objects: ObjectStore, tmp_path: Path) -> None:
    """No bytes are as good as many."""
    objects.put_bytes("empty", b"")
    assert objects.get_bytes("empty", max_bytes=0) == b""
    objects.download("empty", tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == b""


def test_files_are_streamed_both_ways(objects: ObjectStore, tmp_path: Path) -> None:
    """A file of several pieces comes back equal, and progress rises to its size both ways."""
    content = bytes(range(256)) * 12_000
    (tmp_path / "in").write_bytes(content)
    up: list[int] = []
    down: list[int] = []
    put = objects.put_file("big", tmp_path / "in", content_type="video/mp4", on_progress=up.append)
    got = objects.download("big", tmp_path / "out", on_progress=down.append)
    assert (tmp_path / "out").read_bytes() == content
    assert (tmp_path / "in").exists()
    assert (put.generation, put.size, put.content_type) == (got.generation, len(content), "video/mp4")
    for reported in (up, down):
        assert reported == sorted(reported)
        assert reported[-1] == len(content)


def test_any_name_is_only_a_name(objects: ObjectStore, tmp_path: Path) -> None:
    """No name leaves the store, collides with another or is too long for it."""
    for name in WEIRD_NAMES:
        objects.put_bytes(name, name.encode())
    for name in WEIRD_NAMES:
        assert objects.get_bytes(name, max_bytes=MANY) == name.encode()
        assert next(objects.list(name)).name == name
    assert [found.name for found in objects.list("")] == sorted(WEIRD_NAMES, key=str.encode)
    assert {left.name for left in tmp_path.iterdir()} <= {"home"}
    for name in WEIRD_NAMES:
        objects.delete(name)
        assert objects.stat(name) is None


@pytest.mark.parametrize("name", ["", ".", "..", "two\nlines", "return\r", "x" * 1025, "日" * 342, "\ud800"])
def test_what_no_store_takes_as_a_name_is_refused(objects: ObjectStore, name: str) -> None:
    """Cloud Storage's rules hold everywhere: ValueError."""
    with pytest.raises(ValueError, match=r"\S"):
        objects.put_bytes(name, b"")
    with pytest.raises(ValueError, match=r"\S"):
        objects.stat(name)


def test_what_is_absent_is_not_found(objects: ObjectStore, tmp_path: Path) -> None:
    """stat gives None; reading and copying raise NotFound and leave nothing behind."""
    assert objects.stat("a") is None
    with pytest.raises(NotFound):
        objects.get_bytes("a", max_bytes=MANY)
    with pytest.raises(NotFound):
        objects.download("a", tmp_path / "out")
    with pytest.raises(NotFound):
        objects.copy("a", "b")
    with pytest.raises(NotFound):
        objects.put_file("a", tmp_path / "no such file")
    assert not (tmp_path / "out").exists()
    assert list(objects.list("")) == []


def test_get_bytes_is_bounded(objects: ObjectStore) -> None:
    """An object over the bound is a PermanentError with its own code, not a full memory."""
    objects.put_bytes("a", b"12345")
    with pytest.raises(PermanentError) as refused:
        objects.get_bytes("a", max_bytes=4)
    assert refused.value.error_code == "object_too_large"


def test_generations_rise_over_everything(objects: ObjectStore) -> None:
    """Each write, also after a deletion, has a greater generation than all before."""
    generations = [objects.put_bytes("a", b"1").generation, objects.put_bytes("a", b"1").generation]
    objects.delete("a")
    generations.append(objects.put_bytes("a", b"1").generation)
    objects.put_bytes("b", b"2")
    generations.append(objects.copy("b", "a").generation)
    assert generations == sorted(set(generations))
    assert generations[0] > 0


def test_only_if_absent(objects: ObjectStore, tmp_path: Path) -> None:
    """Generation 0 writes once: the second write is a Conflict and changes nothing."""
    (tmp_path / "file").write_bytes(b"file")
    objects.put_bytes("a", b"first", if_generation_match=0)
    objects.put_bytes("source", b"copy")
    with pytest.raises(Conflict):
        objects.put_bytes("a", b"second", if_generation_match=0)
    with pytest.raises(Conflict):
        objects.put_file("a", tmp_path / "file", if_generation_match=0)
    with pytest.raises(Conflict):
        objects.copy("source", "a", if_generation_match=0)
    assert objects.get_bytes("a", max_bytes=MANY) == b"first"
    objects.delete("a")
    objects.copy("source", "a", if_generation_match=0)
    assert objects.get_bytes("a", max_bytes=MANY) == b"copy"


def test_only_if_this_generation(objects: ObjectStore) -> None:
    """A write or deletion for an older generation is a Conflict, for the present one it happens."""
    old = objects.put_bytes("a", b"1").generation
    present = objects.put_bytes("a", b"2", if_generation_match=old).generation
    with pytest.raises(Conflict):
        objects.put_bytes("a", b"3", if_generation_match=old)
    with pytest.raises(Conflict):
        objects.delete("a", if_generation_match=old)
    assert objects.get_bytes("a", max_bytes=MANY) == b"2"
    objects.delete("a", if_generation_match=present)
    with pytest.raises(Conflict):
        objects.delete("a", if_generation_match=present)


def test_delete_is_idempotent(objects: ObjectStore) -> None:
    """Deleting what is gone is no error."""
    objects.put_bytes("a", b"1")
    objects.delete("a")
    objects.delete("a")
    assert objects.stat("a") is None


def test_a_download_is_of_the_generation_asked_for(objects: ObjectStore, tmp_path: Path) -> None:
    """A generation that was replaced is NotFound, and the destination stays as it was."""
    old = objects.put_bytes("a", b"1").generation
    present = objects.put_bytes("a", b"2").generation
    (tmp_path / "out").write_bytes(b"before")
    with pytest.raises(NotFound):
        objects.download("a", tmp_path / "out", generation=old)
    assert (tmp_path / "out").read_bytes() == b"before"
    assert objects.download("a", tmp_path / "out", generation=present).generation == present
    assert (tmp_path / "out").read_bytes() == b"2"


def test_an_interrupted_download_leaves_nothing(objects: ObjectStore, tmp_path: Path) -> None:
    """What on_progress raises is passed on; the destination's folder is as before."""
    objects.put_bytes("a", b"x" * MANY)
    folder = tmp_path / "folder"
    folder.mkdir()

    def stop(moved: int) -> None:
        if moved:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        objects.download("a", folder / "out", on_progress=stop)
    assert list(folder.iterdir()) == []


def test_an_interrupted_upload_leaves_nothing(objects: ObjectStore, tmp_path: Path) -> None:
    """What on_progress raises is passed on; the object stays what it was."""
    objects.put_bytes("a", b"before")
    (tmp_path / "file").write_bytes(b"x" * (3 * MANY))

    def stop(moved: int) -> None:
        if moved:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        objects.put_file("a", tmp_path / "file", on_progress=stop)
    assert objects.get_bytes("a", max_bytes=MANY) == b"before"


def test_an_object_is_invisible_until_it_is_complete(
    objects: ObjectStore, other_objects: ObjectStore, tmp_path: Path
) -> None:
    """While the bytes move nobody sees the new object."""
    (tmp_path / "file").write_bytes(b"x" * (3 * MANY))
    seen: list[object] = []

    def look(moved: int) -> None:
        seen.extend([other_objects.stat("a"), *other_objects.list("")])

    objects.put_file("a", tmp_path / "file", on_progress=look)
    assert set(seen) == {None}
    assert other_objects.stat("a") is not None


def test_a_reader_never_sees_a_mixture(objects: ObjectStore, other_objects: ObjectStore, tmp_path: Path) -> None:
    """While an object is written again and again, each read is one whole generation."""
    objects.put_bytes("a", b"\0" * 1000)
    over = threading.Event()
    wrong: list[str] = []

    def read() -> None:
        while not over.is_set():
            content = other_objects.get_bytes("a", max_bytes=MANY)
            info = other_objects.download("a", tmp_path / "out")
            downloaded = (tmp_path / "out").read_bytes()
            if len(set(content)) != 1 or len(content) != 1000 * (content[0] + 1):
                wrong.append("get_bytes")
            if len(set(downloaded)) != 1 or len(downloaded) != info.size:
                wrong.append("download")

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for n in range(60):
            objects.put_bytes("a", bytes([n]) * (1000 * (n + 1)))
    finally:
        over.set()
        reader.join()
    assert wrong == []


def test_a_copy_is_independent(objects: ObjectStore) -> None:
    """A copy has the bytes, type and metadata, and outlives its source."""
    source = objects.put_bytes("a", b"1", content_type="text/plain", metadata={"k": "v"})
    copy = objects.copy("a", "b")
    objects.put_bytes("a", b"2")
    objects.delete("a")
    assert objects.get_bytes("b", max_bytes=MANY) == b"1"
    assert (copy.name, copy.size, copy.checksum) == ("b", 1, source.checksum)
    assert (copy.content_type, own(copy)) == ("text/plain", {"k": "v"})


def test_an_object_copied_onto_itself_stays(objects: ObjectStore) -> None:
    """A copy to the same name is a new generation of the same bytes."""
    first = objects.put_bytes("a", b"1")
    assert objects.copy("a", "a").generation > first.generation
    assert objects.get_bytes("a", max_bytes=MANY) == b"1"


def test_a_list_is_by_name(objects: ObjectStore) -> None:
    """Names with the prefix, and no others, come in the order of their UTF-8 bytes."""
    names = [f"p/{n:03}" for n in range(15)] + ["p/é", "p/z", "p/\U0001f3ac", "p/\ufffd"]
    for name in [*reversed(names), "o", "p", "q/p/1"]:
        objects.put_bytes(name, b"")
    assert [found.name for found in objects.list("p/")] == sorted(names, key=str.encode)
    assert [found.name for found in objects.list("p/01")] == [f"p/{n:03}" for n in range(10, 15)]
    assert list(objects.list("nothing")) == []


def test_a_list_bears_changes_meanwhile(objects: ObjectStore) -> None:
    """Objects deleted while the list is gone through do not upset it."""
    for n in range(5):
        objects.put_bytes(f"a/{n}", b"")
    seen = []
    for found in objects.list("a/"):
        seen.append(found.name)
        objects.delete(found.name)
        objects.delete("a/4")
    assert seen[0] == "a/0"
    assert list(objects.list("a/")) == []
