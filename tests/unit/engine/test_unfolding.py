"""Jobs whose plans unfold: what an artifact decides is made, shown and paid for as if it had been known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from dailies.adapters.local.objects.objects import LocalObjects
from dailies.adapters.local.tasks import LocalTasks
from dailies.domain.errors import OverBudget
from dailies.domain.job.job import Job, JobState, Source
from dailies.domain.stop import StopToken
from dailies.engine.advance import advance
from dailies.engine.plan_state import PlanState, plan_state_of
from dailies.engine.platform import Platform
from dailies.engine.run_step import run_step
from dailies.engine.store.artifacts import Artifacts
from dailies.engine.store.jobs import load_job
from dailies.engine.store.progress import operation_path
from dailies.engine.worker_loop import drain
from dailies.planning.estimates import cost_usd
from dailies.ports.objects import ObjectInfo
from dailies.services.embedded import Embedded
from dailies.services.planning import plan_job
from tests.unit.conftest import UID, World
from tests.unit.engine.light_steps import DrainingWorkers, light_ids, result_of
from tests.unit.engine.transcribing import MOST_PARTS, Speech, transcribing


def looked_at(platform: Platform, job: Job) -> PlanState:
    return plan_state_of(job, Artifacts(platform.objects, job.uid), platform.registry, platform.toolchain())


def finished(world: World, platform: Platform, job: Job) -> Job:
    """By workers that are threads, and light steps beside each other."""
    world.clock.go()
    workers = DrainingWorkers()
    workers.platform = platform = replace(platform, workers=workers)
    embedded = Embedded(platform, cast("LocalTasks", platform.tasks), workers)
    ended = embedded.run(job.id, lambda _document: None, StopToken())
    workers.join()
    return ended


def text_of(platform: Platform, job: Job) -> str:
    found = looked_at(platform, job)
    made = found.artifacts[found.plan.outputs["a"]]
    return platform.objects.get_bytes(made.files["file"].object, max_bytes=1 << 20).decode()


def test_as_many_steps_come_as_an_artifact_says(world: World) -> None:
    """Each part is heard once, the text is whole, and the result names every step."""
    speech = Speech([f"word{n}" for n in range(40)])
    platform = transcribing(world, speech)
    job = finished(world, platform, world.new_job())
    assert job.state is JobState.COMPLETED, job.error
    assert text_of(platform, job) == " ".join(speech.words)
    assert set(speech.heard.values()) == {1}
    steps = result_of(job)["steps"]
    assert [step["name"] for step in steps][:5] == ["probe", "measure", "pauses", "a-cut", "a-hear"]
    assert len(steps) == 45
    assert {step["status"] for step in steps} == {"done"}


def test_a_source_without_parts_needs_none(world: World) -> None:
    """What may come need not."""
    platform = transcribing(world, Speech([]))
    assert finished(world, platform, world.new_job()).state is JobState.COMPLETED


def test_another_source_of_the_same_parts_is_unfolded_by_its_own(world: World) -> None:
    """A second job looks everything up: nothing is heard again."""
    speech = Speech(["one", "two"])
    platform = transcribing(world, speech)
    finished(world, platform, world.new_job())
    again = finished(world, platform, world.new_job())
    assert {step["status"] for step in result_of(again)["steps"]} == {"cached"}
    assert speech.heard.total() == 2


def test_a_plan_shows_what_may_come_until_it_is_known(world: World) -> None:
    """With its upper bound, which the estimate of the whole holds."""
    speech = Speech(["one", "two"])
    platform = transcribing(world, speech)
    job = world.new_job()
    planned = plan_job(platform, UID, world.sources.identify(world.source), job.recipe)
    come = [(steps.waits, steps.kind, steps.count) for steps in planned.may_come]
    assert come == [("a", "cut", 1), ("a", "hear", MOST_PARTS)]
    assert planned.cpu_seconds > MOST_PARTS
    assert [step.status for step in planned.steps] == ["cached", "ready", "waiting", "waiting"]
    finished(world, platform, job)
    planned = plan_job(platform, UID, world.sources.identify(world.source), job.recipe)
    assert (list(planned.may_come), planned.cpu_seconds) == ([], 0)
    assert len(planned.steps) == 7


def test_a_budget_is_held_against_the_bound(world: World) -> None:
    """A job that could cost more than it may is refused before anything but the probe has run."""
    platform = transcribing(world, Speech(["one"]))
    job = world.new_job()
    tight = job.recipe.model_copy(update={"budget_usd": cost_usd(MOST_PARTS)})
    with pytest.raises(OverBudget):
        plan_job(platform, UID, world.sources.identify(world.source), tight)
    assert world.ledger.ran == ["probe"]


def test_progress_grows_while_a_plan_unfolds(world: World) -> None:
    """It neither falls nor jumps to its end when the measurement is all that is known to be needed."""
    seen: list[int] = []
    platform = transcribing(world, Speech([f"word{n}" for n in range(20)]))
    job = world.new_job()
    watch = platform.documents.watch(
        operation_path(UID, job.id), lambda snapshot: seen.append(snapshot.data["progress"]) if snapshot else None
    )
    advance(platform, job.id)
    drain(platform, job.id, StopToken())
    known = len(seen)
    assert 0 < seen[-1] < 25
    finished(world, platform, job)
    watch.close()
    assert seen == sorted(seen)
    assert len(set(seen[known:])) > 3
    assert seen[-1] == 100


def test_a_plan_has_unfolded_for_whoever_comes_next(world: World) -> None:
    """The worker that found the parts is gone: the queue, and a function that never met it, see the same plan."""
    platform = transcribing(world, Speech(["one", "two"]))
    job = world.new_job()
    advance(platform, job.id)
    drain(platform, job.id, StopToken())
    found = looked_at(platform, load_job(platform, job.id))
    assert not found.plan.waits_for
    first, second = light_ids(found.ready)
    for step in (second, first):
        run_step(platform, job.id, step, StopToken())
    assert looked_at(platform, load_job(platform, job.id)).plan == found.plan
    drain(platform, job.id, StopToken())
    assert load_job(platform, job.id).state is JobState.COMPLETED


def test_what_decided_a_plan_may_be_lost(world: World) -> None:
    """The artifact that told of the parts is removed when they are made: it is made again, and the plan is the same."""
    speech = Speech(["one", "two"])
    platform = transcribing(world, speech)
    job = world.new_job()
    advance(platform, job.id)
    drain(platform, job.id, StopToken())
    found = looked_at(platform, load_job(platform, job.id))
    for step in light_ids(found.ready):
        run_step(platform, job.id, step, StopToken())
    decided = next(step for step in found.plan.steps if step.kind == "pauses")
    platform.objects.delete(f"artifacts/{UID}/{found.keys[decided.id]}/manifest.json")
    assert looked_at(platform, load_job(platform, job.id)).plan.waits_for
    drain(platform, job.id, StopToken())
    assert load_job(platform, job.id).state is JobState.COMPLETED
    assert world.ledger.ran.count("pauses") == 2
    assert set(speech.heard.values()) == {1}


class WatchedSources:
    """The platform's, which note for what kinds of steps they are asked."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self.opened = 0
        self.verified = 0

    def open(self, source: Source, scratch: Path) -> Path:
        self.opened += 1
        return self._platform.sources.open(source, scratch)

    def verify(self, source: Source) -> None:
        self.verified += 1
        self._platform.sources.verify(source)


