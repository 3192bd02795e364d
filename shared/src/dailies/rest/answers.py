"""What the routes answer. Fields may be added: whoever reads an answer ignores those that it doesn't know."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from dailies.domain.job.api_key import Scope
from dailies.domain.job.job import JobState
from dailies.domain.job.result import LeftOut


class Answer(BaseModel):
    """Built by us alone."""

    model_config = ConfigDict(defer_build=True)


class NewJob(Answer):
    """A job that has begun."""

    job_id: str
    status: JobState
    operation_path: str = Field(description="its progress document in Firestore")


class Conversion(Answer):
    """A conversion that has begun."""

    job_id: str
    status: JobState
    estimated_completion: datetime | None = Field(description="null: a source's length is known once it was looked at")


class SignedAnswer(Answer):
    """A request that needs no credentials until ``expires_at``; every header has to be sent."""

    method: str
    url: str
    headers: dict[str, str]
    expires_at: datetime


class UploadAnswer(Answer):
    """Where to send the bytes; either request will do."""

    job_id: str
    upload: SignedAnswer = Field(description="POST starts a resumable session, whose URL is in Location; PUT is to one")
    simple_upload: SignedAnswer | None = Field(description="takes the bytes at once: of files below 10 MB")
    operation_path: str
    database: str


class PlannedStepAnswer(Answer):
    """A step of a plan."""

    name: str
    kind: str
    status: Literal["cached", "ready", "waiting"]
    cpu_seconds: float
    external_usd: float = Field(description="what others charge for it")


class PossibleAnswer(Answer):
    """Steps that may come once it is known what they wait for."""

    waits: str = Field(description="the step that waits")
    kind: str
    count: int
    cpu_seconds: float = Field(description="at most")
    external_usd: float = Field(description="what others charge for them, at most")


class PlanAnswer(Answer):
    """What would be made, and what it would take."""

    steps: list[PlannedStepAnswer]
    may_come: list[PossibleAnswer]
    left_out: dict[str, LeftOut] = Field(description="optional outputs that this source can't give, by name")
    cpu_seconds: float = Field(description="of one processor; of what is not made yet")
    external_usd: float = Field(description="what others charge: part of cost_usd")
    cost_usd: float = Field(description="on Cloud Run, and what others charge")


class ErrorAnswer(Answer):
    """Why a job failed."""

    code: str = Field(description="stable: docs/operations.md has all of them")
    message: str


class StepAnswer(Answer):
    """How far a step is."""

    status: Literal["waiting", "running", "done", "left_out"]
    progress: int = Field(ge=0, le=100)


class JobBrief(Answer):
    """A job in a list."""

    job_id: str
    status: JobState
    kinds: list[str] = Field(description="of its outputs")
    file_name: str | None = Field(description="of the source, as its user calls it")
    created_at: datetime
    completed_at: datetime | None = Field(description="when it ended, however it did")


class JobPageAnswer(Answer):
    """Jobs, newest first."""

    jobs: list[JobBrief]
    next_cursor: str | None = Field(description="of the next page; null behind the last")


class JobAnswer(JobBrief):
    """A job with all that is known of it."""

    progress: int = Field(ge=0, le=100)
    message: str
    steps: dict[str, StepAnswer]
    recipe: Annotated[dict[str, Any], Field(json_schema_extra={"x-component": "Recipe"})]
    result: Annotated[
        dict[str, Any] | None,
        Field(description="of a completed job", json_schema_extra={"x-component": "JobResult"}),
    ]
    error: ErrorAnswer | None


class SourceAnswer(Answer):
    """What was read of a job's source, and measured of it."""

    info: dict[str, Any] = Field(description="container, duration, tracks, tags, chapters: as `dailies probe --json`")
    loudness_lufs: float | None = Field(
        description="integrated, of the whole source (ITU-R BS.1770-4); null until a job has measured it"
    )


