"""Keeps a batch going: counts what has ended, and begins so many of its items as may be under way at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from dailies.domain.errors import DailiesError, NotFound, PermanentError, QuotaExceeded, RateLimited, TransientError
from dailies.domain.job.batch import PAGE, AgainItem, Batch, BatchState, Item, ObjectItem, Refusal, UrlItem
from dailies.domain.job.batch_ids import job_id_of
from dailies.engine.advance_queue import enqueue_batch
from dailies.engine.platform import Platform
from dailies.engine.store.batches import change_batch, find_batch, items_on, owned_batch, running_batches
from dailies.engine.store.jobs import load_job
from dailies.logs import Logger
from dailies.services.create_from_job import create_from_job
from dailies.services.create_from_object import create_from_object
from dailies.services.create_from_url import create_from_url
from dailies.services.jobs import cancel_job
from dailies.services.run_again import run_again

_MOST_AT_ONCE = 200
_MESSAGE = 200
# A quota is freed by a job's end, or by a new day.
_ASK_AGAIN_SECONDS = 60.0
_REFUSED = "refused"

log = Logger(__name__)


def pump_batch(platform: Platform, batch_id: str) -> Batch | None:
    """Do what can be done for the batch now; None where there is none. Idempotent, and safe beside other calls.

    An item's job has an id of the item's own: whoever dies behind its making, or does it a second time, makes no other.
    Raises TransientError of the store.
    """
    batch = find_batch(platform, batch_id)
    if batch is None or batch.finished is not None:
        return batch
    batch = _settle(platform, batch)
    while batch.state is BatchState.RUNNING and batch.begun < batch.total:
        if len(batch.live) >= platform.settings.batch_jobs_at_once:
            break
        index = batch.begun
        try:
            _begin(platform, batch, index)
        except QuotaExceeded as error:
            batch = _wait(platform, batch, error)
            break
        except PermanentError as error:
            batch = _record(platform, batch, index, error)
        else:
            batch = _record(platform, batch, index, None)
    return _finish(platform, batch)


def cancel_batch(platform: Platform, uid: str, batch_id: str) -> Batch:
    """Begin no further item, and cancel those under way. Idempotent. Raises NotFound."""
    owned_batch(platform, uid, batch_id)

    def change(known: Batch) -> Batch:
        if known.state is not BatchState.RUNNING:
            return known
        return known.model_copy(update={"state": BatchState.CANCELLED, "waits": None, "updated": platform.now()})

    batch = change_batch(platform, batch_id, change)
    if batch.state is BatchState.CANCELLED:
        for index in batch.live:
            _end(platform, job_id_of(batch_id, index))
        batch = _finish(platform, _settle(platform, batch))
    return batch


def resume_batches(platform: Platform) -> None:
    """Look after batches whose task was lost. Idempotent."""
    for batch_id in running_batches(platform, _MOST_AT_ONCE):
        try:
            pump_batch(platform, batch_id)
        except DailiesError as error:
            # It holds up no other, and the next round tries it again.
            log.warning("a batch could not be looked after", batch=batch_id, code=error.error_code, error=error.message)


def _begin(platform: Platform, batch: Batch, index: int) -> None:
    item = item_at(platform, batch, index)
    job_id = job_id_of(batch.id, index)
    recipe = batch.recipe if item.recipe is None else item.recipe
    common: Mapping[str, Any] = {"recipe": recipe, "webhook": batch.webhook, "new_id": job_id}
    source = item.source
    if isinstance(source, UrlItem):
        create_from_url(platform, batch.uid, url=source.url, **common)
    elif isinstance(source, ObjectItem):
        create_from_object(platform, batch.uid, name=source.name, **common)
    elif isinstance(source, AgainItem):
        run_again(platform, batch.uid, source.job_id, **common)
    else:
        create_from_job(platform, batch.uid, job_id=source.job_id, output=source.output, **common)


def item_at(platform: Platform, batch: Batch, index: int) -> Item:
    """Raises NotFound where it has gone."""
    page = items_on(platform, batch.id, index // PAGE)
    if index % PAGE >= len(page):
        raise NotFound(f"Item {index} of the batch is gone: make another batch.", code="item_gone")
    return page[index % PAGE]


def _record(platform: Platform, batch: Batch, index: int, error: PermanentError | None) -> Batch:
    def change(known: Batch) -> Batch:
        if known.begun != index:
            # Somebody else has begun it, too, and noted it before.
            return known
        changed = known.model_copy(update={"begun": index + 1, "waits": None, "updated": platform.now()})
        if error is None:
            return changed.model_copy(update={"live": (*known.live, index)})
        refusal = Refusal(code=error.error_code, message=error.message[:_MESSAGE])
        ended = Counter(known.ended) + Counter([_REFUSED])
        return changed.model_copy(update={"refused": {**known.refused, str(index): refusal}, "ended": dict(ended)})

    return change_batch(platform, batch.id, change)


def _settle(platform: Platform, batch: Batch) -> Batch:
    """Count the items whose job has ended."""
    ended: dict[int, str] = {}
    for index in batch.live:
        try:
            state = load_job(platform, job_id_of(batch.id, index)).state
        except NotFound:
            ended[index] = "gone"
            continue
        if state.terminal:
            ended[index] = state.value
    if not ended:
        return batch

    def change(known: Batch) -> Batch:
        now_ended = [index for index in known.live if index in ended]
        if not now_ended:
            return known
        live = tuple(index for index in known.live if index not in ended)
        counts = Counter(known.ended) + Counter(ended[index] for index in now_ended)
        return known.model_copy(update={"live": live, "ended": dict(counts), "updated": platform.now()})

    return change_batch(platform, batch.id, change)


def _wait(platform: Platform, batch: Batch, error: QuotaExceeded) -> Batch:
    enqueue_batch(platform, batch.id, delay_seconds=_ASK_AGAIN_SECONDS)
    waits = Refusal(code=error.error_code, message=error.message[:_MESSAGE])
    if batch.waits == waits:
        return batch
    return change_batch(platform, batch.id, lambda known: known.model_copy(update={"waits": waits}))


def _finish(platform: Platform, batch: Batch) -> Batch:
    def change(known: Batch) -> Batch:
        over = known.state is BatchState.CANCELLED or known.begun == known.total
        if known.finished is not None or known.live or not over:
            return known
        state = BatchState.COMPLETED if known.state is BatchState.RUNNING else known.state
        return known.model_copy(update={"state": state, "finished": platform.now(), "waits": None})

    if batch.live or batch.finished is not None:
        return batch
    return change_batch(platform, batch.id, change)


def _end(platform: Platform, job_id: str) -> None:
    try:
        cancel_job(platform, job_id)
    except (PermanentError, TransientError, RateLimited) as error:
        # One that has ended otherwise meanwhile stays so.
        log.info("an item was not cancelled", job=job_id, code=error.error_code)
