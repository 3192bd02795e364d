"""How a large file is cut, and how many of its parts are on their way at once."""

from __future__ import annotations

import threading

import pytest

from dailies.adapters.gcp.objects.slices import Flow, Meter, Part, Slicing, Transfer

MEGABYTE = 1_000_000
HASTY = Slicing(sliced_from=10, smallest_part=10, largest_part=10, attempts=3, first_pause_seconds=0)


@pytest.mark.parametrize(
    ("size", "count", "part"),
    [
        (0, 0, 0),
        (1, 1, 1),
        (63 * MEGABYTE, 1, 63 * MEGABYTE),
        (64 * MEGABYTE, 7, 10 * MEGABYTE),
        (1600 * MEGABYTE, 32, 50 * MEGABYTE),
        (100_000 * MEGABYTE, 1000, 100 * MEGABYTE),
    ],
)
def test_parts_are_of_ten_to_a_hundred_megabytes(size: int, count: int, part: int) -> None:
    """About thirty of them where that fits; a small file is one part, an empty one none."""
    parts = Slicing().parts(size)
    assert len(parts) == count
    assert sum(each.size for each in parts) == size
    assert [each.start for each in parts] == [n * part for n in range(count)]


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def window(flow: Flow, clock: Clock, rate: float) -> None:
    """One window of parts that arrive at ``rate`` bytes a second."""
    count = flow.limit
    clock.now += count * 100 / rate
    for _ in range(count):
        flow.done(100)


def test_more_parts_go_at_once_while_that_makes_it_faster() -> None:
    """Up to eight; and a failure halves them, down to two."""
    clock = Clock()
    flow = Flow(Slicing(), clock)
    limits = []
    for rate in (100, 200, 300, 400, 500):
        window(flow, clock, rate)
        limits.append(flow.limit)
    assert limits == [6, 7, 8, 8, 8]
    failed = []
    for _ in range(4):
        flow.failed()
        failed.append(flow.limit)
    assert failed == [4, 2, 2, 2]


def test_fewer_parts_go_at_once_when_they_are_in_each_others_way() -> None:
    """A rate that falls takes one back; one that stays changes nothing."""
    clock = Clock()
    flow = Flow(Slicing(), clock)
    for rate, limit in ((1000, 6), (1000, 6), (500, 5), (500, 4)):
        window(flow, clock, rate)
        assert flow.limit == limit


def test_no_more_parts_are_under_way_than_the_flow_allows() -> None:
    """Two at most, when two is all there may be."""
    slicing = Slicing(sliced_from=1, smallest_part=1, largest_part=1, fewest=2, most=2)
    lock = threading.Lock()
    together = threading.Barrier(2, timeout=20)
    running = highest = 0

    def move(part: Part, meter: Meter) -> None:
        nonlocal running, highest
        with lock:
            running += 1
            highest = max(highest, running)
        together.wait()
        meter.add(part.size)
        with lock:
            running -= 1

    Transfer(slicing, Flow(slicing), move, None).run(slicing.parts(20))
    assert highest == 2


def test_a_part_that_fails_for_good_ends_the_others() -> None:
    """The first verdict is raised, and parts that are still moving stop at their next piece."""
    begun = threading.Event()
    stopped = threading.Event()

    def move(part: Part, meter: Meter) -> None:
        if part.index == 0:
            assert begun.wait(20)
            raise LookupError("for good")
        begun.set()
        try:
            while True:
                meter.add(1)
        finally:
            stopped.set()

    with pytest.raises(LookupError, match="for good"):
        Transfer(HASTY, Flow(HASTY), move, None).run(HASTY.parts(20))
    assert stopped.is_set()


def test_progress_does_not_fall_when_a_part_is_sent_again() -> None:
    """What was told stays told."""
    told: list[int] = []
    failures = [ConnectionError("broke off"), ConnectionError("broke off")]

    def move(part: Part, meter: Meter) -> None:
        meter.add(5)
        if part.index == 1 and failures:
            raise failures.pop()
        meter.add(5)

    Transfer(HASTY, Flow(HASTY), move, told.append).run(HASTY.parts(40))
    assert told == sorted(told)
    assert told[-1] == 40
    assert failures == []


def test_a_part_is_tried_a_few_times_only() -> None:
    """Then its last error is raised."""
    tries = []

    def move(part: Part, meter: Meter) -> None:
        tries.append(part.index)
        raise ConnectionError("away")

    with pytest.raises(ConnectionError):
        Transfer(HASTY, Flow(HASTY), move, None).run(HASTY.parts(10))
    assert tries == [0, 0, 0]
