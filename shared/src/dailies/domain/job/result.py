"""What a finished job says of itself. A public format (docs/schemas/result.schema.json)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    SerializeAsAny,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from dailies.domain.model import Model
from dailies.domain.recipe.recipe import Recipe
from dailies.domain.source.media_info import MediaInfo

Block = TypeVar("Block", bound=Model)
Decode = Literal["picked", "keyframes", "reference", "full"]
LoudnessMode = Literal["linear", "limited", "unchanged"]


class Check(Model):
    """One line of the certificate: measured on the encoded file, never assumed."""

    name: str
    expected: str
    measured: str
    passed: bool
    advisory: bool = Field(False, description="said, and never a reason to hold the output back: it was asked for so")


class AudioFacts(Model):
    codec: str
    bitrate_bps: int | None
    sample_rate_hz: int
    channels: int


class VideoFacts(Model):
    codec: str
    width: int
    height: int
    frame_rate: str | None
    frames: int | None
    pixel_format: str | None
    color: str = Field(description="primaries/transfer/matrix/range, as FFmpeg names them")
    bitrate_bps: int | None
    pieces: str | None = Field(None, description="how a long film was encoded: the chunks, or why in one piece")


class LoudnessFacts(Model):
    """Measured on the encoded file with ITU-R BS.1770-4; null where the sound was copied and not measured, or it is
    undefined: ``reason`` says which. True peak is measured where a loudness was asked for."""

    integrated_lufs: float | None
    true_peak_dbtp: float | None
    range_lu: float | None
    mode: LoudnessMode
    reason: str
    gain_db: float = 0.0


class PictureFacts(Model):
    """A still picture. ``at_seconds`` is its moment on the source's clock."""

    format: str
    width: int
    height: int
    at_seconds: float


class RenditionFacts(Model):
    """One quality of an adaptive output, as its master playlist declares it: audio included, measured."""

    playlist: str
    width: int
    height: int
    codecs: str = Field(description="as in RFC 6381")
    bandwidth_bps: int = Field(description="the peak, RFC 8216 section 4.1")
    average_bandwidth_bps: int


class StoryboardFacts(Model):
    """Tiles in sheets of ``columns`` × ``rows``, filled row by row; the last sheet may have room left."""

    format: str
    tiles: int
    tile_width: int
    tile_height: int
    columns: int
    rows: int
    sheets: int


class SamplingFacts(Model):
    """Which frames a timelapse or a storyboard took; ``decode`` names the ones that had to be decoded for it."""

    decode: Decode
    reason: str
    interval_seconds: float
    frames: int
    distinct_frames: int = Field(description="different pictures; fewer where nothing moved")
    decoded_frames: int
    source_frames: int


class ScoreTerm(Model):
    """One reason for a clip: ``points`` = 100 × weight × value. ``value`` is 0–1; ``measured`` says of what."""

    name: str
    measured: str
    value: float
    weight: float
    points: float


class SegmentFacts(Model):
    """A segment of an edit. ``source_*`` are seconds of the source: of its first frame, and of the first after it;
    ``start`` and ``end`` are seconds of the film, ``frames`` the film's."""

    source_start: float
    source_end: float
    start: float
    end: float
    frames: int
    transition: Literal["cut", "fade", "crossfade"]
    score: float | None = Field(None, description="0–1; of found segments the sum of the terms")
    terms: tuple[ScoreTerm, ...] = Field((), description="how the score of a found segment came about")
    gain_db: float = Field(0.0, description="of this segment against the source, before the gain of the whole")
    integrated_lufs: float | None = Field(None, description="on the encoded film, transitions left out")
    levelling: str = Field("", description="why it has that gain")


class MetadataFacts(Model):
    """What the output carries of what its source says of itself, as read from its file."""

    tags: tuple[str, ...] = Field(description="their names; places and devices only where all was asked for")
    chapters: int
    cover: bool
    left_out: tuple[str, ...] = Field((), description="what the source has and the output hasn't, and why")


