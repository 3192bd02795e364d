"""Many jobs that are begun one after the other: a bounded queue, with what came of it. Pure."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from dailies.domain.model import Model

MAX_ITEMS = 1000
#: Items of one document: each may have a recipe of its own.
PAGE = 50


class BatchState(StrEnum):
    RUNNING = "running"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class UrlItem(Model):
    """A file on the web."""

    kind: Literal["url"]
    url: str = Field(max_length=8192, repr=False)


class ObjectItem(Model):
    """An object of the bucket that the user has uploaded."""

    kind: Literal["object"]
    name: str = Field(max_length=1024)


class OutputItem(Model):
    """What another job has made."""

    kind: Literal["job"]
    job_id: str = Field(pattern=r"^[A-Za-z0-9]{1,64}$")
    output: str = Field(max_length=63)


class AgainItem(Model):
    """The source of another job."""

    kind: Literal["again"]
    job_id: str = Field(pattern=r"^[A-Za-z0-9]{1,64}$")


Source = Annotated[UrlItem | ObjectItem | OutputItem | AgainItem, Field(discriminator="kind")]


class Item(Model):
    """``recipe`` None is the batch's."""

    source: Source
    recipe: dict[str, Any] | None = None


class Refusal(Model):
    """Why an item has no job."""

    code: str
    message: str


class Batch(Model):
    """``begun`` items have a job or were refused; ``live`` are the indices of those whose job has not ended."""

    model_config = ConfigDict(extra="ignore")

    id: str
    uid: str
    state: BatchState
    total: int
    recipe: dict[str, Any] | None
    webhook: str | None = Field(None, repr=False)
    begun: int = 0
    live: tuple[int, ...] = ()
    ended: dict[str, int] = Field(default_factory=dict, description="items by the state in which they ended")
    refused: dict[str, Refusal] = Field(default_factory=dict, description="by the item's index")
    waits: Refusal | None = Field(None, description="why no further item is begun for now")
    created: datetime
    updated: datetime
    finished: datetime | None = None

    @property
    def done(self) -> int:
        return sum(self.ended.values())
