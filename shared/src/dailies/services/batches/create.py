"""A new batch: of items that are named, of jobs that a filter finds, or of objects below a prefix."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from dailies.domain.errors import InvalidRecipe, InvalidRequest
from dailies.domain.job.batch import MAX_ITEMS, AgainItem, Batch, BatchState, Item, ObjectItem
from dailies.domain.job.uploads import check_uid
from dailies.engine.advance_queue import enqueue_batch
from dailies.engine.platform import Platform
from dailies.engine.store.batches import find_batch, write_batch
from dailies.engine.store.jobs import new_job_id
from dailies.services.create_upload import wanted_recipe
from dailies.services.job_list import MAX_PAGE, JobFilter, list_page
from dailies.services.webhooks.endpoints import check_webhook


def create_batch(
    platform: Platform,
    uid: str,
    items: Sequence[Item],
    *,
    recipe: dict[str, Any] | None = None,
    webhook: str | None = None,
    new_id: str | None = None,
) -> Batch:
    """A batch that begins at once. ``webhook`` is told of each of its jobs, as :func:`check_webhook` lets it.

    Idempotent with ``new_id``, an id set aside for it. Raises InvalidRequest for no items or too many, InvalidRecipe
    naming the first item whose recipe is none, Forbidden.
    """
    check_uid(uid)
    if not 1 <= len(items) <= MAX_ITEMS:
        raise InvalidRequest(f"items: 1 to {MAX_ITEMS}; there are {len(items)}.", field="items")
    _check_recipes(items, recipe)
    check_webhook(platform, uid, webhook)
    now = platform.now()
    batch_id = new_id or new_job_id(now)
    known = find_batch(platform, batch_id)
    if known is None:
        known = Batch(
            id=batch_id,
            uid=uid,
            state=BatchState.RUNNING,
            total=len(items),
            recipe=recipe,
            webhook=webhook,
            created=now,
            updated=now,
        )
        write_batch(platform, known, items)
    enqueue_batch(platform, batch_id)
    return known


def items_of_jobs(platform: Platform, uid: str, found: JobFilter) -> list[Item]:
    """The sources of the user's jobs that the filter finds, newest first, ``MAX_ITEMS`` at most."""
    items: list[Item] = []
    cursor: str | None = None
    while len(items) < MAX_ITEMS:
        page = list_page(platform, uid, found, MAX_PAGE, cursor)
        items += [Item(source=AgainItem(kind="again", job_id=job.id)) for job in page.jobs]
        cursor = page.cursor
        if cursor is None:
            break
    return items[:MAX_ITEMS]


def items_of_objects(platform: Platform, uid: str, prefix: str) -> list[Item]:
    """The user's objects below ``prefix``, which is one of ``uploads/{uid}/``; ``MAX_ITEMS`` at most.

    Raises InvalidRequest for another's.
    """
    own = f"uploads/{uid}/"
    if not prefix.startswith(own):
        raise InvalidRequest(f"prefix: name objects of yours, below {own}.", field="prefix")
    items: list[Item] = []
    for stored in platform.objects.list(prefix):
        items.append(Item(source=ObjectItem(kind="object", name=stored.name)))
        if len(items) == MAX_ITEMS:
            break
    return items


def _check_recipes(items: Sequence[Item], recipe: dict[str, Any] | None) -> None:
    wanted_recipe(recipe)
    for index, own in _own_recipes(items):
        try:
            wanted_recipe(own)
        except InvalidRecipe as error:
            field = f"items.{index}.{error.details.get('field', 'recipe')}"
            raise InvalidRecipe(f"items.{index}: {error.message}", field=field) from error


def _own_recipes(items: Sequence[Item]) -> Iterator[tuple[int, dict[str, Any]]]:
    for index, item in enumerate(items):
        if item.recipe is not None:
            yield index, item.recipe
