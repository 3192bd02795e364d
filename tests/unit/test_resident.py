"""The resident worker's orders, and when it has done enough."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from dailies import resident
from dailies.domain.errors import TransientError
from dailies.domain.stop import StopToken
from dailies.resident import Orders, serve
from tests.unit.conftest import World

PATIENCE_SECONDS = 20.0


class Parent:
    """The other end of standard input and output."""

    def __init__(self) -> None:
        self.input, self._orders = os.pipe()
        self.orders = Orders()
        self.thread = threading.Thread(target=self.orders.follow, args=(self.input,))
        self.thread.start()

    def say(self, line: str) -> None:
        os.write(self._orders, line.encode() + b"\n")

    def hang_up(self) -> None:
        """What was said has been read when this returns."""
        os.close(self._orders)
        self.thread.join(PATIENCE_SECONDS)
        os.close(self.input)


@pytest.fixture
def parent() -> Iterator[Parent]:
    made = Parent()
    yield made
    if made.thread.is_alive():
        made.hang_up()


def test_the_end_of_the_parent_stops_the_job_under_way(parent: Parent) -> None:
    parent.say("job a")
    order = parent.orders.next()
    assert order is not None
    job_id, stop = order
    assert (job_id, stop.is_set()) == ("a", False)
    parent.hang_up()
    assert stop.reason == "interrupted"
    assert parent.orders.next() is None


def test_it_gives_way_when_its_slice_is_over(parent: Parent, monkeypatch: pytest.MonkeyPatch) -> None:
    """And not for what was said about the job before."""
    for slice_seconds, orders, expected in (
        (0.0, ["job a", "give-way"], True),
        (1000.0, ["job a", "give-way"], False),
        (0.0, ["job a"], False),
        (0.0, ["job a", "give-way", "job b"], False),
    ):
        monkeypatch.setattr(resident, "SLICE_SECONDS", slice_seconds)
        one = Parent()
        for order in orders:
            one.say(order)
        one.hang_up()
        assert one.orders.give_way() is expected, orders


def test_each_job_is_answered_and_the_last_one_said(
    world: World, parent: Parent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that fails costs the job's turn; after so many jobs another process takes over."""
    done: list[str] = []

    def drain(_platform: Any, job_id: str, _stop: StopToken, **_: Any) -> int:
        done.append(job_id)
        if job_id == "b":
            raise TransientError("the store is away")
        return 75 if job_id == "c" else 0

    answers: list[bytes] = []
    monkeypatch.setattr(resident, "drain_and_hand_on", drain)
    monkeypatch.setattr(os, "write", lambda _fd, line: answers.append(line))
    monkeypatch.setattr(resident, "MOST_JOBS", 3)
    monkeypatch.setattr(resident, "load_job", lambda _platform, job_id: SimpleNamespace(uid=f"of-{job_id}"))
    begun: list[str] = []
    for job_id in "abcd":
        parent.orders._jobs.put(job_id)
    serve(world.platform, parent.orders, begun.append)
    assert (done, begun) == (["a", "b", "c"], ["of-a", "of-b", "of-c"])
    assert answers == [b"0\n", b"1\n", b"75 last\n"]
    # Memory that was leaked counts likewise.
    monkeypatch.setattr(resident, "MOST_GROWTH_BYTES", -1)
    serve(world.platform, parent.orders)
    assert answers[-1] == b"0 last\n"
    monkeypatch.undo()
