"""Firestore transactions without locks: what was read must still be so when the writes arrive.

Firestore's own transactions lock what they read. Two that read one document and then both write it wait for each other
until the locks time out, seconds later, and under contention hardly anybody gets through. Here the reads are plain, and
each carries a precondition into the one commit: the document has the version that was read, or is absent still. Of
many contenders one always gets through, and a commit whose answer was lost is never repeated unseen.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from google.api_core import exceptions
from google.cloud import firestore
from google.cloud.firestore_v1 import types
from google.cloud.firestore_v1.field_path import FieldPath

from dailies.adapters.document_rules import check_document_path, check_fields
from dailies.adapters.gcp.documents.document_values import (
    refusing_large,
    snapshot_of,
    stored,
    stored_value,
    timestamp_of,
    version_of,
)
from dailies.adapters.gcp.errors import translated
from dailies.ports.documents import Snapshot, Version

_UNMET = (exceptions.AlreadyExists, exceptions.NotFound, exceptions.FailedPrecondition)


class Outrun(Exception):
    """Somebody else wrote what this attempt had read: nothing was written, and another attempt is due."""


class Attempt:
    """One attempt of a transaction. Its writes happen together in ``commit``."""

    def __init__(self, client: firestore.Client) -> None:
        self._client = client
        self._read: dict[str, Snapshot | None] = {}
        self._writes: dict[str, list[types.Write]] = {}
        self._over = False
        self.versions: dict[str, Version] = {}
        """After the commit: the version of each document that was written and not deleted."""

    def get(self, path: str) -> Snapshot | None:
        self._check_open()
        if self._writes:
            raise RuntimeError(f"a transaction reads before it writes; {path} was read after a write")
        if path not in self._read:
            check_document_path(path)
            self._read[path] = self._look(path)
        return copy.deepcopy(self._read[path])

    def create(self, path: str, data: Mapping[str, Any]) -> None:
        fields = stored(data, path)
        self._add(path, lambda batch, document: batch.create(document, fields))

    def set(self, path: str, data: Mapping[str, Any]) -> None:
        fields = stored(data, path)
        self._add(path, lambda batch, document: batch.set(document, fields))

    def update(self, path: str, fields: Mapping[str, Any]) -> None:
        check_fields(fields)
        changed = {
            FieldPath(*field.split(".")).to_api_repr(): stored_value(value, f"{path}: {field}")
            for field, value in fields.items()
        }
        if changed:
            self._add(path, lambda batch, document: batch.update(document, changed))

    def delete(self, path: str) -> None:
        self._add(path, lambda batch, document: batch.delete(document))

    def commit(self) -> None:
        """Write. Raises Outrun; Conflict or NotFound when a write can't be, whatever others do."""
        self._over = True
        if not self._writes:
            # A single read is of one moment by itself; several have to be so together.
            if len(self._read) > 1 and self._is_outrun():
                raise Outrun
            return
        paths, writes, demanding = self._guarded()
        batch = self._client.batch()
        batch._write_pbs.extend(writes)  # noqa: SLF001 -- the library gives no write but these a precondition
        where = f"The document {', '.join(self._writes)}"
        try:
            with refusing_large(where):
                # Not repeated by the library: after a lost answer the repetition would meet its own writes.
                results = batch.commit(retry=None)
        except exceptions.Aborted as error:
            raise Outrun from error
        except _UNMET as error:
            if not demanding or self._is_outrun():
                raise Outrun from error
            with translated(where):
                raise
        except exceptions.GoogleAPIError:
            with translated(where):
                raise
        self.versions = {
            path: version_of(result.update_time)
            for path, result in zip(paths, results, strict=True)
            if result.update_time is not None
        }

    def _guarded(self) -> tuple[list[str], list[types.Write], bool]:
        """The writes, their paths, and whether any has a demand of its own: to be new, or to be there already."""
        paths: list[str] = []
        writes: list[types.Write] = []
        demanding = False
        for path in self._read.keys() - self._writes.keys():
            paths.append(path)
            writes.append(self._verification(path))
        for path, own in self._writes.items():
            guard = self._guard(path)
            if guard is None:
                demanding = demanding or "current_document" in own[0]
            elif self._contradicts(path, own[0]):
                demanding = True
            else:
                own[0].current_document = guard
            paths.extend([path] * len(own))
            writes.extend(own)
        return paths, writes, demanding

    def _contradicts(self, path: str, write: types.Write) -> bool:
        """Creating what was read, or updating what was not there: let Firestore refuse it."""
        return "current_document" in write and write.current_document.exists != (self._read[path] is not None)

    def _guard(self, path: str) -> types.Precondition | None:
        if path not in self._read:
            return None
        seen = self._read[path]
        if seen is None:
            return types.Precondition(exists=False)
        return types.Precondition(update_time=timestamp_of(seen.version))

    def _verification(self, path: str) -> types.Write:
        """A write that changes nothing: it merges no field into what is there, or deletes what is absent."""
        name = self._client.document(path)._document_path  # noqa: SLF001 -- the full name has no public accessor
        if self._read[path] is None:
            return types.Write(delete=name, current_document=self._guard(path))
        return types.Write(
            update=types.Document(name=name), update_mask=types.DocumentMask(), current_document=self._guard(path)
        )

    def _is_outrun(self) -> bool:
        return any(self._look(path) != seen for path, seen in self._read.items())

    def _look(self, path: str) -> Snapshot | None:
        with translated(f"The document {path}"):
            return snapshot_of(self._client.document(path).get())

    def _add(self, path: str, write: Callable[[firestore.WriteBatch, firestore.DocumentReference], None]) -> None:
        self._check_open()
        check_document_path(path)
        batch = self._client.batch()
        write(batch, self._client.document(path))
        self._writes.setdefault(path, []).extend(batch._write_pbs)  # noqa: SLF001 -- see commit

    def _check_open(self) -> None:
        if self._over:
            raise RuntimeError("the transaction is over")
