"""The digest of a local source: every byte counts, wherever it lies, and it is remembered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dailies.adapters.local import sources as module
from dailies.adapters.local.documents.documents import LocalDocuments
from dailies.adapters.local.objects.objects import LocalObjects
from dailies.adapters.local.sources import LocalSources
from dailies.domain.errors import SourceChanged
from dailies.domain.job.job import ObjectSource

PIECE = 1000
SIZES = [0, 1, PIECE - 1, PIECE, PIECE + 1, 5 * PIECE, 5 * PIECE + 7]


@pytest.fixture
def sources(
    documents: LocalDocuments, objects: LocalObjects, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], LocalSources]:
    monkeypatch.setattr(module, "_READ_BYTES", PIECE)
    return lambda: LocalSources(documents, objects)


def content(size: int) -> bytes:
    return bytes((7 * n + n // 251) % 256 for n in range(size))


@pytest.mark.parametrize("size", SIZES)
def test_files_with_the_same_bytes_have_the_same_digest(
    sources: Callable[[], LocalSources], tmp_path: Path, size: int
) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_bytes(content(size))
    other.write_bytes(content(size))
    assert sources().identify(one).digest == sources().identify(other).digest


@pytest.mark.parametrize("size", SIZES[1:])
def test_a_change_anywhere_changes_the_digest(sources: Callable[[], LocalSources], tmp_path: Path, size: int) -> None:
    whole = content(size)
    variants = {whole, whole + b"\0", whole[:-1]}
    for place in {0, size // 2, size - 1}:
        altered = bytearray(whole)
        altered[place] ^= 1
        variants.add(bytes(altered))
    if size > 2 * PIECE:
        variants.add(whole[PIECE : 2 * PIECE] + whole[:PIECE] + whole[2 * PIECE :])
    digests = set()
    for number, variant in enumerate(variants):
        file = tmp_path / str(number)
        file.write_bytes(variant)
        digests.add(sources().identify(file).digest)
    assert len(digests) == len(variants)


def test_it_tells_how_far_it_has_read(sources: Callable[[], LocalSources], tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(content(2 * PIECE + 5))
    told: list[int] = []
    sources().identify(file, told.append)
    assert told == [PIECE, 2 * PIECE, 2 * PIECE + 5]
    told.clear()
    sources().identify(file, told.append)
    assert told == []


def test_a_file_that_is_written_to_meanwhile_is_refused(sources: Callable[[], LocalSources], tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(content(3 * PIECE))

    def cut(_done: int) -> None:
        file.write_bytes(b"short")

    with pytest.raises(SourceChanged, match="changed while it was read"):
        sources().identify(file, cut)


@pytest.fixture
def uploaded(objects: LocalObjects) -> ObjectSource:
    found = objects.put_bytes("uploads/u/j/source", b"media")
    return ObjectSource(name=found.name, generation=found.generation, size=5, digest=found.checksum)


def test_an_upload_is_read_where_it_lies(
    sources: Callable[[], LocalSources], objects: LocalObjects, uploaded: ObjectSource, tmp_path: Path
) -> None:
    """No byte of it is copied, however often it is asked for."""
    assert sources().open(uploaded, tmp_path).samefile(objects.path_of(uploaded.name))
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


@pytest.mark.parametrize(
    "change",
    [
        lambda objects, name: objects.put_bytes(name, b"other"),
        lambda objects, name: objects.delete(name),
        lambda objects, name: objects.path_of(name).write_bytes(b"wrong"),
    ],
    ids=["replaced", "removed", "damaged"],
)
def test_an_upload_that_changed_is_no_source(
    sources: Callable[[], LocalSources],
    objects: LocalObjects,
    uploaded: ObjectSource,
    tmp_path: Path,
    change: Callable[[LocalObjects, str], object],
) -> None:
    """Neither when it is opened nor when what was made of it is committed."""
    opened = sources()
    opened.verify(uploaded)
    change(objects, uploaded.name)
    with pytest.raises(SourceChanged):
        opened.open(uploaded, tmp_path)
    with pytest.raises(SourceChanged):
        opened.verify(uploaded)