class FileResult(Model):
    """A file that belongs to an output beside its main one. ``path`` is null until it was delivered."""

    name: str
    path: str | None
    media_type: str
    bytes: int
    sha256: str


class Facts(Model):
    """What is said of an output beside its checks; ``kind`` tells whose model has the further fields."""

    kind: str

    def block(self, name: str, model: type[Block]) -> Block | None:
        """The facts called ``name``, None where this kind of output has none."""
        found = getattr(self, name, None)
        return found if found is None or isinstance(found, model) else model.model_validate(found)

    def blocks(self, name: str, model: type[Block]) -> tuple[Block, ...]:
        """All of the list called ``name``, empty where there is none."""
        found = getattr(self, name, ())
        return tuple(each if isinstance(each, model) else model.model_validate(each) for each in found)


class StoredFacts(Facts):
    """As they were written, without their kind's model."""

    model_config = ConfigDict(extra="allow")


def _stored(value: Any) -> Any:
    return value if isinstance(value, Facts) else StoredFacts.model_validate(value)


class OutputResult(Model):
    """One delivered file and its QC certificate. ``path`` is null until the file was delivered.

    In a document the facts stand beside the other fields.
    """

    path: str | None
    media_type: str
    bytes: int
    sha256: str
    duration_seconds: float
    facts: Annotated[SerializeAsAny[Facts], BeforeValidator(_stored)]
    checks: tuple[Check, ...]
    files: tuple[FileResult, ...] = Field((), description="the others of an output that is a folder of files")

    @model_validator(mode="before")
    @classmethod
    def _facts_apart(cls, document: Any) -> Any:
        if not isinstance(document, dict) or "facts" in document:
            return document
        own = {name: value for name, value in document.items() if name in cls.model_fields}
        return {**own, "facts": {name: value for name, value in document.items() if name not in own}}

    @model_serializer(mode="wrap")
    def _facts_beside(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        document: dict[str, Any] = {}
        for name, value in write(self).items():
            document.update(value if name == "facts" else {name: value})
        return document


def of_kind(document: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """The document of an output of that kind, without the nulls for other kinds' facts that older ones have."""
    if "kind" in document:
        return dict(document)
    facts = {
        name: value
        for name, value in document.items()
        if name in OutputResult.model_fields or not (value is None or value is False or value == [])
    }
    return {"kind": kind, **facts}


class LeftOut(Model):
    """Why an optional output was not made: the error that would have ended the job."""

    code: str
    message: str


class FailedAttempt(Model):
    code: str
    message: str


class StepResult(Model):
    name: str
    kind: str
    status: Literal["done", "cached"]
    seconds: float = Field(description="steps that were done in one run share its time equally")
    attempts: int = Field(1, description="how often it was run, the time that succeeded included; 0 when cached")
    failed_attempts: tuple[FailedAttempt, ...] = Field(
        (), description="why the earlier ones came to nothing: of many, the latest"
    )
    external_usd: float = Field(0.0, description="what others charged for it in this job, speech servers say")


class EstimateResult(Model):
    cpu_seconds: float
    cost_usd: float
    external_usd: float = Field(0.0, description="what others charge: part of cost_usd")


class JobResult(Model):
    job_id: str
    status: Literal["completed"]
    source: MediaInfo
    outputs: dict[str, OutputResult]
    left_out: dict[str, LeftOut] = Field(
        default_factory=dict, description="the optional outputs that can't be made of this source, and why"
    )
    steps: tuple[StepResult, ...]
    estimate: EstimateResult
    seconds: float
    checks: tuple[Check, ...] = Field((), description="of the job as a whole: its cost, and an edit's time")


def result_of(document: Mapping[str, Any] | None, recipe: Recipe) -> JobResult:
    """The stored result of a job with that recipe, also one from before outputs said their kind."""
    if document is None:
        raise ValueError("the job has no result")
    outputs = {name: of_kind(output, recipe.outputs[name].kind) for name, output in document["outputs"].items()}
    return JobResult.model_validate({**document, "outputs": outputs})
