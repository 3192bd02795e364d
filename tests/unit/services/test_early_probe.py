"""Looking at a file while it is hashed: whatever comes of it, the job is the same."""

from __future__ import annotations

import pytest

from dailies.domain.errors import Cancelled, SourceRefused
from dailies.domain.job.job import Job, JobState
from dailies.domain.stop import StopToken
from dailies.services.early_probe import LookAhead
from tests.unit.conftest import World


def begun(world: World) -> LookAhead:
    """One that has begun to look at a file that is new here."""
    ahead = LookAhead(world.platform, world.source)
    world.sources.identify(world.source, on_new=ahead.begin)
    return ahead


def probes(world: World, job: Job) -> tuple[int, JobState]:
    """How often the source was probed, and how the job ended."""
    done = world.finish(job)
    return world.ledger.ran.count("probe"), done.state


def test_what_was_seen_is_the_jobs_own_probe(world: World) -> None:
    """No worker looks again, and the certificate calls the step this job's."""
    with begun(world) as ahead:
        job = world.new_job(a=1)
        ahead.hand_over(job, StopToken())
    assert probes(world, job) == (1, JobState.COMPLETED)
    objects = world.platform.objects
    manifests = [
        objects.get_bytes(found.name, max_bytes=1 << 20) for found in objects.list("") if "manifest" in found.name
    ]
    assert [f'"run":"{job.run}"'.encode() in manifest for manifest in manifests] == [True] * 3


def test_a_file_that_is_known_is_not_looked_at(world: World) -> None:
    """Its probe is an artifact by now, most likely; if not, a worker makes it."""
    world.sources.identify(world.source)
    with begun(world) as ahead:
        job = world.new_job(a=1)
        ahead.hand_over(job, StopToken())
        assert world.ledger.ran == []
    assert probes(world, job) == (1, JobState.COMPLETED)


def test_a_refusal_is_left_to_the_worker(world: World) -> None:
    """So that the reason stands on the job, as for any other source."""
    refusal = SourceRefused("It is no media.", code="not_media")
    world.ledger.fail["probe"] = [refusal, refusal]
    with begun(world) as ahead:
        job = world.new_job(a=1)
        ahead.hand_over(job, StopToken())
    with pytest.raises(SourceRefused):
        world.finish(job)


def test_a_file_that_changed_meanwhile_is_not_filed(world: World) -> None:
    """What was seen is not what the digest names."""
    with begun(world) as ahead:
        job = world.new_job(a=1)
        world.source.write_bytes(b"another file")
        ahead.hand_over(job, StopToken())
    assert not any(name.name.startswith(f"artifacts/{job.uid}") for name in world.platform.objects.list(""))


def test_leaving_stops_what_still_looks(world: World) -> None:
    """Ctrl-C while it is hashed: no child is left behind."""
    seen: list[bool] = []
    ahead = LookAhead(world.platform, world.source)
    world.ledger.during = lambda _name: seen.append(ahead._stop.wait(10))
    with ahead:
        ahead.begin()
    assert seen == [True]
    assert not any(world.platform.scratch.iterdir())


def test_a_cancel_does_not_wait_for_the_look(world: World) -> None:
    """A file may be made so that it takes long; Ctrl-C is promised within two seconds."""
    stop = StopToken()
    ahead = LookAhead(world.platform, world.source)

    def during(_name: str) -> None:
        stop.set("cancelled")
        ahead._stop.wait(10)

    world.ledger.during = during
    with ahead:
        ahead.begin()
        with pytest.raises(Cancelled):
            ahead.hand_over(world.new_job(a=1), stop)
    assert ahead._stop.is_set()
