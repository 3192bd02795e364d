"""The recipe's outputs that are made of pictures alone."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from dailies.domain.fields import MAX_SECONDS, Height, Requested, Seconds

ImageFormat = Literal["jpeg", "png", "webp"]
#: Pictures of a storyboard: one every ten seconds of a film of five hours and a half.
MAX_TILES = 2000


class Coloured(Requested):
    """What every output made of the source's pictures may ask."""

    hdr: Literal["refuse", "tonemap"] = Field("refuse", description="what to do with a PQ, HLG or Dolby Vision source")


class Pictured(Coloured):
    """As above, with the size of the picture."""

    height: Height | None = Field(None, description="pixels, even; width follows the aspect; never scaled up")


class ThumbnailOutput(Pictured):
    """One picture of the source."""

    kind: Literal["thumbnail"] = "thumbnail"
    at: Seconds | Literal["best"] = Field(
        "best", description="seconds from the source's start; best: sharp, well exposed and not in a transition"
    )
    format: ImageFormat = "jpeg"


class TimelapseOutput(Pictured):
    """A short silent film of a long source: evenly spaced frames of it, H.264 in MP4."""

    kind: Literal["timelapse"] = "timelapse"
    format: Literal["mp4"] = "mp4"
    duration: float | None = Field(None, ge=0.1, le=MAX_SECONDS, description="seconds; this or speed")
    speed: float | None = Field(
        None, gt=1, le=100_000, validate_default=True, description="times the source's; this or duration"
    )
    fps: int = Field(30, ge=1, le=60, description="frames per second; fewer when the source hasn't as many")
    quality: Literal["low", "medium", "high"] = Field("medium", description="x264 CRF 28, 23 or 18")
    deflicker: bool = Field(False, description="evens out brightness that jumps from frame to frame")
    smooth: bool = Field(False, description="blends each frame with its neighbours: softer motion")

    @field_validator("speed")
    @classmethod
    def _one_of_both(cls, speed: float | None, others: ValidationInfo) -> float | None:
        if (speed is None) == (others.data.get("duration") is None):
            raise ValueError("give either duration or speed")
        return speed


class StoryboardOutput(Coloured):
    """Small pictures of the whole source in a grid, with WebVTT that tells a player's seek bar which to show when."""

    kind: Literal["storyboard"] = "storyboard"
    format: ImageFormat = "jpeg"
    width: int = Field(160, ge=16, le=1024, description="of a tile, pixels; height follows the aspect; never scaled up")
    columns: int = Field(10, ge=1, le=64, description="tiles in a row; fewer where a sheet would pass 4096 pixels")
    interval: float | None = Field(None, ge=0.1, le=MAX_SECONDS, description="seconds between pictures; or count")
    count: int | None = Field(
        None,
        ge=1,
        le=MAX_TILES,
        validate_default=True,
        description="pictures; or interval; absent both: 100, and no more than one a second",
    )

    @field_validator("count")
    @classmethod
    def _at_most_one(cls, count: int | None, others: ValidationInfo) -> int | None:
        if count is not None and others.data.get("interval") is not None:
            raise ValueError("give either interval or count")
        return count


class WaveformOutput(Requested):
    """The shape of a track's sound, mixed to mono: a picture, or peaks for a player to draw."""

    kind: Literal["waveform"] = "waveform"
    format: Literal["png", "json"] = Field("png", description="json: audiowaveform's data format, version 2")
    points_per_second: int = Field(20, ge=1, le=200, description="of the peaks")
    width: int = Field(1800, ge=16, le=8192, description="of the picture, pixels")
    height: int = Field(280, ge=16, le=2160, description="of the picture, pixels")
    audio_track: int | None = Field(
        None, ge=0, le=63, description="audio track, counted from 0; the one a player would choose when absent"
    )
