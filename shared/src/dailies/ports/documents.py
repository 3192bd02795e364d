"""The document store: where jobs, leases and progress live, and how changes are heard of.

Paths are Firestore's: ``jobs/abc``, ``users/u1/operations/j1`` (collection, id, collection, id …); a path
with an odd number of segments, an empty one, ``.``, ``..`` or ``__x__`` is a ValueError, and so is a collection with
an even number. A document is a map of JSON values and timezone-aware datetimes. Datetimes come back as
the same instant in UTC, to the microsecond; tuples come back as lists. Naive datetimes, NaN, integers beyond
64 bits and values nested deeper than 20 are ValueErrors, keys that are no strings and values of other types
TypeErrors. A document over 1 MiB is a PermanentError ``document_too_large``. Keys like ``__x__`` are Firestore's own:
it refuses them.

Beside the errors named below every method may raise TransientError (the store is busy or away), StorageFull
and Misconfigured. A write that raised has not happened, save that after a TransientError it may have:
preconditions and transactions make repeating it safe.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar

T = TypeVar("T")

Version = str
"""Opaque. Changes with each write that changes the document, also over deletion and re-creation."""

Writes = Mapping[str, Mapping[str, Any]]
"""Documents by path, for a transaction to set."""

Operator = Literal["==", "<", "<=", ">", ">=", "in"]

MAX_DOCUMENT_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A document as it was at one moment. ``data`` is the reader's own copy."""

    path: str
    data: dict[str, Any]
    version: Version


@dataclass(frozen=True)
class Where:
    """A condition on one field. ``field`` is a dotted path (``source.size``).

    Documents without the field never match. Values of another type never match, nor does null under ``<``,
    ``<=``, ``>`` and ``>=``; integers and floats are one type, booleans are none of them. ``in`` takes a
    list.
    """

    field: str
    op: Operator
    value: Any


class Watch(Protocol):
    """A running subscription."""

    def close(self) -> None:
        """End it: waits for a call of ``on_change`` that is under way, and none follows. Idempotent.

        May be called from inside ``on_change``.
        """


class Transaction(Protocol):
    """One attempt of a transaction: all reads come first, then the writes, which happen together at its end.

    A read after a write is a RuntimeError. Conflict and NotFound of a write are therefore raised by
    ``DocumentStore.transaction``, not by these methods; ValueErrors and PermanentErrors of the value are
    raised here.
    """

    def get(self, path: str) -> Snapshot | None:
        """The document as of this transaction, or None."""

    def create(self, path: str, data: Mapping[str, Any]) -> None:
        """As DocumentStore.create, at the transaction's end."""

    def set(self, path: str, data: Mapping[str, Any]) -> None:
        """As DocumentStore.set, at the transaction's end."""

    def update(self, path: str, fields: Mapping[str, Any]) -> None:
        """As DocumentStore.update, at the transaction's end."""

    def delete(self, path: str) -> None:
        """As DocumentStore.delete, at the transaction's end."""


class DocumentStore(Protocol):
    """Each method is atomic, and a read sees every write that returned before it began, from any process."""

    def get(self, path: str) -> Snapshot | None:
        """The document, or None."""

    def create(self, path: str, data: Mapping[str, Any]) -> Snapshot:
        """Write a new document. Raises Conflict if it exists."""

    def set(self, path: str, data: Mapping[str, Any], *, if_version: Version | None = None) -> Snapshot:
        """Write the whole document, new or not. Idempotent without ``if_version``.

        Raises Conflict if ``if_version`` is given and is not the document's version (or there is none).
        """

    def update(self, path: str, fields: Mapping[str, Any], *, if_version: Version | None = None) -> Snapshot:
        """Set some fields and keep the others. Idempotent without ``if_version``.

        Keys are dotted paths: ``{"steps.podcast.progress": 40}`` sets one leaf, and makes maps on the way
        where there is none; a value that is a map replaces the map there. So a key that holds a dot itself
        can be set by ``set`` only. Two paths of which one lies inside the other are a ValueError. Raises
        NotFound if there is no document, Conflict if ``if_version`` differs.
        """

    def delete(self, path: str, *, if_version: Version | None = None) -> None:
        """Remove the document; documents below it stay. Idempotent without ``if_version``.

        Raises Conflict if ``if_version`` is given and is not the document's version (or there is none).
        """

    def query(
        self,
        collection: str,
        *,
        where: Sequence[Where] = (),
        order_by: str | None = None,
        descending: bool = False,
        limit: int | None = None,
    ) -> list[Snapshot]:
        """The collection's own documents that meet every condition, as of one moment.

        ``order_by`` is a dotted path: documents without that field are left out, equal ones come in the order
        of their paths (both reversed when ``descending``). Without it no order is promised. Mixed types sort
        as null, boolean, number, datetime, string, list, map.
        """

    def transaction(self, work: Callable[[Transaction], T]) -> T:
        """Run ``work`` and its writes as one atomic, serialisable step; returns what ``work`` returned.

        ``work`` may run more than once and must have no other effects. An exception from it rolls everything
        back and is passed on. Calling the store's own writing methods inside ``work`` is a RuntimeError.
        """

    def watch(self, path: str, on_change: Callable[[Snapshot | None], None]) -> Watch:
        """Call ``on_change`` with the present state at once, before returning, and then after each change.

        None stands for an absent document. Changes by other processes count as well. States in between may be
        skipped, the latest one never is, and calls of one watch come one at a time and in order, from a
        thread of the store's. ``on_change`` should return soon: it holds up the store's other watches. What
        it raises is logged, and the watch goes on.
        """

    def close(self) -> None:
        """End all watches and release the store. Idempotent; nothing else may be called afterwards."""
