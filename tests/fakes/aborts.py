"""Firestore under contention: every second commit of a process is refused as ABORTED and writes nothing.

Run as a script it is the worker on such a Firestore. It writes a line to ABORTS_LOG for each commit that it refused.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud.firestore_v1.services.firestore.transports import FirestoreGrpcTransport

from dailies.worker import main

LOG = "ABORTS_LOG"


def abort_commits(patch: pytest.MonkeyPatch, note: Callable[[], object]) -> None:
    """Refuse every second commit of clients yet to be made, from the first on; ``note`` is called for each of them.

    Below the library's own retries, where the service's answers come from.
    """
    plain = vars(FirestoreGrpcTransport)["commit"].fget
    made: dict[int, Callable[..., Any]] = {}

    def commit(transport: FirestoreGrpcTransport) -> Callable[..., Any]:
        # The library looks its wrapper up by this very object.
        return made.setdefault(id(transport), _aborting(plain(transport), note))

    patch.setattr(FirestoreGrpcTransport, "commit", property(commit))


def _aborting(commit: Callable[..., Any], note: Callable[[], object]) -> Callable[..., Any]:
    lock = threading.Lock()
    calls = 0

    def refused(*arguments: Any, **options: Any) -> Any:
        nonlocal calls
        with lock:
            calls += 1
            turn = calls % 2
        if turn:
            note()
            raise exceptions.Aborted("Too much contention on these documents. Please try again.")
        return commit(*arguments, **options)

    return refused


def _run() -> int:
    def note() -> None:
        with Path(os.environ[LOG]).open("a", encoding="utf-8") as log:
            log.write("aborted\n")

    with pytest.MonkeyPatch.context() as patch:
        abort_commits(patch, note)
        return main()


if __name__ == "__main__":
    sys.exit(_run())
