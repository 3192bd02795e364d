"""The job: states, the transitions between them, and what it remembers about each step.

::

    awaiting_upload → queued → processing → completed
           │             │         │      ↘ failed
           └─────────────┴─────────┴──────→ cancelled | expired

The four on the right are terminal and immutable.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field

from dailies.domain.errors import Conflict
from dailies.domain.model import Model
from dailies.domain.recipe import Recipe


class JobState(StrEnum):
    AWAITING_UPLOAD = "awaiting_upload"
    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"

    @property
    def terminal(self) -> bool:
        return self in _TERMINAL


_TERMINAL = {JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED, JobState.EXPIRED}
_ENDS = {JobState.FAILED, JobState.CANCELLED, JobState.EXPIRED}
_NEXT: dict[JobState, set[JobState]] = {
    JobState.AWAITING_UPLOAD: {JobState.QUEUED} | _ENDS,
    JobState.QUEUED: {JobState.PROCESSING} | _ENDS,
    JobState.PROCESSING: {JobState.COMPLETED} | _ENDS,
}


def check_transition(job_id: str, before: JobState, after: JobState) -> None:
    """Raise Conflict unless a job may go from ``before`` to ``after``."""
    if after not in _NEXT.get(before, set()):
        raise Conflict(f"job {job_id} is {before.value} and can't become {after.value}", code="job_state")


class FileSource(Model):
    """A file on this machine, used where it lies and never written; identity as git's index keeps it."""

    kind: Literal["file"] = "file"
    path: str
    size: int
    mtime_ns: int
    inode: int
    digest: str


class ObjectSource(Model):
    """An object in the store, fixed by its generation; 0 with an empty digest while the upload is awaited."""

    kind: Literal["object"] = "object"
    name: str
    generation: int
    size: int
    digest: str


Source = Annotated[FileSource | ObjectSource, Field(discriminator="kind")]


class StepRecord(Model):
    """How often a step was begun without an orderly end, and what became of it."""

    attempts: int = 0
    transient_failures: int = 0
    status: Literal["done", "cached"] | None = None
    seconds: float | None = None
    cost_usd: float | None = Field(None, description="its share of what the worker cost while it ran")


class Job(Model):
    """``jobs/{id}``: written by the server only. Times are UTC."""

    id: str
    uid: str
    state: JobState
    recipe: Recipe
    source: Source
    created: datetime
    updated: datetime
    deadline: datetime = Field(description="the sweeper fails the job after this time")
    steps: dict[str, StepRecord] = Field(default_factory=dict)
    error: dict[str, Any] | None = None
    result: dict[str, Any] | None = None
    finished: datetime | None = None
