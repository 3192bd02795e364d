"""Names for processes of the cloud, and what their names tell."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from dailies.ports.workers import Owners

_WORKER = re.compile(r"(?P<execution>[a-z0-9-]+)\.(?P<index>\d+)\.(?P<attempt>\d+)\.[0-9a-f]+")


@dataclass(frozen=True, slots=True)
class Execution:
    """One attempt of one task of a Cloud Run job's execution, as CLOUD_RUN_… tell it."""

    name: str
    task_index: int
    task_count: int
    attempt: int


class CloudOwners(Owners):
    """A worker's owner is ``{execution}.{task}.{attempt}.{random}``; a function's is ``{service}.{random}``."""

    def __init__(self, execution: Execution | None, service: str = "function") -> None:
        self._execution = execution
        random = secrets.token_hex(8)
        if execution is None:
            self._me = f"{service}.{random}"
        else:
            self._me = f"{execution.name}.{execution.task_index}.{execution.attempt}.{random}"

    def me(self) -> str:
        return self._me

    def is_dead(self, owner: str) -> bool:
        # Cloud Run starts a task again only when its last attempt has ended.
        found = worker_named(owner)
        mine = self._execution
        if found is None or mine is None or (found.execution, found.task_index) != (mine.name, mine.task_index):
            return False
        return found.attempt < mine.attempt


@dataclass(frozen=True, slots=True)
class NamedWorker:
    execution: str
    task_index: int
    attempt: int


def worker_named(owner: str) -> NamedWorker | None:
    """The worker behind an owner's name; None for a function."""
    found = _WORKER.fullmatch(owner)
    return None if found is None else NamedWorker(found["execution"], int(found["index"]), int(found["attempt"]))
