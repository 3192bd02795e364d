"""A folder of immutable files with names of our own: the bytes behind the objects.

A file's name begins with a random token, so no two attempts ever write to the same one, and goes on with what
of the object's name any file system can take, for people who look. A file without a row that refers to it is
an orphan: the left-over of a crash, invisible to readers.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from dailies.adapters.local.faults import reading, writing
from dailies.adapters.local.objects.durable_files import pieces_of, replacing, sync_folder, write_pieces

_READABLE_CHARACTERS = 100
_UNREADABLE = re.compile(r"[^A-Za-z0-9._-]+")
# The file system has no hard links, has used them up for this file, or it is another file system.
_NO_LINK = {errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EOPNOTSUPP, errno.ENOSYS}


@dataclass(frozen=True, slots=True)
class Blob:
    """One file of the folder."""

    file: str
    size: int
    checksum: str
    identity: str | None
    """As :meth:`BlobFolder.identity` tells it."""


class BlobFolder:
    """Made with its first file. Nothing here is atomic with the rows: the caller commits those."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, file: str) -> Path:
        return self._folder / file

    def identity(self, file: str) -> str | None:
        """What changes whenever somebody writes to the file; None where there is none.

        The time of the inode's change is part of it: nobody can set that one back.
        """
        with reading(self.path(file)):
            try:
                found = self.path(file).stat()
            except (FileNotFoundError, NotADirectoryError):
                return None
        return f"{found.st_ino} {found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}"

    def checksum(self, file: str) -> str:
        """What the file's bytes come to now. Raises NotFound."""
        return checksum_of(self.path(file))

    def store(self, name: str, pieces: Iterable[memoryview], on_progress: Callable[[int], None] | None = None) -> Blob:
        """Write a new file, hashed on the way and on the disk when this returns."""
        target = self._new(name)
        digest = hashlib.sha256()
        with replacing(target) as sink:
            size = write_pieces(pieces, sink, target, on_progress, digest.update)
        return Blob(target.name, size, f"sha256:{digest.hexdigest()}", self.identity(target.name))

    def adopt(self, name: str, path: Path, checksum: str | None) -> Blob:
        """Move a file in. Raises CannotMove when it has to be copied instead; it is untouched then."""
        with reading(path):
            found = path.lstat()
        # Somebody who holds another link to it, or a link to somebody's file, could change our bytes later.
        if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
            raise CannotMove(path)
        checksum = checksum or checksum_of(path)
        with reading(path), path.open("rb") as source:
            os.fsync(source.fileno())
        target = self._new(name)
        self._move(path, target)
        return Blob(target.name, found.st_size, checksum, self.identity(target.name))

    def put_back(self, blob: Blob, path: Path) -> None:
        """Undo ``adopt``."""
        self._move(self.path(blob.file), path)

    def clone(self, name: str, blob: Blob) -> Blob:
        """Another name for the same bytes. Raises FileNotFoundError if the blob is gone."""
        target = self._new(name)
        source = self.path(blob.file)
        try:
            os.link(source, target)
        except FileNotFoundError:
            raise
        except OSError as error:
            if error.errno not in _NO_LINK:
                with writing(target):
                    raise
            with source.open("rb") as stream:
                return self.store(name, pieces_of(stream, source))
        sync_folder(self._folder)
        return Blob(target.name, blob.size, blob.checksum, self.identity(target.name))

    def discard(self, file: str) -> None:
        """Remove a file; one that can't be removed now is an orphan for the next collection."""
        with suppress(OSError):
            self.path(file).unlink()

    def stale(self, older_than: timedelta) -> Iterator[tuple[str, int]]:
        """Name and size of the files that were last made, moved or linked longer ago than that."""
        cutoff = time.time() - older_than.total_seconds()
        if not self._folder.is_dir():
            return
        with os.scandir(self._folder) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):
                    found = entry.stat(follow_symlinks=False)
                    # An adopted file keeps its old mtime; the move itself shows in the ctime.
                    if max(found.st_mtime, found.st_ctime) <= cutoff:
                        yield entry.name, found.st_size

    def _new(self, name: str) -> Path:
        with writing(self._folder):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        readable = _UNREADABLE.sub("_", name)[-_READABLE_CHARACTERS:].rstrip(".")
        return self._folder / f"{secrets.token_hex(8)}-{readable}"

    def _move(self, path: Path, target: Path) -> None:
        with writing(target):
            try:
                path.rename(target)
            except OSError as error:
                if error.errno == errno.EXDEV:
                    raise CannotMove(path) from error
                raise
        sync_folder(self._folder)


def checksum_of(path: Path) -> str:
    """The sha256 of a file in the store's own form."""
    with reading(path), path.open("rb") as source:
        return f"sha256:{hashlib.file_digest(source, 'sha256').hexdigest()}"


class CannotMove(Exception):
    """The file can't become a blob by moving it."""
