"""Batches in the document store: ``batches/{id}``, and ``batches/{id}/items/{page}`` with their items."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dailies.domain.errors import NotFound
from dailies.domain.job.batch import PAGE, Batch, BatchState, Item
from dailies.domain.job.retention import record_goes
from dailies.engine.platform import Platform
from dailies.ports.documents import Transaction, Where


def write_batch(platform: Platform, batch: Batch, items: Sequence[Item]) -> None:
    """The items first: a batch is there when all of it is. Idempotent until it was begun."""
    goes = record_goes(batch.created)
    for start in range(0, len(items), PAGE):
        page = [item.model_dump(mode="json", exclude_none=True) for item in items[start : start + PAGE]]
        document = {"uid": batch.uid, "items": page, "remove_after": goes}
        platform.documents.set(_items_path(batch.id, start // PAGE), document)
    platform.documents.create(_path(batch.id), _document(batch))


def owned_batch(platform: Platform, uid: str, batch_id: str) -> Batch:
    """Raises NotFound, also for another's."""
    found = find_batch(platform, batch_id)
    if found is None or found.uid != uid:
        raise _missing(batch_id)
    return found


def find_batch(platform: Platform, batch_id: str) -> Batch | None:
    snapshot = platform.documents.get(_path(batch_id))
    return None if snapshot is None else Batch.model_validate(snapshot.data)


def items_on(platform: Platform, batch_id: str, page: int) -> list[Item]:
    """None behind the last page."""
    snapshot = platform.documents.get(_items_path(batch_id, page))
    return [] if snapshot is None else [Item.model_validate(each) for each in snapshot.data["items"]]


def change_batch(platform: Platform, batch_id: str, change: Callable[[Batch], Batch]) -> Batch:
    """Write what ``change`` makes of it, unless it is the same. Raises NotFound."""

    def write(transaction: Transaction) -> Batch:
        snapshot = transaction.get(_path(batch_id))
        if snapshot is None:
            raise _missing(batch_id)
        known = Batch.model_validate(snapshot.data)
        changed = change(known)
        if changed is not known:
            transaction.set(_path(batch_id), _document(changed))
        return changed

    return platform.documents.transaction(write)


def batches_of(platform: Platform, uid: str, limit: int) -> list[Batch]:
    """The user's, newest first."""
    found = platform.documents.query(
        "batches", where=[Where("uid", "==", uid)], order_by="created", descending=True, limit=limit
    )
    return [Batch.model_validate(each.data) for each in found]


def running_batches(platform: Platform, limit: int) -> list[str]:
    found = platform.documents.query("batches", where=[Where("state", "==", BatchState.RUNNING.value)], limit=limit)
    return [str(each.data["id"]) for each in found]


def remove_batch(platform: Platform, batch_id: str) -> None:
    """With its items. Idempotent."""
    for page in platform.documents.query(f"{_path(batch_id)}/items"):
        platform.documents.delete(page.path)
    platform.documents.delete(_path(batch_id))


def _document(batch: Batch) -> dict[str, Any]:
    goes = {} if batch.finished is None else {"remove_after": record_goes(batch.finished)}
    return {**batch.model_dump(mode="json"), "created": batch.created, **goes}


def _missing(batch_id: str) -> NotFound:
    return NotFound(f"There is no batch {batch_id[:64]!r}: check its id.", code="batch_not_found")


def _path(batch_id: str) -> str:
    """Raises NotFound for what is no batch's id: it comes from outside."""
    if not (batch_id.isascii() and batch_id.isalnum() and len(batch_id) <= 64):
        raise _missing(batch_id)
    return f"batches/{batch_id}"


def _items_path(batch_id: str, page: int) -> str:
    return f"{_path(batch_id)}/items/{page:06d}"
