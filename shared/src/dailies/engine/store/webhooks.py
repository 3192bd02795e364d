"""Webhooks in the document store, which no user's rules lead to.

``webhooks/{uid}`` has all endpoints of a user, ``deliveries/{id}`` each delivery with its tries. Secrets are kept as
they are: signing needs them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from dailies.domain.errors import NotFound
from dailies.domain.job.job import Job
from dailies.domain.job.retention import record_goes
from dailies.domain.job.webhook import Delivery, Endpoint
from dailies.engine.platform import Platform
from dailies.ports.documents import Transaction, Where, Writes

Endpoints = dict[str, Endpoint]


def endpoints_of(platform: Platform, uid: str) -> Endpoints:
    """By id, in the order in which they were made."""
    snapshot = platform.documents.get(_endpoints_path(uid))
    return {} if snapshot is None else _read(snapshot.data)


def change_endpoints(platform: Platform, uid: str, change: Callable[[Endpoints], Endpoints]) -> Endpoints:
    """Write what ``change`` makes of the user's; it may raise."""

    def write(transaction: Transaction) -> Endpoints:
        snapshot = transaction.get(_endpoints_path(uid))
        changed = change({} if snapshot is None else _read(snapshot.data))
        document = {name: each.model_dump(mode="json") for name, each in changed.items()}
        transaction.set(_endpoints_path(uid), {"uid": uid, "endpoints": document})
        return changed

    return platform.documents.transaction(write)


def anybody_listens(platform: Platform, job: Job) -> bool:
    """Whether there is an endpoint of the user's, or a URL of the job's own."""
    snapshot = platform.documents.get(_endpoints_path(job.uid))
    return job.webhook is not None or (snapshot is not None and bool(snapshot.data["endpoints"]))


def delivery_writes(made: Sequence[Delivery]) -> Writes:
    """What writes them, new."""
    return {_path(each.id): _document(each) for each in made}


def change_delivery(platform: Platform, delivery_id: str, change: Callable[[Delivery], Delivery]) -> Delivery:
    """Write what ``change`` makes of it, unless it is the same. Raises NotFound."""

    def write(transaction: Transaction) -> Delivery:
        snapshot = transaction.get(_path(delivery_id))
        if snapshot is None:
            raise _missing(delivery_id)
        known = Delivery.model_validate(snapshot.data)
        changed = change(known)
        if changed is not known:
            transaction.set(_path(delivery_id), _document(changed))
        return changed

    return platform.documents.transaction(write)


def find_delivery(platform: Platform, delivery_id: str) -> Delivery:
    """Raises NotFound."""
    snapshot = platform.documents.get(_path(delivery_id))
    if snapshot is None:
        raise _missing(delivery_id)
    return Delivery.model_validate(snapshot.data)


def deliveries_of(platform: Platform, uid: str, limit: int) -> list[Delivery]:
    """The user's newest, newest first."""
    found = platform.documents.query(
        "deliveries", where=[Where("uid", "==", uid)], order_by="created", descending=True, limit=limit
    )
    return [Delivery.model_validate(each.data) for each in found]


def late_deliveries(platform: Platform, age: timedelta, limit: int) -> list[Delivery]:
    """Those whose next try should have been made so long ago: their task was lost."""
    late = platform.now() - age
    found = platform.documents.query("deliveries", where=[Where("due", "<", late)], order_by="due", limit=limit)
    return [Delivery.model_validate(each.data) for each in found]


def _read(data: dict[str, Any]) -> Endpoints:
    found = (Endpoint.model_validate(each) for each in data["endpoints"].values())
    return {each.id: each for each in sorted(found, key=lambda each: (each.created, each.id))}


def _document(delivery: Delivery) -> dict[str, Any]:
    """``due`` is there while something is to be done: what has ended is in no index of it."""
    due = {"due": delivery.next_at} if delivery.state == "pending" else {}
    goes = record_goes(delivery.created)
    return {**delivery.model_dump(mode="json"), "created": delivery.created, "remove_after": goes, **due}


def _missing(delivery_id: str) -> NotFound:
    return NotFound(f"There is no delivery {delivery_id[:64]!r}: check its id.", code="delivery_not_found")


def _path(delivery_id: str) -> str:
    """Raises NotFound for what is no delivery's id: it comes from outside."""
    digest = delivery_id.removeprefix("msg_")
    if digest == delivery_id or len(digest) != 32 or not set(digest) <= set("0123456789abcdef"):
        raise _missing(delivery_id)
    return f"deliveries/{delivery_id}"


def _endpoints_path(uid: str) -> str:
    return f"webhooks/{uid}"
