"""The object store: named, immutable byte sequences with generations; where sources and artifacts live.

Names are 1–1024 bytes of UTF-8 without line breaks, and neither ``.`` nor ``..``: anything else is a
ValueError. Slashes have no meaning beside what ``list`` gives them.

A write becomes visible as a whole or not at all, and a read is of one generation: nobody ever sees half an
object or a mixture of two. Each write makes a new generation, greater than every earlier one of that name
also when the object was deleted in between. An object whose bytes are no longer those that were written counts
as absent. Nothing is ever held in memory whole except by ``put_bytes`` and ``get_bytes``.

``if_generation_match`` is the precondition of a write: 0 means that there must be no object, another number
that it must be this generation; else Conflict. Repeating a write without one is harmless, save for the new
generation.

``on_progress`` takes the number of bytes moved so far; it never falls and ends at the size. What it raises
ends the transfer and leaves nothing behind.

Beside the errors named below every method may raise TransientError, StorageFull (its message names the
volume) and Misconfigured.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol, runtime_checkable

MAX_NAME_BYTES = 1024
STAGING = "staging/"
"""Below it a store keeps what is not an object yet; whoever wrote it removes it, unless it is killed."""


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """One generation of an object."""

    name: str
    size: int
    generation: int
    checksum: str
    """The store's own, prefixed by its kind: ``sha256:…`` on this machine, ``crc32c:…`` in Cloud Storage."""
    content_type: str | None
    metadata: Mapping[str, str]
    updated: datetime
    accessed: datetime | None = None
    """When it was written or last touched (see LocalFiles.touch); None where the store doesn't know."""


class ObjectStore(Protocol):
    def checksum_of(self, path: Path) -> str:
        """The ``ObjectInfo.checksum`` that an object of this file's bytes has. Raises NotFound."""

    def stat(self, name: str) -> ObjectInfo | None:
        """The object's present generation, or None."""

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
        """Write the file's bytes as the object. Raises Conflict; NotFound if there is no such file."""

    def put_bytes(
        self,
        name: str,
        data: bytes,
        *,
        content_type: str | None = None,
        metadata: Mapping[str, str] | None = None,
        if_generation_match: int | None = None,
    ) -> ObjectInfo:
        """Write ``data`` as the object. Raises Conflict."""

    def get_bytes(self, name: str, *, max_bytes: int) -> bytes:
        """The object's bytes. Raises NotFound; PermanentError ``object_too_large`` over ``max_bytes``."""

    def download(
        self,
        name: str,
        path: Path,
        *,
        generation: int | None = None,
        on_progress: Callable[[int], None] | None = None,
    ) -> ObjectInfo:
        """Write the object to ``path``, which appears, or is replaced, once it is complete.

        Raises NotFound, also when ``generation`` is given and is no longer the present one.
        """

    def copy(self, source: str, destination: str, *, if_generation_match: int | None = None) -> ObjectInfo:
        """Make ``destination`` an object of the same bytes, type and metadata, without moving them here.

        The precondition is on ``destination``. Raises NotFound, Conflict.
        """

    def delete(self, name: str, *, if_generation_match: int | None = None) -> None:
        """Remove the object; those who are reading it finish. Idempotent without a precondition.

        Raises Conflict if a generation is asked for and the object is another or absent.
        """

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """The objects whose names begin with ``prefix``, by name (in the order of their UTF-8 bytes).

        Objects that come or go meanwhile may or may not be among them.
        """


@runtime_checkable
class LocalFiles(Protocol):
    """The further ability of a store whose objects are files of this machine."""

    def path_of(self, name: str) -> Path:
        """A path to read the present generation from, never to be written to. Raises NotFound.

        It stays until the object is deleted or written anew; a file opened before that stays readable.
        """

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
        """As ``put_file``, but takes the file away: ``path`` is gone on success and untouched after an error.

        On one file system no byte is copied. ``checksum`` is one that the caller has just computed in the
        store's own form (``sha256:…``) and saves reading the file again; it is believed.
        """

    def touch(self, name: str) -> None:
        """Note that the object is used now: ObjectInfo.accessed. Nothing happens if it is gone."""
