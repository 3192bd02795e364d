"""What is said of an audio and of a video output beside their checks."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from dailies.domain.job.result import AudioFacts, Facts, LoudnessFacts, MetadataFacts, SegmentFacts, VideoFacts


class Rendered(Facts):
    """What both say."""

    copied: bool = Field(False, description="the stream was copied, not encoded again")
    audio: AudioFacts | None
    loudness: LoudnessFacts | None
    metadata: MetadataFacts | None = Field(None, description="null where nothing was to be kept")
    quality_score: int | None = Field(ge=0, le=100, description="see docs/loudness.md; null without audio")


class AudioResult(Rendered):
    kind: Literal["audio"] = "audio"


class VideoResult(Rendered):
    kind: Literal["video"] = "video"
    video: VideoFacts | None
    segments: tuple[SegmentFacts, ...] = Field((), description="of an edit, in the order of the film")
