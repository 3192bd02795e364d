"""A token is set by whoever asks, also by a signal that comes at any moment."""

from __future__ import annotations

import ast
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import dailies
from dailies.domain.stop import StopToken


@contextmanager
def at_opcode(number: int, act: Callable[[], None]) -> Iterator[list[int]]:
    """Calls ``act`` before the ``number``-th opcode of Python that runs within; the list gets how many there were."""
    seen = [0]

    def trace(frame: FrameType, event: str, _arg: object) -> Any:
        frame.f_trace_opcodes = True
        if event == "opcode":
            seen[0] += 1
            if seen[0] == number:
                sys.settrace(None)
                act()
        return trace

    # Python 3.12 asks for opcodes only if a frame wants them as the tracing begins.
    sys._getframe().f_trace_opcodes = True
    sys.settrace(trace)
    try:
        yield seen
    finally:
        sys.settrace(None)


@pytest.mark.timeout(20)
def test_a_signal_may_come_at_any_moment_of_a_wait() -> None:
    """Also to the thread that is just beginning to wait, which a lock would keep from ever ending."""
    before = signal.getsignal(signal.SIGUSR1)
    number, reached = 0, True
    try:
        while reached:
            number += 1
            stop = StopToken()
            signal.signal(signal.SIGUSR1, lambda *_, stop=stop: stop.set("interrupted"))
            with at_opcode(number, lambda: signal.raise_signal(signal.SIGUSR1)) as seen:
                stop.wait(0.01)
            reached = seen[0] >= number
            assert stop.is_set() == reached
            assert stop.wait(0) == reached
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert number > 10


@pytest.mark.timeout(20)
def test_a_signal_that_does_not_end_the_wait_is_seen_all_the_same() -> None:
    """As one that another thread gets, or that comes after the interpreter has looked and before the lock is asked."""
    stop = StopToken()
    before = signal.signal(signal.SIGUSR1, lambda *_: stop.set("interrupted"))
    waits = threading.get_ident()

    def take_it() -> None:
        tick, still, place = threading.Event(), 0, None
        while still < 20:
            frame = sys._current_frames()[waits]
            still, place = (still + 1 if frame.f_lasti == place else 0), frame.f_lasti
            tick.wait(0.001)
        signal.pthread_kill(threading.get_ident(), signal.SIGUSR1)

    other = threading.Thread(target=take_it)
    other.start()
    try:
        assert stop.wait()
    finally:
        other.join()
        signal.signal(signal.SIGUSR1, before)


def test_all_who_wait_are_woken() -> None:
    stop = StopToken()
    woken = [threading.Thread(target=stop.wait) for _ in range(4)]
    for one in woken:
        one.start()
    stop.set("cancelled")
    stop.set("interrupted")
    for one in woken:
        one.join(20)
        assert not one.is_alive()
    assert stop.reason == "cancelled"
    assert stop.wait(0)


def test_who_takes_signals_sets_no_event() -> None:
    """Whose ``set`` takes a lock that the interrupted thread may hold: a StopToken is what a handler sets.

    Nor does it wait for a queue whose wait no late signal ends: a SignalQueue is one.
    """
    taking = []
    for path in Path(dailies.__file__).parent.rglob("*.py"):
        called = {
            ast.unparse(node.func) for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)
        }
        if "signal.signal" in called:
            taking.append(path.name)
            assert not called & {"threading.Event", "Event", "threading.Condition", "Condition"}, path
            assert not called & {"SimpleQueue", "Queue"}, path
    assert {"worker.py", "resident.py", "server.py"} <= set(taking)