def test_only_who_reads_the_source_opens_and_verifies_it(world: World) -> None:
    """It may be a download. The probe, the measurement and the cut do; finding pauses, and hearing, do not."""
    platform = transcribing(world, Speech(["one", "two"]))
    watched = WatchedSources(platform)
    job = world.new_job()
    advance(platform, job.id)
    platform = replace(platform, sources=watched)
    drain(platform, job.id, StopToken())
    for step in light_ids(looked_at(platform, job).ready):
        run_step(platform, job.id, step, StopToken())
    assert (watched.opened, watched.verified) == (3, 3)
    drain(platform, job.id, StopToken())
    # The fake join is of the kind audio, which says nothing else.
    assert (watched.opened, watched.verified) == (4, 4)


def test_what_is_read_is_what_counts(world: World) -> None:
    """Parts of other bytes are heard; the same bytes, be they cut from another source, are not heard again."""
    speech = Speech(["one", "two", "one"])
    platform = transcribing(world, speech)
    assert text_of(platform, finished(world, platform, world.new_job())) == "one two one"
    assert speech.heard == {"one": 1, "two": 1}
    world.source.write_bytes(b"media of another day")
    speech.words = ["two", "three"]
    assert text_of(platform, finished(world, platform, world.new_job())) == "two three"
    assert speech.heard == {"one": 1, "two": 1, "three": 1}


