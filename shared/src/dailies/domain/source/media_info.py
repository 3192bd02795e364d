"""What the probe learned about a source. Times are seconds on the source's own clock, start subtracted."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from pydantic import Field

from dailies.domain.model import Model
from dailies.domain.source.tags import Chapter

Hdr = Literal["pq", "hlg", "dolby_vision"]
#: Columns on the left, rows at the top, columns on the right and rows at the bottom that are not shown.
Cropping = tuple[int, int, int, int]


class AudioStream(Model):
    """One audio track; ``track`` counts audio tracks from 0, ``index`` all streams."""

    index: int
    track: int
    codec: str
    sample_rate_hz: int
    channels: int
    layout: str | None = Field(description="FFmpeg's name of the channel layout; null when the file names none")
    sample_format: str | None = None
    bits_per_sample: int | None = Field(default=None, description="of the coded samples; null for lossy codecs")
    bitrate_bps: int | None = None
    start_seconds: float = Field(0.0, description="of the first sample, relative to the source's start")
    duration_seconds: float | None = None
    language: str | None = None
    programme: int | None = Field(None, description="of a transport stream with several")
    default: bool = False
    secondary: bool = Field(False, description="flagged as an audio description, a commentary, or made to be mixed in")
    decodable: bool = True


class VideoStream(Model):
    """One moving-picture track. ``width`` × ``height`` are as displayed: cropped, turned upright, of square samples."""

    index: int
    track: int
    codec: str
    profile: str | None = None
    coded_width: int
    coded_height: int
    width: int
    height: int
    rotation: Literal[0, 90, 180, 270] = Field(0, description="clockwise degrees a player turns the coded picture")
    flipped: bool = Field(False, description="mirrored by the display matrix")
    sample_aspect_ratio: str = "1:1"
    cropping: Cropping | None = Field(
        None, description="by the container: left, top, right, bottom of the coded picture that players don't show"
    )
    frame_rate: str | None = Field(None, description="average, as a fraction such as 30000/1001")
    variable_frame_rate: bool = False
    steady_rate: str = Field("30/1", description="frames per second at which none is lost, at most 60")
    longest_frame_seconds: float = Field(0.0, description="of the frames that were looked at")
    interlaced: bool = Field(False, description="any of the pictures that were looked at")
    changes_size: bool = Field(False, description="some of its pictures are of another size")
    pixel_format: str | None = None
    bit_depth: int = 8
    color_primaries: str | None = None
    color_transfer: str | None = None
    color_matrix: str | None = None
    color_range: str | None = None
    hdr: Hdr | None = None
    dolby_vision_profile: int | None = Field(None, description="5 has no base layer that other decoders show right")
    bitrate_bps: int | None = None
    start_seconds: float = 0.0
    duration_seconds: float | None = None
    programme: int | None = Field(None, description="of a transport stream with several")
    default: bool = False
    decodable: bool = True

    @property
    def frames_per_second(self) -> float | None:
        return float(Fraction(self.frame_rate)) if self.frame_rate else None


class OtherStream(Model):
    """A stream that is listed and never decoded: subtitles, data, attached pictures, timecodes."""

    index: int
    kind: Literal["subtitle", "data", "attachment", "picture", "unknown"]
    codec: str | None = None
    language: str | None = None


class MediaInfo(Model):
    """A source, as far as its headers and the first decoded frame of each stream tell.

    ``duration_seconds`` is the longest of the audio and video tracks; ``duration_from`` says what it rests
    on: ``header`` (an index that lists every sample), ``packets`` (every packet was read) or ``estimate``
    (bit rate × size: it may be wrong). Only a decode is believed.
    """

    container: str = Field(description="mp4, matroska, mpegts, avi, flv, asf, wav, mp3, flac, ogg …")
    duration_seconds: float | None
    duration_from: Literal["header", "packets", "estimate"]
    start_seconds: float = Field(0.0, description="first timestamp on the file's own clock")
    begins_midway: bool = Field(False, description="its first pictures lack those that they rest on")
    clock_jumps: bool = Field(False, description="joined parts whose times each begin anew")
    size_bytes: int
    bitrate_bps: int | None = None
    audio: tuple[AudioStream, ...] = ()
    video: tuple[VideoStream, ...] = ()
    other: tuple[OtherStream, ...] = ()
    tags: dict[str, str] = Field(default_factory=dict, description="title, artist, album …, by FFmpeg's names")
    private_tags: dict[str, str] = Field(
        default_factory=dict, description="location, make, model, software, creation_time; not in a job's result"
    )
    chapters: tuple[Chapter, ...] = ()

    def cover(self) -> OtherStream | None:
        """The attached picture that a player would show."""
        return next((stream for stream in self.other if stream.kind == "picture"), None)

    def main_audio(self) -> AudioStream | None:
        """The track a player would choose: flagged default, else most channels, else first; undecodable last.

        One of the programme that the pictures are of comes first; an audio description or a commentary after the rest.
        """
        video = self.main_video()
        programme = None if video is None else video.programme
        return max(
            self.audio,
            key=lambda s: (
                s.decodable,
                s.programme == programme,
                not s.secondary,
                s.default,
                min(s.channels, 8),
                -s.track,
            ),
            default=None,
        )

    def main_video(self) -> VideoStream | None:
        """The track a player would choose: flagged default, else most pixels, else first; undecodable last.

        A track of a few large stills beside the film (motion photos have one) comes after it.
        """
        return max(
            self.video,
            key=lambda s: (s.decodable, (s.frames_per_second or 0) >= 3, s.default, s.width * s.height, -s.track),
            default=None,
        )
