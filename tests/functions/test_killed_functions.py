"""A function's instance may be killed between any two writes; what called it calls again, or the sweeper comes by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from dailies.adapters.local.objects.signed_urls import LocalSignedUrls
from dailies.adapters.local.tasks import LocalTasks
from dailies.domain.job.job import JobState
from dailies.domain.stop import StopToken
from dailies.engine.advance import advance
from dailies.engine.advance_queue import QUEUE, enqueue_advance
from dailies.engine.platform import Platform
from dailies.engine.worker_loop import drain
from dailies.services.create_upload import Ticket, create_upload
from dailies.services.upkeep.sweep import sweep
from dailies.services.upload_arrived import Arrival, upload_arrived
from tests.unit.conftest import World, world as world  # noqa: PLC0414 - a fixture

WRITES = {"create", "set", "update", "delete", "transaction", "enqueue", "start", "cancel", "put_bytes", "put_file"}


class Killed(BaseException):
    """No ``except Exception`` may survive it, as none survives SIGKILL."""


class Mortal:
    """Passes everything on until so many writes were made; the next one never happens."""

    def __init__(self, behind: Any, left: list[int]) -> None:
        self._behind = behind
        self._left = left

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._behind, name)
        return self._counted(found) if name in WRITES else found

    def _counted(self, write: Callable[..., Any]) -> Callable[..., Any]:
        def write_unless_killed(*arguments: Any, **options: Any) -> Any:
            if self._left[0] == 0:
                # Once: who comes next is another instance.
                self._left[0] = -1
                raise Killed
            self._left[0] -= 1
            return write(*arguments, **options)

        return write_unless_killed


class Story:
    """One upload, from its announcement to its end, with a kill before the ``n``-th write from now on."""

    def __init__(self, world: World, kill_before: int) -> None:
        self._world = world
        self._left = [kill_before]
        self.uid = f"user{kill_before}"
        whole = replace(world.platform, urls=LocalSignedUrls("http://here", b"key", world.clock))
        self._whole = whole
        self._mortal = replace(
            whole,
            documents=Mortal(whole.documents, self._left),
            tasks=Mortal(whole.tasks, self._left),
            workers=Mortal(whole.workers, self._left),
        )

    @property
    def killed(self) -> bool:
        return self._left[0] < 0

    def tell(self) -> None:
        ticket = self._again(
            lambda platform: create_upload(platform, self.uid, recipe=None, size_bytes=5, content_type="video/mp4")
        )
        assert isinstance(ticket, Ticket)
        name = f"uploads/{self.uid}/{ticket.job_id}/source"
        arrival = Arrival("b", name, self._whole.objects.put_bytes(name, b"media").generation)
        self._again(lambda platform: upload_arrived(platform, arrival))
        self._deliver()
        assert ticket.job_id in self._world.workers.started
        drain(self._whole, ticket.job_id, StopToken())
        enqueue_advance(self._whole, ticket.job_id)
        self._deliver()

    def _again(self, call: Callable[[Platform], Any]) -> Any:
        """What a client, Eventarc and Cloud Tasks do when no answer comes."""
        try:
            return call(self._mortal)
        except Killed:
            return call(self._whole)

    def _deliver(self) -> None:
        """Tasks that are there, and no others: what nobody enqueued is not advanced."""
        tasks = self._whole.tasks
        assert isinstance(tasks, LocalTasks)
        while (task := tasks.lease(QUEUE, seconds=60)) is not None:
            job_id = str(task.payload["job_id"])
            self._again(partial(self._advance, job_id))
            tasks.ack(task)

    @staticmethod
    def _advance(job_id: str, platform: Platform) -> None:
        advance(platform, job_id)

    def states(self) -> list[str]:
        found = self._whole.documents.query("jobs")
        return sorted(each.data["state"] for each in found if each.data["uid"] == self.uid)

    def usage(self) -> dict[str, Any]:
        found = self._whole.documents.get(f"quotas/{self.uid}")
        assert found is not None
        return found.data


def test_a_kill_between_any_two_writes_costs_nothing_but_time(world: World) -> None:
    """One job completed, charged once, each step run once; a job that was left behind expires and is given back."""
    kill_before = 0
    while True:
        ran = len(world.ledger.ran)
        story = Story(world, kill_before)
        story.tell()
        assert len(world.ledger.ran) - ran == 3, f"killed before write {kill_before}"
        made = [found for found in world.platform.objects.list(f"artifacts/{story.uid}/") if "/file-" in found.name]
        assert len(made) == 1
        world.clock.pass_by(hours=25)
        sweep(story._whole)
        assert story.states().count(JobState.COMPLETED) == 1
        assert set(story.states()) <= {JobState.COMPLETED, JobState.EXPIRED}
        usage = story.usage()
        assert (usage["jobs"], usage["source_seconds"], usage["running"]) == (1, 10.0, {}), kill_before
        if not story.killed:
            break
        kill_before += 1
    # Announced, queued, enqueued, processing, started; the worker's own writes are another test's.
    assert kill_before >= 5
