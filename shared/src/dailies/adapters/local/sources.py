"""Sources that are files of this machine, used where they lie: a user's own, and uploads in the store."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from blake3 import blake3

from dailies.adapters.local.objects.objects import LocalObjects
from dailies.domain.errors import NotFound, SourceChanged, SourceRefused
from dailies.domain.job.job import FileSource, ObjectSource, Source
from dailies.ports.documents import DocumentStore
from dailies.ports.sources import not_here

# A hash lets others run while it computes: in pieces so large that asking for its turn again costs little.
_READ_BYTES = 8 << 20


class LocalSources:
    """Remembers a file's hash by (size, mtime, inode), as git's index does, so it is read once."""

    def __init__(self, documents: DocumentStore, objects: LocalObjects) -> None:
        self._documents = documents
        self._objects = objects

    def identify(
        self,
        path: Path,
        on_progress: Callable[[int], None] | None = None,
        on_new: Callable[[], None] = lambda: None,
    ) -> FileSource:
        """The file's identity and digest; ``on_progress`` takes the bytes read so far, ``on_new`` is called before a
        file is read whose digest isn't remembered.

        Raises NotFound, SourceRefused for what is not a readable regular file, SourceChanged when it is
        written to meanwhile.
        """
        path = Path(os.path.abspath(path))
        before = _stat(path)
        remembered = f"file_digests/{hashlib.sha256(os.fsencode(path)).hexdigest()}"
        identity = {"size": before.st_size, "mtime_ns": before.st_mtime_ns, "inode": before.st_ino}
        known = self._documents.get(remembered)
        if known is not None and {name: known.data[name] for name in identity} == identity:
            digest = str(known.data["digest"])
        else:
            on_new()
            digest = _hash(path, before.st_size, on_progress)
            if _identity(_stat(path)) != _identity(before):
                raise SourceChanged(f"{path.name} changed while it was read: wait until it is written.")
            self._documents.set(remembered, {**identity, "digest": digest, "noted": datetime.now(UTC)})
        return FileSource(
            path=str(path),
            size=before.st_size,
            mtime_ns=before.st_mtime_ns,
            inode=before.st_ino,
            digest=digest,
        )

    def open(self, source: Source, scratch: Path) -> Path:
        self.verify(source)
        if isinstance(source, FileSource):
            return Path(source.path)
        if not isinstance(source, ObjectSource):
            raise not_here(source)
        try:
            return self._objects.path_of(source.name)
        except NotFound as error:
            raise _upload_changed() from error

    def verify(self, source: Source) -> None:
        if isinstance(source, ObjectSource):
            uploaded = self._objects.stat(source.name)
            if uploaded is None or uploaded.generation != source.generation:
                raise _upload_changed()
            return
        if not isinstance(source, FileSource):
            raise not_here(source)
        path = Path(source.path)
        try:
            found = path.stat()
        except OSError as error:
            raise SourceChanged(
                f"{path.name} was removed while it was processed: put it back and run the command again."
            ) from error
        if _identity(found) != (source.size, source.mtime_ns, source.inode):
            raise SourceChanged(
                f"{path.name} was changed while it was processed: run the command again for the new file."
            )


def _upload_changed() -> SourceChanged:
    return SourceChanged("The upload was replaced, damaged or removed while it was processed: upload it again.")


def _stat(path: Path) -> os.stat_result:
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFound(f"There is no file {path}.", code="source_not_found") from error
    except OSError as error:
        raise SourceRefused(f"{path} can't be read: {error.strerror}.", code="source_unreadable") from error
    if not stat.S_ISREG(found.st_mode):
        raise SourceRefused(f"{path} is not a regular file.", code="not_a_file")
    return found


def _identity(found: os.stat_result) -> tuple[int, int, int]:
    return found.st_size, found.st_mtime_ns, found.st_ino


def _hash(path: Path, size: int, on_progress: Callable[[int], None] | None) -> str:
    """BLAKE3 (https://github.com/BLAKE3-team/BLAKE3-specs), as fast as a file is read from memory.

    Local digests are compared with local digests only, so this need not be what any store or tool computes.
    """
    digest = blake3()
    piece = bytearray(_READ_BYTES)
    done = 0
    try:
        with path.open("rb", buffering=0) as stream:
            while read := stream.readinto(piece):
                digest.update(memoryview(piece)[:read])
                done += read
                if on_progress is not None:
                    on_progress(min(size, done))
    except PermissionError as error:
        raise SourceRefused(
            f"{path} can't be read: no permission (check its mode).", code="source_unreadable"
        ) from error
    except OSError as error:
        raise SourceRefused(f"{path} can't be read: {error.strerror}.", code="source_unreadable") from error
    return f"blake3:{digest.hexdigest()}"
