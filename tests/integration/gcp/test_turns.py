"""Turns on Firestore itself: its queries find whose turn it is, and its transactions keep the cap."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from dailies.adapters.gcp.documents.documents import CloudDocuments
from dailies.domain.errors import TransientError
from dailies.domain.job.job import JobState
from dailies.domain.recipe.recipe import Recipe
from dailies.engine.advance import advance
from dailies.engine.platform import Platform
from dailies.engine.store.admission import running_jobs
from dailies.engine.store.jobs import load_job
from dailies.operations.deliverables.audio import AudioOutput
from dailies.services.jobs import cancel_job, create_job
from dailies.services.upkeep.live_jobs import look_after_jobs
from tests.unit.conftest import World, world as world  # noqa: PLC0414 - a fixture


def test_many_at_once_keep_the_cap_and_all_have_their_turn(world: World, documents: CloudDocuments) -> None:
    """Every job begins and ends, three at a time, with four that advance them."""
    settings = world.platform.settings.model_copy(update={"max_running_jobs": 3})
    platform = replace(world.platform, settings=settings, documents=documents)
    source = world.sources.identify(world.source)
    recipes = [Recipe(outputs=dict[str, Any]({f"a{n}": AudioOutput(format="mp3")})) for n in range(4)]
    ids = [create_job(platform, uid, source, recipe).job.id for uid in ("ann", "bob", "cay") for recipe in recipes]
    begun: set[str] = set()
    with ThreadPoolExecutor(4) as pool:
        while len(begun) < len(ids):
            list(pool.map(lambda job_id: _advanced(platform, job_id), ids))
            running = [each for each in ids if load_job(platform, each).state is JobState.PROCESSING]
            assert 0 < len(running) <= 3
            assert set(running_jobs(platform)) == set(running)
            begun |= set(running)
            for job_id in running:
                cancel_job(platform, job_id)
            world.clock.pass_by(seconds=1)
    look_after_jobs(platform, page=5)
    assert running_jobs(platform) == {}


def _advanced(platform: Platform, job_id: str) -> None:
    try:
        advance(platform, job_id)
    except TransientError:
        # Too many wrote the line at once: the queue would bring the task again.
        return
