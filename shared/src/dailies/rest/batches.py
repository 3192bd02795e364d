"""The routes of batches."""

from __future__ import annotations

from typing import Any

from dailies.domain.job.batch import PAGE, Batch, Item, Refusal
from dailies.engine.store.batches import batches_of, owned_batch
from dailies.rest import batch_answers as answers, calls
from dailies.rest.answers import ErrorAnswer
from dailies.rest.jobs import require_zones
from dailies.rest.route import Asked, Reply
from dailies.services.batches.create import create_batch as begin_batch, items_of_jobs, items_of_objects
from dailies.services.batches.pump import cancel_batch as end_batch
from dailies.services.batches.told import ItemTold, items_told
from dailies.services.job_list import JobFilter


def create_batch(asked: Asked) -> Reply:
    call: calls.CreateBatch = asked.body
    made = begin_batch(
        asked.platform,
        asked.uid,
        _items(asked, call),
        recipe=call.recipe,
        webhook=call.webhook_url,
        new_id=asked.new_id,
    )
    return Reply(_batch(made), {"Location": f"/api/v1/batches/{made.id}"})


def list_batches(asked: Asked) -> Reply:
    query: calls.ListBatches = asked.query
    return Reply(
        answers.BatchesAnswer(batches=[_batch(each) for each in batches_of(asked.platform, asked.uid, query.limit)])
    )


def get_batch(asked: Asked) -> Reply:
    return Reply(_batch(owned_batch(asked.platform, asked.uid, asked.path["batch_id"])))


def get_batch_items(asked: Asked) -> Reply:
    query: calls.BatchPage = asked.query
    batch = owned_batch(asked.platform, asked.uid, asked.path["batch_id"])
    items = [_item(each) for each in items_told(asked.platform, batch, query.page)]
    more = (query.page + 1) * PAGE < batch.total
    return Reply(answers.BatchItemsAnswer(items=items, next_page=query.page + 1 if more else None))


def cancel_batch(asked: Asked) -> Reply:
    return Reply(_batch(end_batch(asked.platform, asked.uid, asked.path["batch_id"])))


def _items(asked: Asked, call: calls.CreateBatch) -> list[Item]:
    if isinstance(call.of, calls.ItemsOf):
        return [Item.model_validate(each.model_dump()) for each in call.of.items]
    if isinstance(call.of, calls.ObjectsOf):
        return items_of_objects(asked.platform, asked.uid, call.of.prefix)
    jobs = call.of
    require_zones(jobs)
    found = JobFilter(jobs.state, jobs.output_kind, jobs.created_since, jobs.created_until)
    return items_of_jobs(asked.platform, asked.uid, found)


def _batch(batch: Batch) -> answers.BatchAnswer:
    return answers.BatchAnswer(
        batch_id=batch.id,
        status=batch.state,
        total=batch.total,
        begun=batch.begun,
        live=len(batch.live),
        ended=dict(batch.ended),
        progress=100 * batch.done // batch.total,
        waits=_refusal(batch.waits),
        created_at=batch.created,
        finished_at=batch.finished,
    )


def _item(told: ItemTold) -> answers.BatchItemAnswer:
    made = {} if told.result is None else told.result.outputs
    outputs = {
        name: answers.ItemOutput(
            bytes=each.bytes,
            sha256=each.sha256,
            media_type=each.media_type,
            duration_seconds=each.duration_seconds,
            quality_score=getattr(each.facts, "quality_score", None),
        )
        for name, each in made.items()
    }
    found: dict[str, Any] = {
        "index": told.index,
        "source": told.item.source.model_dump(mode="json"),
        "status": told.state,
        "job_id": None if told.job is None else told.job.id,
        "error": _refusal(told.refusal),
        "outputs": outputs,
    }
    return answers.BatchItemAnswer(**found)


def _refusal(refusal: Refusal | None) -> ErrorAnswer | None:
    return None if refusal is None else ErrorAnswer(code=refusal.code, message=refusal.message)
