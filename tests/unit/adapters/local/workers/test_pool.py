"""Resident workers: who gets one, and what follows from their ends. The workers here are pipes that a test answers."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from queue import SimpleQueue
from typing import Any, cast

import pytest

from dailies.adapters.local.owners import LocalOwners
from dailies.adapters.local.workers import pool as pool_module
from dailies.adapters.local.workers.pool import WorkerPool
from dailies.domain.errors import TransientError

PATIENCE_SECONDS = 20.0


class FakeWorker:
    """A Popen whose other side the test holds."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        orders, stdin = os.pipe()
        stdout, answers = os.pipe()
        self.stdin, self.stdout = os.fdopen(stdin, "wb"), os.fdopen(stdout, "rb")
        self._orders, self._answers = os.fdopen(orders, "rb"), os.fdopen(answers, "wb", buffering=0)
        self.returncode: int | None = None

    def order(self) -> str:
        return self._orders.readline().decode().strip()

    def answer(self, line: str) -> None:
        self._answers.write(line.encode() + b"\n")

    def die(self, code: int) -> None:
        self.returncode = code
        self._answers.close()
        self._orders.close()

    def wait(self, timeout: float | None = None) -> int:
        # The end of the input, as a worker would see it.
        if self.returncode is None:
            while self._orders.readline():
                pass
            self.die(75)
        assert self.returncode is not None
        return self.returncode


class Bench:
    def __init__(self, folder: Path, size: int) -> None:
        self.started: SimpleQueue[FakeWorker] = SimpleQueue()
        owners = LocalOwners(folder / "owners")
        self.pool = WorkerPool({}, folder / "scratch", owners, lambda job_id: job_id.partition("-")[0], size)
        self._pids = count(1000)

    def spawn(self, *_: Any, **__: Any) -> subprocess.Popen[bytes]:
        worker = FakeWorker(next(self._pids))
        self.started.put(worker)
        return cast("subprocess.Popen[bytes]", worker)

    def next_worker(self) -> FakeWorker:
        return self.started.get(timeout=PATIENCE_SECONDS)


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    made = Bench(tmp_path, 2)
    monkeypatch.setattr(pool_module, "spawn", made.spawn)
    yield made
    made.pool.join()


def test_no_more_workers_than_processors_and_each_takes_job_after_job(bench: Bench) -> None:
    for number in range(4):
        bench.pool.start(f"ann-{number}")
    first, second = bench.next_worker(), bench.next_worker()
    assert (first.order(), second.order()) == ("job ann-0", "job ann-1")
    assert bench.started.empty()
    assert all(bench.pool.running(f"ann-{number}") for number in range(4))
    assert first.order() == "give-way"
    first.answer("0")
    assert first.order() == "job ann-2"
    assert bench.pool.ended("ann-0") == [0]
    assert bench.pool.ended("ann-0") == []
    assert not bench.pool.running("ann-0")


def test_a_repeated_start_is_one_worker(bench: Bench) -> None:
    """An event that comes twice, and a job that asks for two, get what is missing to two."""
    bench.pool.start("ann-0")
    bench.pool.start("ann-0")
    assert bench.next_worker().order() == "job ann-0"
    assert bench.started.empty()
    bench.pool.start("ann-0", tasks=2)
    assert bench.next_worker().order() == "job ann-0"


def test_a_user_with_a_hundred_jobs_does_not_hold_up_the_others(bench: Bench) -> None:
    for number in range(100):
        bench.pool.start(f"ann-{number}")
    bench.pool.start("bob-0")
    first, second = bench.next_worker(), bench.next_worker()
    assert [first.order(), first.order()] == ["job ann-0", "give-way"]
    first.answer("0")
    assert first.order() == "job bob-0"
    assert [second.order(), second.order()] == ["job ann-1", "give-way"]
    second.answer("0")
    assert second.order() == "job ann-2"


def test_a_worker_that_dies_takes_its_own_job_alone_with_it(bench: Bench) -> None:
    """The code tells of it, and what waited is another's; so does one that says that it goes."""
    bench.pool.start("ann-0")
    bench.pool.start("ann-1")
    bench.pool.start("ann-2")
    first, second = bench.next_worker(), bench.next_worker()
    first.die(-9)
    third = bench.next_worker()
    assert third.order() == "job ann-2"
    assert bench.pool.ended("ann-0") == [-9]
    assert not bench.pool.running("ann-0")
    bench.pool.start("ann-3")
    second.answer("75 last")
    second.die(0)
    fourth = bench.next_worker()
    assert fourth.order() == "job ann-3"
    assert bench.pool.ended("ann-1") == [75]


def test_a_cancelled_job_gives_up_its_turn(bench: Bench) -> None:
    for number in range(4):
        bench.pool.start(f"ann-{number}")
    bench.pool.cancel("ann-2")
    first = bench.next_worker()
    assert [first.order(), first.order()] == ["job ann-0", "give-way"]
    first.answer("0")
    assert first.order() == "job ann-3"
    assert not bench.pool.running("ann-2")


def test_the_end_ends_all_and_starts_nothing(bench: Bench) -> None:
    for number in range(3):
        bench.pool.start(f"ann-{number}")
    bench.pool.join()
    bench.pool.start("ann-3")
    assert [bench.next_worker().returncode, bench.next_worker().returncode] == [75, 75]
    assert bench.started.empty()
    assert bench.pool.ended("ann-0") == [75]


def test_a_worker_that_cannot_be_started_is_a_fault_that_may_pass(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The task is tried again, and the job keeps its place."""
    with monkeypatch.context() as patch:
        patch.setattr(pool_module, "spawn", _no_memory)
        with pytest.raises(TransientError, match="can't be started"):
            bench.pool.start("ann-0")
    bench.pool.start("ann-0")
    assert bench.next_worker().order() == "job ann-0"
    assert bench.started.empty()


def _no_memory(*_: Any, **__: Any) -> Any:
    raise OSError(12, "Cannot allocate memory")