class AdviceItem(Answer):
    """One way to make something of a source."""

    kind: str
    recipe: Annotated[dict[str, Any], Field(json_schema_extra={"x-component": "Recipe"})]
    reason: str = Field(description="why it suits this source")
    size_bytes: int | None = Field(description="of the file, estimated; null where no bit rate is set")
    cpu_seconds: float = Field(description="of one processor, to make it anew")
    cost_usd: float = Field(description="on Cloud Run, and what others charge")


class AdviceAnswer(Answer):
    """What would suit a source, the best first."""

    advice: list[AdviceItem]


class WebhookAnswer(Answer):
    """An endpoint, without its secret."""

    webhook_id: str
    url: str
    events: list[str]
    created_at: datetime
    disabled: str | None = Field(description="why nothing is sent to it any more")


class NewWebhookAnswer(WebhookAnswer):
    """An endpoint, with what its receiver verifies messages with."""

    secret: str | None = Field(description="shown this once; null in a repeated answer")


class WebhooksAnswer(Answer):
    """The endpoints of a user."""

    webhooks: list[WebhookAnswer]


class AttemptAnswer(Answer):
    """One try of a delivery."""

    at: datetime
    status: int | None = Field(description="that was answered")
    code: str | None = Field(description="of what kept it from being answered")
    seconds: float


class DeliveryAnswer(Answer):
    """One event for one endpoint."""

    delivery_id: str = Field(description="the message's webhook-id, whenever it is sent")
    webhook_id: str
    job_id: str
    event_type: str
    body: str = Field(description="as it is sent")
    state: Literal["pending", "delivered", "given_up"]
    reason: str | None = Field(description="why it was given up")
    attempts: list[AttemptAnswer]
    next_attempt_at: datetime | None
    created_at: datetime


class DeliveriesAnswer(Answer):
    """Deliveries, newest first."""

    deliveries: list[DeliveryAnswer]


class ResultAnswer(Answer):
    """Of the first output. What isn't known is null."""

    output: str
    download_url: str | None = Field(description="signed, for 12 hours at most; null where the file is gone")
    file_size: int = Field(description="bytes")
    duration: float = Field(description="seconds")
    quality_score: int | None = Field(ge=0, le=100, description="measured: docs/loudness.md")


class StatusAnswer(Answer):
    """How a job stands."""

    job_id: str
    status: JobState
    progress: int = Field(ge=0, le=100, description="never falls; 100 only when the job is completed")
    message: str = Field(description="for people")
    created_at: datetime
    completed_at: datetime | None = Field(description="when it ended, however it did")
    result: ResultAnswer | None
    error: ErrorAnswer | None


class CancelAnswer(Answer):
    """A job that was ended."""

    job_id: str
    status: JobState


class LinkAnswer(Answer):
    """A link to a result. It can't be taken back before it ends."""

    url: str = Field(description="a page with the files, for whoever has it")
    expires_at: datetime


class ClearedAnswer(Answer):
    """The jobs that have ended and are the caller's: no others are cleared."""

    job_ids: list[str]


class KeyAnswer(Answer):
    """A key of a program, without its secret."""

    key_id: str
    name: str
    scopes: list[Scope]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None = Field(description="to the hour")
    revoked_at: datetime | None


class NewKeyAnswer(KeyAnswer):
    """A key with its secret."""

    key: str | None = Field(description="all of it, shown this once; null in the answer to a repeated call")


class KeysAnswer(Answer):
    """A user's keys, in the order in which they were made."""

    keys: list[KeyAnswer]


class Problem(BaseModel):
    """RFC 9457: application/problem+json. Further fields are the error's details."""

    model_config = ConfigDict(extra="allow", defer_build=True)

    type: str = Field(description="an URI that names the kind of problem; nothing is to be fetched from it")
    title: str
    status: int
    detail: str = Field(description="a sentence to act on; it may be reworded")
    code: str = Field(description="stable: docs/operations.md has all of them")
    instance: str = Field(description="the request, as logs call it")
