"""What a finished job says of itself. A public format (docs/schemas/result.schema.json)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from dailies.domain.media_info import MediaInfo
from dailies.domain.model import Model

Decode = Literal["keyframes", "reference", "full"]
LoudnessMode = Literal["linear", "limited", "unchanged"]


class Check(Model):
    """One line of the certificate: measured on the encoded file, never assumed."""

    name: str
    expected: str
    measured: str
    passed: bool


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
    """Measured on the encoded file with ITU-R BS.1770-4; null where nothing asked for a measurement or it is
    undefined, and ``reason`` says which."""

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


class SamplingFacts(Model):
    """Which frames a timelapse took, and how: ``decode`` names the frames that had to be decoded for it."""

    decode: Decode
    reason: str
    interval_seconds: float
    frames: int
    distinct_frames: int = Field(description="different pictures after encoding; fewer where nothing moved")
    decoded_frames: int
    source_frames: int


class FileResult(Model):
    """A file that belongs to an output beside its main one. ``path`` is null until it was delivered."""

    name: str
    path: str | None
    media_type: str
    bytes: int
    sha256: str


class OutputResult(Model):
    """One delivered file and its QC certificate. ``path`` is null until the file was delivered."""

    path: str | None
    media_type: str
    bytes: int
    sha256: str
    duration_seconds: float
    copied: bool = Field(description="the stream was copied, not encoded again")
    audio: AudioFacts | None
    video: VideoFacts | None
    loudness: LoudnessFacts | None
    picture: PictureFacts | None = None
    sampling: SamplingFacts | None = None
    quality_score: int | None = Field(ge=0, le=100, description="see docs/loudness.md; null without audio")
    checks: tuple[Check, ...]
    files: tuple[FileResult, ...] = Field((), description="the others of an output that is a folder of files")


class StepResult(Model):
    name: str
    kind: str
    status: Literal["done", "cached"]
    seconds: float


class EstimateResult(Model):
    cpu_seconds: float
    cost_usd: float


class JobResult(Model):
    job_id: str
    status: Literal["completed"]
    source: MediaInfo
    outputs: dict[str, OutputResult]
    steps: tuple[StepResult, ...]
    estimate: EstimateResult
    seconds: float
