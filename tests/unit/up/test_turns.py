"""Calls of the functions that users make take turns."""

from __future__ import annotations

import threading

from flask import Flask

from dailies.up.deployment import _AT_ONCE, _in_turn

PATIENCE_SECONDS = 20.0
#: Nobody comes: so long is waited for it.
NOBODY_SECONDS = 0.3


def test_some_calls_at_once_are_answered_before_the_next() -> None:
    """A hundred uploads that are announced together begin one after the other, not all at the end."""
    entered, go = threading.Semaphore(0), threading.Event()
    app = Flask("turns")

    def view() -> str:
        entered.release()
        assert go.wait(PATIENCE_SECONDS)
        return "done"

    app.add_url_rule("/", "view", _in_turn(view), methods=["POST"])
    answers: list[str] = []

    def call() -> None:
        answers.append(app.test_client().post("/", data=b"{}").text)

    callers = [threading.Thread(target=call) for _ in range(_AT_ONCE + 2)]
    for caller in callers:
        caller.start()
    assert all(entered.acquire(timeout=PATIENCE_SECONDS) for _ in range(_AT_ONCE))
    assert not entered.acquire(timeout=NOBODY_SECONDS)
    go.set()
    for caller in callers:
        caller.join(PATIENCE_SECONDS)
    assert answers == ["done"] * len(callers)
