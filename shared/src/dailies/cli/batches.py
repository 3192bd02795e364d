"""What ``dailies batch …`` does, on this machine's store or on the deployment that the settings name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from dailies.cli.console import Console
from dailies.cli.opened import opened
from dailies.domain.errors import InvalidRequest
from dailies.domain.job.batch import Batch, Item
from dailies.domain.job.job import JobState
from dailies.domain.wording import sentence_of
from dailies.engine.platform import Platform
from dailies.engine.store.batches import batches_of, owned_batch
from dailies.services.batches.create import create_batch, items_of_jobs, items_of_objects
from dailies.services.batches.pump import cancel_batch
from dailies.services.batches.told import ItemTold, items_told
from dailies.services.job_list import JobFilter

_LISTED = 100


def create(
    console: Console, uid: str, items: Path | None, recipe: Path | None, *, jobs: bool, objects: str | None
) -> None:
    """Raises InvalidRequest unless it is one of the three that items come from."""
    if sum([items is not None, jobs, objects is not None]) != 1:
        raise InvalidRequest("Name a FILE with items, --jobs or --objects PREFIX; one of them.", field="items")
    wanted = None if recipe is None else _json(recipe)
    with opened() as platform:
        found = _items(platform, uid, items, objects)
        made = create_batch(platform, uid, found, recipe=wanted)
    console.emit(_document(made), f"{made.id}: {made.total} items, which `dailies up` or the deployment makes.")


def show_all(console: Console, uid: str) -> None:
    with opened() as platform:
        found = batches_of(platform, uid, _LISTED)
    console.emit([_document(each) for each in found], "\n".join(map(_line, found)) or "No batches.")


def show(console: Console, uid: str, batch_id: str) -> None:
    with opened() as platform:
        batch = owned_batch(platform, uid, batch_id)
        told: list[ItemTold] = []
        page = 0
        while more := items_told(platform, batch, page):
            told += more
            page += 1
    lines = [_line(batch), *(f"{each.index:5}  {each.state}  {_about(each)}" for each in told)]
    console.emit({**_document(batch), "items": [_item(each) for each in told]}, "\n".join(lines))


def cancel(console: Console, uid: str, batch_id: str) -> None:
    with opened() as platform:
        batch = cancel_batch(platform, uid, batch_id)
    console.emit(_document(batch), _line(batch))


def _items(platform: Platform, uid: str, items: Path | None, objects: str | None) -> list[Item]:
    if objects is not None:
        return items_of_objects(platform, uid, objects)
    if items is None:
        return items_of_jobs(platform, uid, JobFilter(state=JobState.COMPLETED))
    try:
        return TypeAdapter(list[Item]).validate_python(_json(items))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise InvalidRequest(f"{items.name}: {place}: {sentence_of(first)}", field=f"items.{place}") from error


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidRequest(f"{path} can't be read as JSON: {error}", field="items") from error


def _document(batch: Batch) -> dict[str, Any]:
    return batch.model_dump(mode="json", exclude={"uid", "recipe", "webhook", "refused"})


def _item(told: ItemTold) -> dict[str, Any]:
    return {
        "index": told.index,
        "source": told.item.source.model_dump(mode="json"),
        "state": told.state,
        "job_id": None if told.job is None else told.job.id,
        "error": None if told.refusal is None else told.refusal.model_dump(),
    }


def _line(batch: Batch) -> str:
    ended = ", ".join(f"{count} {state}" for state, count in sorted(batch.ended.items()))
    parts = [f"{batch.id}  {batch.state}  {batch.done} of {batch.total}", ended, batch.waits and batch.waits.message]
    return "  ".join(part for part in parts if part)


def _about(told: ItemTold) -> str:
    if told.refusal is not None:
        return told.refusal.message
    return "" if told.job is None else told.job.id
