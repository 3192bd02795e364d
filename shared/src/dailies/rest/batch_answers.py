"""What the routes of batches answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from dailies.domain.job.batch import BatchState
from dailies.rest.answers import Answer, ErrorAnswer


class BatchAnswer(Answer):
    """A batch, and how far it is."""

    batch_id: str
    status: BatchState
    total: int
    begun: int = Field(description="items that have a job, or were refused")
    live: int = Field(description="jobs that have not ended")
    ended: dict[str, int] = Field(description="items by the state in which they ended; refused ones have no job")
    progress: int = Field(ge=0, le=100, description="of items that have ended")
    waits: ErrorAnswer | None = Field(description="why no further item is begun for now")
    created_at: datetime
    finished_at: datetime | None


class BatchesAnswer(Answer):
    """Batches, newest first."""

    batches: list[BatchAnswer]


class ItemOutput(Answer):
    """A file that an item's job has made."""

    bytes: int
    sha256: str
    media_type: str
    duration_seconds: float
    quality_score: int | None


class BatchItemAnswer(Answer):
    """An item, and what came of it."""

    index: int
    source: dict[str, Any]
    status: Literal[
        "waiting", "not_begun", "refused", "gone", "awaiting_upload", "queued", "fetching", "processing", "completed",
        "failed", "cancelled", "expired",
    ]  # fmt: skip
    job_id: str | None
    error: ErrorAnswer | None
    outputs: Annotated[dict[str, ItemOutput], Field(description="of a completed job, by their names")]


class BatchItemsAnswer(Answer):
    """A page of a batch's items: all pages together are its manifest."""

    items: list[BatchItemAnswer]
    next_page: int | None = Field(description="null behind the last")
