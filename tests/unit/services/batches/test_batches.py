"""Batches: bounded, whole whoever is killed, and one bad item ends no other."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from dailies.domain.errors import InvalidRecipe, InvalidRequest, NotFound
from dailies.domain.job.batch import MAX_ITEMS, PAGE, Batch, BatchState, Item
from dailies.domain.job.batch_ids import batch_id_of, job_id_of
from dailies.domain.job.job import JobState
from dailies.engine.advance_queue import QUEUE
from dailies.engine.platform import Platform
from dailies.engine.store.batches import find_batch
from dailies.engine.store.jobs import load_job, new_job_id
from dailies.services.batches.create import create_batch, items_of_jobs, items_of_objects
from dailies.services.batches.pump import cancel_batch, pump_batch, resume_batches
from dailies.services.batches.told import items_told
from dailies.services.job_list import JobFilter
from dailies.services.queue_tasks import run_advance_task
from dailies.services.upkeep.housekeeping import collect_garbage
from tests.unit.conftest import UID, World, world as world  # noqa: PLC0414 - a fixture
from tests.unit.services.dying import Killed, dying
from tests.unit.services.uploading import finish

RECIPE = {"outputs": {"a": {"kind": "audio", "format": "mp3"}}}


@pytest.fixture
def platform(world: World) -> Platform:
    return world.with_settings(batch_jobs_at_once=2)


def objects(platform: Platform, count: int) -> list[Item]:
    """So many uploads of the user's, as items."""
    for number in range(count):
        platform.objects.put_bytes(f"uploads/{UID}/old{number:03d}/source", f"media {number}".encode())
    return items_of_objects(platform, UID, f"uploads/{UID}/old")


def live(platform: Platform, batch_id: str) -> list[str]:
    found = find_batch(platform, batch_id)
    assert found is not None
    return [job_id_of(batch_id, index) for index in found.live]


def finish_live(platform: Platform, batch_id: str) -> Batch:
    """Work on what is under way, and let the batch go on."""
    for job_id in live(platform, batch_id):
        finish(platform, job_id)
    found = pump_batch(platform, batch_id)
    assert found is not None
    return found


def test_so_many_are_under_way_at_once_and_all_are_made(platform: Platform) -> None:
    batch = create_batch(platform, UID, objects(platform, 5), recipe=RECIPE)
    found = pump_batch(platform, batch.id)
    most = []
    while found is not None and found.finished is None:
        most.append(len(found.live))
        found = finish_live(platform, batch.id)
    assert most == [2, 2, 1]
    assert found is not None
    assert (found.state, found.ended, found.done) == (BatchState.COMPLETED, {"completed": 5}, 5)
    told = items_told(platform, found, 0)
    assert [each.state for each in told] == ["completed"] * 5
    assert all(each.result is not None and "a" in each.result.outputs for each in told)


def test_the_end_of_a_job_goes_on_with_its_batch(platform: Platform, world: World) -> None:
    """By the queue alone: nobody asks for it."""
    batch = create_batch(platform, UID, objects(platform, 4), recipe=RECIPE)
    for _ in range(20):
        task = world.platform.tasks.lease(QUEUE, seconds=60)  # type: ignore[attr-defined] # the queue's other side
        if task is None:
            break
        run_advance_task(platform, task.payload)
        world.platform.tasks.ack(task)  # type: ignore[attr-defined] # as above
        for job_id in live(platform, batch.id):
            if load_job(platform, job_id).state is JobState.PROCESSING:
                finish(platform, job_id)
    found = find_batch(platform, batch.id)
    assert found is not None
    assert (found.state, found.ended) == (BatchState.COMPLETED, {"completed": 4})


def test_a_bad_item_ends_no_other(platform: Platform) -> None:
    """It has no job, and its reason."""
    good = objects(platform, 2)
    gone = Item.model_validate({"source": {"kind": "object", "name": f"uploads/{UID}/none/source"}})
    odd = Item.model_validate({"source": {"kind": "url", "url": "http://media.test/a.mp4"}})
    lost = Item.model_validate({"source": {"kind": "job", "job_id": "0", "output": "a"}})
    batch = create_batch(platform, UID, [good[0], gone, odd, lost, good[1]], recipe=RECIPE)
    pump_batch(platform, batch.id)
    found = finish_live(platform, batch.id)
    assert found.state is BatchState.COMPLETED
    assert found.ended == {"completed": 2, "refused": 3}
    told = items_told(platform, found, 0)
    assert [each.state for each in told] == ["completed", "refused", "refused", "refused", "completed"]
    assert [each.refusal and each.refusal.code for each in told[1:4]] == ["object_not_found", "url_scheme", "not_found"]


def test_an_item_may_have_a_recipe_of_its_own(platform: Platform) -> None:
    first, second = objects(platform, 2)
    own = second.model_copy(update={"recipe": {"outputs": {"b": {"kind": "audio", "format": "flac"}}}})
    batch = create_batch(platform, UID, [first, own], recipe=RECIPE)
    pump_batch(platform, batch.id)
    assert [[*load_job(platform, job_id).recipe.outputs] for job_id in live(platform, batch.id)] == [["a"], ["b"]]


def test_what_is_no_batch_is_refused_at_once(platform: Platform) -> None:
    item = objects(platform, 1)[0]
    for items in ([], [item] * (MAX_ITEMS + 1)):
        with pytest.raises(InvalidRequest, match="1000"):
            create_batch(platform, UID, items)
    bad = item.model_copy(update={"recipe": {"outputs": {"b": {"kind": "audio", "format": "gif"}}}})
    with pytest.raises(InvalidRecipe) as refused:
        create_batch(platform, UID, [item, bad])
    assert refused.value.details["field"] == "items.1.outputs.b.format"
    with pytest.raises(InvalidRequest, match="prefix"):
        items_of_objects(platform, UID, "uploads/bob/")


