"""What the server answers, as its OpenAPI document says. Fields that are not known here stay in the dictionaries."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

JobState = Literal["awaiting_upload", "fetching", "queued", "processing", "completed", "failed", "cancelled", "expired"]
Recipe = dict[str, Any]
"""``{"outputs": {name: {"kind": …}}}``: docs/kinds.md has all kinds, and the server refuses what is none."""


class NewJob(TypedDict):
    job_id: str
    status: JobState
    operation_path: str


class Conversion(TypedDict):
    job_id: str
    status: JobState
    estimated_completion: str | None


class SignedAnswer(TypedDict):
    method: str
    url: str
    headers: dict[str, str]
    expires_at: str


class UploadAnswer(TypedDict):
    job_id: str
    upload: SignedAnswer
    simple_upload: SignedAnswer | None
    operation_path: str
    database: str


class PlannedStepAnswer(TypedDict):
    name: str
    kind: str
    status: Literal["cached", "ready", "waiting"]
    cpu_seconds: float
    external_usd: float


class PossibleAnswer(TypedDict):
    waits: str
    kind: str
    count: int
    cpu_seconds: float
    external_usd: float


class LeftOut(TypedDict):
    code: str
    message: str


class PlanAnswer(TypedDict):
    steps: list[PlannedStepAnswer]
    may_come: list[PossibleAnswer]
    left_out: dict[str, LeftOut]
    cpu_seconds: float
    external_usd: float
    cost_usd: float


class ErrorAnswer(TypedDict):
    code: str
    message: str


class StepAnswer(TypedDict):
    status: Literal["waiting", "running", "done", "left_out"]
    progress: int


class JobBrief(TypedDict):
    job_id: str
    status: JobState
    kinds: list[str]
    file_name: str | None
    created_at: str
    completed_at: str | None


class JobPageAnswer(TypedDict):
    jobs: list[JobBrief]
    next_cursor: str | None


class JobAnswer(JobBrief):
    progress: int
    message: str
    steps: dict[str, StepAnswer]
    recipe: Recipe
    result: dict[str, Any] | None
    error: ErrorAnswer | None


class ResultAnswer(TypedDict):
    output: str
    download_url: str | None
    file_size: int
    duration: float
    quality_score: int | None


class StatusAnswer(TypedDict):
    job_id: str
    status: JobState
    progress: int
    message: str
    created_at: str
    completed_at: str | None
    result: ResultAnswer | None
    error: ErrorAnswer | None


class CancelAnswer(TypedDict):
    job_id: str
    status: JobState