class CountedObjects(LocalObjects):
    """A store that counts what is paid for: reads, looks and listings."""

    asked = 0

    def get_bytes(self, name: str, *, max_bytes: int) -> bytes:
        self.asked += 1
        return super().get_bytes(name, max_bytes=max_bytes)

    def stat(self, name: str) -> ObjectInfo | None:
        self.asked += 1
        return super().stat(name)

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        self.asked += 1
        return super().list(prefix)


def test_each_of_a_hundred_steps_looks_at_few_artifacts(world: World) -> None:
    """Its own, what it rests on, and the first that the join still misses; the whole plan only who tells of it."""
    speech = Speech([f"word{n}" for n in range(100)])
    counted = CountedObjects(world.database, world.platform.settings.home / "objects", clock=world.clock)
    platform = replace(
        transcribing(world, speech), objects=counted, settings=world.with_settings(progress_interval_seconds=1).settings
    )
    job = world.new_job()
    advance(platform, job.id)
    drain(platform, job.id, StopToken())
    steps = light_ids(looked_at(platform, load_job(platform, job.id)).ready)
    costs = []
    for step in steps:
        world.clock.pass_by(seconds=0.05)
        counted.asked = 0
        run_step(platform, job.id, step, StopToken())
        costs.append(counted.asked)
    assert len(speech.heard) == 100
    assert sorted(costs)[90] <= 25
    assert sum(costs) < 40 * len(steps)
    assert progress_of(platform, job)["progress"] > 50
    drain(platform, job.id, StopToken())
    assert load_job(platform, job.id).state is JobState.COMPLETED


def progress_of(platform: Platform, job: Job) -> dict[str, Any]:
    found = platform.documents.get(operation_path(UID, job.id))
    assert found is not None
    return found.data


def test_a_file_that_others_read_may_be_lost(world: World) -> None:
    """Between the step that made it and those that read it: it is made again, and they go on."""
    speech = Speech(["one", "two"])
    platform = transcribing(world, speech)
    job = world.new_job()
    advance(platform, job.id)
    drain(platform, job.id, StopToken())
    found = looked_at(platform, load_job(platform, job.id))
    cut = next(step for step in found.plan.steps if step.kind == "cut")
    platform.objects.delete(found.artifacts[cut.id].files["part-0001"].object)
    assert finished(world, platform, job).state is JobState.COMPLETED
    assert world.ledger.ran.count("cut") == 2
    assert text_of(platform, job) == "one two"
    assert set(speech.heard.values()) == {1}


def test_what_tells_of_further_steps_may_be_lost(world: World) -> None:
    """They are in no plan until it is made again, and their tasks have come meanwhile: none of them is used up."""
    speech = Speech(["one", "two"])
    platform = transcribing(world, speech)
    job = world.new_job()
    advance(platform, job.id)
    drain(platform, job.id, StopToken())
    found = looked_at(platform, load_job(platform, job.id))
    [telling] = {asked for step in found.plan.steps for asked in step.asked}
    for stored in platform.objects.list(f"artifacts/{UID}/{found.keys[telling]}/"):
        platform.objects.delete(stored.name)
    assert finished(world, platform, job).state is JobState.COMPLETED
    assert text_of(platform, job) == "one two"
    assert set(speech.heard.values()) == {1}
