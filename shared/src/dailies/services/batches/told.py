"""What a batch's items are, and what came of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dailies.domain.errors import NotFound
from dailies.domain.job.batch import PAGE, Batch, BatchState, Item, Refusal
from dailies.domain.job.batch_ids import job_id_of
from dailies.domain.job.job import Job, JobState
from dailies.domain.job.result import JobResult, result_of
from dailies.engine.platform import Platform
from dailies.engine.store.batches import items_on
from dailies.engine.store.jobs import load_job

WAITING, REFUSED, GONE, DROPPED = "waiting", "refused", "gone", "not_begun"


@dataclass(frozen=True, slots=True)
class ItemTold:
    """``state`` is that of its job, or waiting, refused, gone, not_begun; ``result`` of a completed one."""

    index: int
    item: Item
    state: str
    job: Job | None
    refusal: Refusal | None
    result: JobResult | None


def items_told(platform: Platform, batch: Batch, page: int) -> Sequence[ItemTold]:
    """Those of the page, ``PAGE`` of them at most, in their order; nothing behind the last."""
    start = page * PAGE
    return [
        _told(platform, batch, start + place, item) for place, item in enumerate(items_on(platform, batch.id, page))
    ]


def _told(platform: Platform, batch: Batch, index: int, item: Item) -> ItemTold:
    refusal = batch.refused.get(str(index))
    if refusal is not None:
        return ItemTold(index, item, REFUSED, None, refusal, None)
    if index >= batch.begun:
        return ItemTold(index, item, WAITING if batch.state is BatchState.RUNNING else DROPPED, None, None, None)
    try:
        job = load_job(platform, job_id_of(batch.id, index))
    except NotFound:
        return ItemTold(index, item, GONE, None, None, None)
    result = result_of(job.result, job.recipe) if job.state is JobState.COMPLETED else None
    failed = None if job.error is None else Refusal(code=job.error["code"], message=job.error["message"])
    return ItemTold(index, item, job.state.value, job, failed, result)
