"""What the routes' bodies and queries hold."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from dailies.domain.call import Call, JobId
from dailies.domain.job.api_key import SCOPES, Scope
from dailies.domain.job.batch import MAX_ITEMS
from dailies.domain.job.job import JobState
from dailies.domain.job.webhook import EVENT_TYPES
from dailies.domain.recipe.formats import AudioFormat, Quality
from dailies.services.history import MAX_LISTED
from dailies.services.job_list import MAX_PAGE
from dailies.services.share import MAX_SHARE_TIME, MIN_SHARE_TIME
from dailies.services.webhooks.deliveries import MAX_LISTED as MAX_DELIVERIES

#: Stands for the recipe with each kind's own model, which only the OpenAPI document needs.
RecipeField = Annotated[
    dict[str, Any] | None,
    Field(
        description="named outputs of the source; an MP3 file, normalised, where there is none",
        json_schema_extra={"x-component": "Recipe"},
    ),
]
Url = Annotated[str, Field(max_length=8192, description="https, of a public server")]
EventType = Annotated[str, Field(json_schema_extra={"enum": list(EVENT_TYPES)})]
#: Of a job's own; docs/webhooks.md has what is sent.
WebhookUrl = Annotated[Url | None, Field(description="told of this job's events, signed with the secret `jobs`")]


class UrlOf(Call):
    """A file on the web, which is fetched when the job's turn has come."""

    kind: Literal["url"]
    url: Url


class OutputOf(Call):
    """What another job has made."""

    kind: Literal["job"]
    job_id: JobId
    output: Annotated[str, Field(max_length=63, description="as that job's recipe calls it")]


class ObjectOf(Call):
    """An object of the bucket that the caller has uploaded."""

    kind: Literal["object"]
    name: Annotated[str, Field(max_length=1024, description="uploads/{user id}/…")]


class CreateJob(Call):
    """A job for a source that is somewhere already."""

    source: Annotated[UrlOf | OutputOf | ObjectOf, Field(discriminator="kind")]
    recipe: RecipeField = None
    webhook_url: WebhookUrl = None


class CreateUpload(Call):
    """A job for a file that is going to be sent."""

    size_bytes: Annotated[int, Field(ge=1, le=(1 << 53) - 1)]
    content_type: Annotated[str, Field(max_length=255, description="as a browser says it; may be empty")] = ""
    file_name: Annotated[str | None, Field(max_length=1024)] = None
    recipe: RecipeField = None
    webhook_url: WebhookUrl = None


class SourceOfJob(Call):
    """The source of a job of the caller's, which a worker has looked at."""

    kind: Literal["job"]
    job_id: JobId


class Described(Call):
    """A source that may not be there yet: H.264 with AAC is assumed."""

    kind: Literal["described"]
    duration_seconds: Annotated[float, Field(gt=0, le=86_400)]
    channels: Annotated[int, Field(ge=0, le=16, description="0: without sound")] = 2
    width: Annotated[int | None, Field(ge=16, le=16_384, description="absent: sound alone")] = None
    height: Annotated[int | None, Field(ge=16, le=16_384)] = None
    frame_rate: Annotated[float, Field(ge=1, le=240)] = 30.0


class PlanJob(Call):
    """A recipe whose price is asked for."""

    source: Annotated[SourceOfJob | Described, Field(discriminator="kind")]
    recipe: RecipeField = None


class RetryJob(Call):
    """Another try of the same source."""

    recipe: RecipeField = None
    webhook_url: WebhookUrl = None


class ShareJob(Call):
    """A link for people without an account."""

    seconds: Annotated[
        int,
        Field(
            ge=int(MIN_SHARE_TIME.total_seconds()),
            le=int(MAX_SHARE_TIME.total_seconds()),
            description="how long it is good for",
        ),
    ] = 86_400


class ClearJobs(Call):
    """Jobs that a user doesn't want to see any more, or again."""

    job_ids: Annotated[list[JobId], Field(max_length=MAX_LISTED)]
    cleared: bool = True


