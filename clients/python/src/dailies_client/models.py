"""What the server answers, as its OpenAPI document says. Fields that are not known here stay in the dictionaries."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

JobState = Literal["awaiting_upload", "fetching", "queued", "processing", "completed", "failed", "cancelled", "expired"]
BatchState = Literal["running", "completed", "cancelled"]
ItemState = Literal[
    "waiting", "not_begun", "refused", "gone", "awaiting_upload", "fetching", "queued", "processing", "completed",
    "failed", "cancelled", "expired",
]  # fmt: skip
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


class SourceAnswer(TypedDict):
    info: dict[str, Any]
    loudness_lufs: float | None


class AdviceItem(TypedDict):
    kind: str
    recipe: Recipe
    reason: str
    size_bytes: int | None
    cpu_seconds: float
    cost_usd: float


class AdviceAnswer(TypedDict):
    advice: list[AdviceItem]


class LinkAnswer(TypedDict):
    url: str
    expires_at: str


class BatchAnswer(TypedDict):
    batch_id: str
    status: BatchState
    total: int
    begun: int
    live: int
    ended: dict[str, int]
    progress: int
    waits: ErrorAnswer | None
    created_at: str
    finished_at: str | None


class ItemOutput(TypedDict):
    bytes: int
    sha256: str
    media_type: str
    duration_seconds: float
    quality_score: int | None


class BatchItemAnswer(TypedDict):
    index: int
    source: dict[str, Any]
    status: ItemState
    job_id: str | None
    error: ErrorAnswer | None
    outputs: dict[str, ItemOutput]


class BatchItemsAnswer(TypedDict):
    items: list[BatchItemAnswer]
    next_page: int | None


class CancelAnswer(TypedDict):
    job_id: str
    status: JobState
