"""Many jobs of one call, some at a time: what both clients do with them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx

from dailies_client import drivers
from dailies_client.effects import Emit, Flow, T
from dailies_client.models import BatchAnswer, BatchItemAnswer, BatchItemsAnswer, Recipe
from dailies_client.sending import Sender


class Batches:
    """A caller's batches. Everything raises ApiError and ConnectionFailed."""

    def __init__(self, http: httpx.Client, sender: Sender) -> None:
        self._http = http
        self._sender = sender

    def create(
        self,
        of: dict[str, Any],
        recipe: Recipe | None = None,
        *,
        webhook_url: str | None = None,
        idempotency_key: str | None = None,
    ) -> BatchAnswer:
        """Make many jobs. ``of``: ``{"kind": "items"}`` with items, or "jobs" or "objects" that a filter finds."""
        return self._run(_create(self._sender, of, recipe, webhook_url, idempotency_key))

    def get(self, batch_id: str) -> BatchAnswer:
        """How it stands."""
        return self._run(_get(self._sender, batch_id))

    def items(self, batch_id: str) -> Iterator[BatchItemAnswer]:
        """All its items, and what came of each; pages are fetched as they are needed."""
        return drivers.iterate(self._http, _items(self._sender, batch_id))

    def cancel(self, batch_id: str) -> BatchAnswer:
        """End it, and its jobs under way."""
        return self._run(_cancel(self._sender, batch_id))

    def _run(self, flow: Flow[T]) -> T:
        return drivers.run(self._http, flow)


class AsyncBatches:
    """A caller's batches. Everything raises ApiError and ConnectionFailed."""

    def __init__(self, http: httpx.AsyncClient, sender: Sender) -> None:
        self._http = http
        self._sender = sender

    async def create(
        self,
        of: dict[str, Any],
        recipe: Recipe | None = None,
        *,
        webhook_url: str | None = None,
        idempotency_key: str | None = None,
    ) -> BatchAnswer:
        """Make many jobs. ``of``: ``{"kind": "items"}`` with items, or "jobs" or "objects" that a filter finds."""
        return await self._run(_create(self._sender, of, recipe, webhook_url, idempotency_key))

    async def get(self, batch_id: str) -> BatchAnswer:
        """How it stands."""
        return await self._run(_get(self._sender, batch_id))

    def items(self, batch_id: str) -> AsyncIterator[BatchItemAnswer]:
        """All its items, and what came of each; pages are fetched as they are needed."""
        return drivers.iterate_async(self._http, _items(self._sender, batch_id))

    async def cancel(self, batch_id: str) -> BatchAnswer:
        """End it, and its jobs under way."""
        return await self._run(_cancel(self._sender, batch_id))

    async def _run(self, flow: Flow[T]) -> T:
        return await drivers.run_async(self._http, flow)


def _create(
    sender: Sender, of: dict[str, Any], recipe: Recipe | None, webhook_url: str | None, key: str | None
) -> Flow[BatchAnswer]:
    body = {"of": of, "recipe": recipe, "webhook_url": webhook_url}
    return sender.json("POST", "/batches", body, idempotency_key=key)


def _get(sender: Sender, batch_id: str) -> Flow[BatchAnswer]:
    return sender.json("GET", f"/batches/{batch_id}")


def _items(sender: Sender, batch_id: str) -> Flow[None]:
    """Emits items in their order."""
    page: int | None = 0
    while page is not None:
        found: BatchItemsAnswer = yield from sender.json(
            "GET", f"/batches/{batch_id}/items", params={"page": str(page)}
        )
        for item in found["items"]:
            yield Emit(item)
        page = found["next_page"]


def _cancel(sender: Sender, batch_id: str) -> Flow[BatchAnswer]:
    return sender.json("DELETE", f"/batches/{batch_id}")