class Convert(Call):
    """One audio file of one source."""

    source_url: Url | None = None
    source_object: Annotated[str | None, Field(max_length=1024, description="uploads/{user id}/…")] = None
    output_format: AudioFormat = "mp3"
    quality: Annotated[Quality | None, Field(description="high, or lossless where the format is")] = None
    normalize_audio: Annotated[bool, Field(description="to −16 LUFS and −1 dBTP")] = True
    trim_start: Annotated[float | None, Field(ge=0, le=86_400, description="seconds")] = None
    trim_end: Annotated[float | None, Field(gt=0, le=86_400, description="seconds, behind trim_start")] = None
    webhook_url: WebhookUrl = None


class CreateKey(Call):
    """A key for a program."""

    name: Annotated[str, Field(min_length=1, max_length=100, pattern=r"\S", description="what it is for")]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=len(SCOPES))] = Field([*SCOPES[:2]])
    expires_in_days: Annotated[float | None, Field(gt=0, le=3650, description="for ever where nothing is said")] = None


class RotateKey(Call):
    """A new secret for a key or an endpoint."""

    overlap_hours: Annotated[float, Field(ge=0, le=720, description="how long the secret before is taken, too")] = 24.0


class SourceAgain(Call):
    """The source of another job."""

    kind: Literal["again"]
    job_id: JobId


class BatchItem(Call):
    """One item; its own recipe stands for the batch's."""

    source: Annotated[UrlOf | OutputOf | ObjectOf | SourceAgain, Field(discriminator="kind")]
    recipe: RecipeField = None


class ItemsOf(Call):
    """Items that are named."""

    kind: Literal["items"]
    items: Annotated[list[BatchItem], Field(min_length=1, max_length=MAX_ITEMS)]


class JobsOf(Call):
    """The sources of the caller's jobs that meet every condition, newest first."""

    kind: Literal["jobs"]
    state: Annotated[JobState | None, Field(strict=False)] = None
    output_kind: Annotated[str | None, Field(pattern=r"^[a-z][a-z0-9_-]{0,62}$")] = None
    created_since: Annotated[datetime | None, Field(strict=False, description="inclusive, with its zone")] = None
    created_until: Annotated[datetime | None, Field(strict=False, description="exclusive, with its zone")] = None


class ObjectsOf(Call):
    """The caller's objects of the bucket below a prefix."""

    kind: Literal["objects"]
    prefix: Annotated[str, Field(max_length=1024, description="uploads/{user id}/…")]


class CreateBatch(Call):
    """Many jobs, begun some at a time."""

    of: Annotated[ItemsOf | JobsOf | ObjectsOf, Field(discriminator="kind")]
    recipe: RecipeField = None
    webhook_url: WebhookUrl = None


class ListBatches(Call):
    """How many of the newest."""

    limit: Annotated[int, Field(ge=1, le=100)] = 20


class BatchPage(Call):
    """Which of the pages."""

    page: Annotated[int, Field(ge=0, le=MAX_ITEMS)] = 0


class CreateWebhook(Call):
    """An endpoint for events."""

    url: Url
    events: Annotated[
        list[EventType] | None,
        Field(min_length=1, max_length=len(EVENT_TYPES), description="all but step.done if absent"),
    ] = None


class ListDeliveries(Call):
    """How many of the newest."""

    limit: Annotated[int, Field(ge=1, le=MAX_DELIVERIES)] = 20


class ListJobs(Call):
    """Which jobs; all of them must hold."""

    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 20
    cursor: Annotated[str | None, Field(max_length=200, description="next_cursor of the page before")] = None
    state: JobState | None = None
    kind: Annotated[str | None, Field(pattern=r"^[a-z][a-z0-9_-]{0,62}$", description="of an output")] = None
    created_since: Annotated[datetime | None, Field(description="inclusive, with its zone")] = None
    created_until: Annotated[datetime | None, Field(description="exclusive, with its zone")] = None


class WhichOutput(Call):
    """Which file of a job; there may be one only where nothing is said."""

    output: Annotated[str | None, Field(max_length=63)] = None
    file: Annotated[str | None, Field(max_length=255, description="one beside the main file, as the result says")] = (
        None
    )


class Events(Call):
    """From where on; the header Last-Event-ID says the same."""

    after: Annotated[int, Field(ge=0, le=1 << 31)] = 0
