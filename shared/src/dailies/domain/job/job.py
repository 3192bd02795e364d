"""The job: its states and the transitions between them.

::

    awaiting_upload → queued → fetching? → processing → completed
           │             │         │           │      ↘ failed
           └─────────────┴─────────┴───────────┴──────→ cancelled | expired

A job whose source has yet to be fetched does that when its turn has come: it takes a worker. The four on the right
are terminal and immutable.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from dailies.domain.errors import Conflict
from dailies.domain.model import Model
from dailies.domain.recipe.recipe import Recipe


class JobState(StrEnum):
    AWAITING_UPLOAD = "awaiting_upload"
    QUEUED = "queued"
    FETCHING = "fetching"
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
    JobState.QUEUED: {JobState.FETCHING, JobState.PROCESSING} | _ENDS,
    JobState.FETCHING: {JobState.PROCESSING} | _ENDS,
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


class UrlSource(Model):
    """A file on the web, which becomes an object of the store before anything is made of it."""

    kind: Literal["url"] = "url"
    url: str = Field(repr=False, description="its query may hold a secret")

    @property
    def size(self) -> int:
        return 0

    @property
    def digest(self) -> str:
        """There is none, and no step to name by it, before its bytes are here."""
        return ""


class Fetched(Model):
    """How a source came from its URL, which is told without its query. ``seconds`` are of the attempt that ended it."""

    url: str
    bytes: int
    seconds: float
    attempts: int = 1
    failed_attempts: tuple[Mapping[str, str], ...] = Field((), description="code and message of each")


Source = Annotated[FileSource | ObjectSource | UrlSource, Field(discriminator="kind")]


class Hindrance(Model):
    """What keeps a job from going on that is not its own fault, and since when."""

    code: str
    message: str
    since: datetime


class Job(Model):
    """``jobs/{id}``: written by the server only, and only when its state changes. Times are UTC.

    What becomes of its steps is told by their leases and artifacts: any number of workers can share a job, but a
    document takes about one write a second.
    """

    # Records of older versions have more fields.
    model_config = ConfigDict(extra="ignore")

    id: str
    uid: str
    state: JobState
    recipe: Recipe
    source: Source
    fetched: Fetched | None = Field(None, description="where the source was fetched from, if it was")
    by_command: bool = Field(
        False, description="made by a command on this machine, which looks after it itself; it is charged to nobody"
    )
    webhook: str | None = Field(None, repr=False, description="a URL that is told of this job alone")
    file_name: str | None = Field(None, description="of the source, as its user calls it: shown, and nothing else")
    created: datetime
    updated: datetime
    deadline: datetime = Field(description="the sweeper fails the job after this time")
    resumed: int = Field(0, description="how often it was taken up again after all that worked on it had died")
    hindrance: Hindrance | None = Field(None, description="what it waits for, if the platform refuses to go on")
    reached: dict[str, datetime] = Field({}, description="when it came to each state between its first and its last")
    error: dict[str, Any] | None = None
    result: dict[str, Any] | None = None
    finished: datetime | None = None
    upload_session: str | None = Field(
        None, repr=False, description="the URL that takes the source's bytes, where the server started it: a secret"
    )

    @property
    def served(self) -> bool:
        """Whether a server looks after it, and its user is charged; else the command that made it does."""
        return not self.by_command and self.source.kind != "file"

    @property
    def begins_as(self) -> JobState:
        """Where a queued job goes when its turn has come."""
        return JobState.FETCHING if self.source.kind == "url" else JobState.PROCESSING

    @property
    def run(self) -> str:
        """The job since it was last taken up: what counts against a step, and what it made, is of one run."""
        return f"{self.id}.{self.resumed}"


def job_of(run: str) -> str:
    """The id of the job whose run (``Job.run``) it is."""
    return run.partition(".")[0]
