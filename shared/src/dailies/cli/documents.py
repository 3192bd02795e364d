"""What commands print under ``--json``, and the progress document: models for the published schemas.

Fields may be added; whoever reads a document ignores those that it doesn't know.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from dailies.domain.job.job import JobState
from dailies.domain.job.result import LeftOut
from dailies.domain.subtitles.live_text import MOST_CHARACTERS

_STATES = f"one of {', '.join(JobState)}"
StepState = Literal["waiting", "running", "done", "left_out"]


class PlannedStepDocument(BaseModel):
    """A step of a plan."""

    name: str
    kind: str
    status: Literal["cached", "ready", "waiting"] = Field(
        description="made already, can be made now, or when what it reads is there"
    )
    key: str | None = Field(description="of its artifact; null where that depends on steps that have not run")
    cpu_seconds: float = Field(description="estimated, of one processor")
    wall_seconds: float = Field(description="how long it is estimated to last: longer than that where it waits")
    external_usd: float = Field(description="what others are estimated to charge for it")


class Estimate(BaseModel):
    """Of the steps that are not cached."""

    cpu_seconds: float
    cost_usd: float = Field(description="on Cloud Run, external_usd included; on this machine that is all")
    external_usd: float = Field(description="what others charge, speech servers say; the most where a plan unfolds")


class PlanDocument(BaseModel):
    """``dailies plan``."""

    steps: list[PlannedStepDocument]
    estimate: Estimate
    left_out: dict[str, LeftOut] = Field(description="optional outputs that this source can't give, by name")


class JobSummary(BaseModel):
    """A job, as ``dailies jobs`` lists it."""

    job_id: str
    status: str = Field(
        description="awaiting_upload, fetching, queued, processing, completed, failed, cancelled or expired"
    )
    created: datetime
    finished: datetime | None
    source: str = Field(description="path or name of the source")
    outputs: list[str]


class StepProgress(BaseModel):
    """How far a step is."""

    status: StepState
    progress: int = Field(ge=0, le=100)


class JobDocument(JobSummary):
    """``dailies jobs show``."""

    recipe: dict[str, Any] = Field(description="recipe.schema.json")
    steps: dict[str, StepProgress]
    progress: int | None
    result: dict[str, Any] | None = Field(description="result.schema.json, of a completed job")
    error: dict[str, Any] | None = Field(description="of a failed one")


class Error(BaseModel):
    """What went wrong."""

    code: str = Field(description="stable: docs/operations.md has all of them")
    message: str = Field(description="a sentence to act on; it may be reworded")
    details: dict[str, Any] = Field(description="for programs: field, problems, checks …")


class ErrorDocument(BaseModel):
    """What any command prints that ends with another exit code than 0."""

    error: Error


class FindingDocument(BaseModel):
    """One check of the doctor's."""

    name: str
    ok: bool
    found: str
    fix: str = Field(description="empty where nothing has to be done")


class DoctorDocument(BaseModel):
    """``dailies doctor``."""

    healthy: bool
    findings: list[FindingDocument]


class GarbageDocument(BaseModel):
    """``dailies gc``."""

    objects_removed: int
    bytes_removed: int
    bytes_kept: int
    jobs_failed: int = Field(description="that were past their deadline")


class OperationError(BaseModel):
    """Why a job failed."""

    code: str
    message: str


class OperationDocument(BaseModel):
    """``users/{uid}/operations/{jobId}``: what an app listens to. At most one write a second."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    status: str = Field(
        description="awaiting_upload, fetching, queued, processing, completed, failed, cancelled or expired"
    )
    progress: int = Field(ge=0, le=100, description="never falls; 100 only when the job is completed")
    message: str = Field(description="for people")
    stage: str = Field(description="the step that works, else the status")
    operation_type: str = Field(description="the kinds of output, joined by +")
    file_name: str | None = None
    size_bytes: int | None = None
    start_time: datetime
    last_update: datetime
    completed_at: datetime | None = None
    failed_at: datetime | None = Field(None, description="also of cancelled and expired jobs")
    remove_after: datetime | None = Field(None, description="when the document is deleted")
    text: str | None = Field(
        None, max_length=MOST_CHARACTERS, description="the last of what was heard, while a transcript is made of it"
    )
    steps: dict[str, StepProgress]
    left_out: dict[str, LeftOut] | None = Field(None, description="optional outputs that are not made, and why")
    result: dict[str, Any] | None = Field(None, description="result.schema.json, of a completed job")
    error: OperationError | None = None