def test_a_quota_makes_it_wait_and_not_fail(world: World) -> None:
    """The end of another job, or of the day, lets it go on."""
    platform = world.with_settings(batch_jobs_at_once=5, quota_concurrent_jobs=1)
    batch = create_batch(platform, UID, objects(platform, 3), recipe=RECIPE)
    found = pump_batch(platform, batch.id)
    assert found is not None
    assert (len(found.live), found.begun) == (1, 1)
    assert found.waits is not None
    assert found.waits.code == "quota_concurrent_jobs"
    while found.finished is None:
        found = finish_live(platform, batch.id)
    assert (found.ended, found.waits) == ({"completed": 3}, None)


def test_a_cancelled_batch_begins_nothing_more(platform: Platform) -> None:
    batch = create_batch(platform, UID, objects(platform, 4), recipe=RECIPE)
    pump_batch(platform, batch.id)
    finish(platform, live(platform, batch.id)[0])
    found = cancel_batch(platform, UID, batch.id)
    assert (found.state, found.ended) == (BatchState.CANCELLED, {"completed": 1, "cancelled": 1})
    assert found.finished is not None
    assert cancel_batch(platform, UID, batch.id) == found
    assert pump_batch(platform, batch.id) == found
    assert [each.state for each in items_told(platform, found, 0)] == [
        "completed",
        "cancelled",
        "not_begun",
        "not_begun",
    ]
    with pytest.raises(NotFound):
        cancel_batch(platform, "bob", batch.id)


def test_a_backfill_makes_only_what_is_new(platform: Platform, world: World) -> None:
    """Jobs of a filter once more with another recipe: what is unchanged is not made again."""
    first = create_batch(platform, UID, objects(platform, 3), recipe=RECIPE)
    pump_batch(platform, first.id)
    while (found := finish_live(platform, first.id)).finished is None:
        pass
    ran = Counter(world.ledger.ran)
    items = items_of_jobs(platform, UID, JobFilter(state=JobState.COMPLETED))
    assert len(items) == 3
    same = create_batch(platform, UID, items, recipe=RECIPE)
    pump_batch(platform, same.id)
    while (found := finish_live(platform, same.id)).finished is None:
        pass
    assert found.ended == {"completed": 3}
    assert Counter(world.ledger.ran) == ran
    more = {"outputs": {**RECIPE["outputs"], "b": {"kind": "audio", "format": "mp3", "start": 1}}}
    wider = create_batch(platform, UID, items, recipe=more)
    pump_batch(platform, wider.id)
    while (found := finish_live(platform, wider.id)).finished is None:
        pass
    assert Counter(world.ledger.ran) - ran == Counter({"1.0": 3})


def test_many_items_are_on_pages(platform: Platform) -> None:
    batch = create_batch(platform, UID, objects(platform, PAGE + 3), recipe=RECIPE)
    pump_batch(platform, batch.id)
    found = find_batch(platform, batch.id)
    assert found is not None
    pages = [items_told(platform, found, page) for page in range(3)]
    assert [len(page) for page in pages] == [PAGE, 3, 0]
    assert [each.index for page in pages for each in page] == [*range(PAGE + 3)]
    assert Counter(each.state for page in pages for each in page) == {"queued": 2, "waiting": PAGE + 1}


def test_who_asks_twice_has_one_batch(platform: Platform) -> None:
    items = objects(platform, 1)
    new_id = new_job_id(platform.now())
    assert create_batch(platform, UID, items, new_id=new_id) == create_batch(platform, UID, items, new_id=new_id)
    assert batch_id_of(job_id_of(new_id, 999)) == new_id
    assert batch_id_of(new_id) is None


@pytest.mark.parametrize("after", [False, True], ids=["before the write", "behind the write"])
@pytest.mark.parametrize("number", range(0, 14, 2))
def test_whoever_dies_makes_no_job_twice(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, number: int, after: bool
) -> None:
    """At every other write of a pump: the next one, or the sweep, goes on."""
    batch = create_batch(platform, UID, objects(platform, 3), recipe=RECIPE)
    deadly = dying(number, after=after)
    with monkeypatch.context() as patch:
        parts: list[Any] = [type(part) for part in (platform.documents, platform.tasks, platform.objects)]
        documents, tasks, stored = parts
        patch.setattr(documents, "transaction", deadly(documents.transaction))
        patch.setattr(tasks, "enqueue", deadly(tasks.enqueue))
        patch.setattr(stored, "copy", deadly(stored.copy))
        with suppress(Killed):
            pump_batch(platform, batch.id)
    resume_batches(platform)
    found = find_batch(platform, batch.id)
    while found is not None and found.finished is None:
        found = finish_live(platform, batch.id)
    assert found is not None
    assert found.ended == {"completed": 3}
    made = [snapshot.data["id"] for snapshot in platform.documents.query("jobs")]
    assert sorted(made) == [job_id_of(batch.id, index) for index in range(3)]


def test_records_go(platform: Platform, world: World) -> None:
    batch = create_batch(platform, UID, objects(platform, 1), recipe=RECIPE)
    pump_batch(platform, batch.id)
    finish_live(platform, batch.id)
    world.clock.pass_by(days=40)
    collect_garbage(replace(platform, now=world.clock))
    assert find_batch(platform, batch.id) is None
    assert platform.documents.query(f"batches/{batch.id}/items") == []
