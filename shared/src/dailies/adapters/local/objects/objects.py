"""The object store: files in a folder, and the rows in SQLite that make them objects.

A write stores its bytes under a new file name and then commits one row: that is the moment it becomes
visible. A crash before it leaves an orphan file, one after it leaves the replaced file as an orphan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from io import BufferedReader
from pathlib import Path

from dailies.adapters.local.documents.database import Database
from dailies.adapters.local.faults import reading, writing
from dailies.adapters.local.objects.blobs import Blob, BlobFolder, CannotMove, checksum_of
from dailies.adapters.local.objects.durable_files import pieces_of, replacing, write_pieces
from dailies.adapters.local.objects.object_rows import (
    ObjectRow,
    insert,
    page,
    read_row,
    referenced,
    remove,
    remove_generation,
    require_generation,
    set_accessed,
    set_identity,
)
from dailies.adapters.name_rules import check_object_name
from dailies.domain.errors import NotFound, PermanentError
from dailies.logs import Logger
from dailies.ports.objects import ObjectInfo

_PAGE_ROWS = 500

log = Logger(__name__)


class LocalObjects:
    """An ObjectStore with LocalFiles.

    A row whose file somebody removed, or changed, or that a failing disk spoilt, counts as absent, so that what it
    held is made again. Bytes are read to tell only where the file isn't the one that was last found whole.
    """

    def __init__(
        self,
        database: Database,
        folder: Path,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._blobs = BlobFolder(folder)
        self._clock = clock

    def checksum_of(self, path: Path) -> str:
        return checksum_of(path)

    def stat(self, name: str) -> ObjectInfo | None:
        check_object_name(name)
        row = self._find(name)
        return None if row is None else row.info()

    def put_file(
        self,
        name: str,
        path: Path,
        *,
        content_type: str | None = None,
        metadata: Mapping[str, str] | None = None,
        if_generation_match: int | None = None,
        on_progress: Callable[[int], None] | None = None,
    ) -> ObjectInfo:
        self._check_early(name, if_generation_match)
        with reading(path):
            source = path.open("rb")
        with source:
            blob = self._blobs.store(name, pieces_of(source, path), on_progress)
        return self._commit(name, blob, content_type, metadata, if_generation_match)

    def put_bytes(
        self,
        name: str,
        data: bytes,
        *,
        content_type: str | None = None,
        metadata: Mapping[str, str] | None = None,
        if_generation_match: int | None = None,
    ) -> ObjectInfo:
        self._check_early(name, if_generation_match)
        blob = self._blobs.store(name, [memoryview(data)])
        return self._commit(name, blob, content_type, metadata, if_generation_match)

    def adopt_file(
        self,
        name: str,
        path: Path,
        *,
        content_type: str | None = None,
        metadata: Mapping[str, str] | None = None,
        if_generation_match: int | None = None,
        checksum: str | None = None,
    ) -> ObjectInfo:
        self._check_early(name, if_generation_match)
        try:
            blob = self._blobs.adopt(name, path, checksum)
        except CannotMove:
            info = self.put_file(
                name, path, content_type=content_type, metadata=metadata, if_generation_match=if_generation_match
            )
            with writing(path):
                path.unlink()
            return info
        return self._commit(
            name, blob, content_type, metadata, if_generation_match, undo=lambda: self._blobs.put_back(blob, path)
        )

    def get_bytes(self, name: str, *, max_bytes: int) -> bytes:
        row, source = self._open(name)
        with source:
            if row.size > max_bytes:
                raise PermanentError(
                    f"The object {name} has {row.size} bytes; {max_bytes} is the most that is read here.",
                    code="object_too_large",
                    name=name,
                    size=row.size,
                )
            with reading(self._blobs.path(row.blob)):
                return source.read()

    def download(
        self,
        name: str,
        path: Path,
        *,
        generation: int | None = None,
        on_progress: Callable[[int], None] | None = None,
    ) -> ObjectInfo:
        row, source = self._open(name)
        with source:
            if generation is not None and row.generation != generation:
                raise NotFound(
                    f"Generation {generation} of the object {name} is gone.",
                    code="generation_gone",
                    name=name,
                    generation=generation,
                )
            with replacing(path) as sink:
                write_pieces(pieces_of(source, self._blobs.path(row.blob)), sink, path, on_progress)
        return row.info()

    def path_of(self, name: str) -> Path:
        return self._blobs.path(self._require(name).blob)

    def copy(self, source: str, destination: str, *, if_generation_match: int | None = None) -> ObjectInfo:
        self._check_early(destination, if_generation_match)
        while True:
            row = self._require(source)
            try:
                blob = self._blobs.clone(destination, Blob(row.blob, row.size, row.checksum, row.identity))
            except FileNotFoundError:
                # Replaced or deleted since the row was read.
                continue
            return self._commit(destination, blob, row.content_type, row.metadata, if_generation_match)

    def delete(self, name: str, *, if_generation_match: int | None = None) -> None:
        check_object_name(name)
        with self._database.write() as connection:
            row = self._alive(read_row(connection, name))
            require_generation(name, row, if_generation_match)
            file = remove(connection, name)
        if file is not None:
            self._blobs.discard(file)

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        after = None
        while True:
            with self._database.read() as connection:
                rows = page(connection, prefix, after, _PAGE_ROWS)
            for row in rows:
                # Replaced while this page is gone through: it is still there, in its new generation.
                found = self._alive(row) or self._find(row.name)
                if found is not None:
                    yield found.info()
            if len(rows) < _PAGE_ROWS:
                return
            after = rows[-1].name

    def touch(self, name: str) -> None:
        check_object_name(name)
        with self._database.write() as connection:
            set_accessed(connection, name, self._clock())

    def collect_orphans(self, older_than: timedelta) -> int:
        """Remove files that no object refers to; returns their bytes. Idempotent.

        ``older_than`` has to be longer than any write can take: a write in progress looks like an orphan.
        """
        freed = 0
        for file, size in self._blobs.stale(older_than):
            with self._database.read() as connection:
                wanted = referenced(connection, file)
            if not wanted:
                self._blobs.discard(file)
                freed += size
        return freed

    def _commit(
        self,
        name: str,
        blob: Blob,
        content_type: str | None,
        metadata: Mapping[str, str] | None,
        if_generation_match: int | None,
        undo: Callable[[], None] | None = None,
    ) -> ObjectInfo:
        """Make the blob the object's present generation, or undo its writing."""
        try:
            with self._database.write() as connection:
                require_generation(name, self._alive(read_row(connection, name)), if_generation_match)
                replaced = remove(connection, name)
                row = insert(connection, name, blob, content_type, metadata or {}, self._clock())
        except BaseException:
            if undo is None:
                self._blobs.discard(blob.file)
            else:
                undo()
            raise
        if replaced is not None:
            self._blobs.discard(replaced)
        return row.info()

    def _check_early(self, name: str, if_generation_match: int | None) -> None:
        """Refuse before any byte is moved what would be refused at the end."""
        check_object_name(name)
        if if_generation_match is not None:
            require_generation(name, self._find(name), if_generation_match)

    def _open(self, name: str) -> tuple[ObjectRow, BufferedReader]:
        while True:
            row = self._require(name)
            path = self._blobs.path(row.blob)
            try:
                with reading(path):
                    return row, path.open("rb")
            except NotFound:
                # Replaced or deleted since the row was read.
                continue

    def _require(self, name: str) -> ObjectRow:
        check_object_name(name)
        row = self._find(name)
        if row is None:
            raise NotFound(f"There is no object {name}.", code="object_not_found", name=name)
        return row

    def _find(self, name: str) -> ObjectRow | None:
        """The present row, unless its file is lost or damaged."""
        missed = None
        while True:
            with self._database.read() as connection:
                row = read_row(connection, name)
            if row is None or row == missed:
                return None
            if self._whole(row):
                return row
            # Either lost or replaced in this moment: another look tells.
            missed = row

    def _alive(self, row: ObjectRow | None) -> ObjectRow | None:
        return row if row is not None and self._blobs.path(row.blob).exists() else None

    def _whole(self, row: ObjectRow) -> bool:
        """Whether the file is there and has the object's bytes. A damaged one is removed."""
        identity = self._blobs.identity(row.blob)
        if identity is None or identity == row.identity:
            return identity is not None
        try:
            found = self._blobs.checksum(row.blob)
        except NotFound:
            return False
        if found == row.checksum:
            with self._database.write() as connection:
                set_identity(connection, row.generation, identity)
            return True
        log.warning("a damaged object is dropped", object=row.name, checksum=row.checksum, found=found)
        with self._database.write() as connection:
            removed = remove_generation(connection, row.generation)
        if removed is not None:
            self._blobs.discard(removed)
        return False
