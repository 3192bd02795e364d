"""``timelapse``: evenly spaced frames of a long source as a short film, decoding as few of them as it can."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from dailies.domain.errors import InvalidRecipe
from dailies.domain.job.result import Check, Facts, SamplingFacts, VideoFacts
from dailies.domain.model import Model
from dailies.domain.pictures.sampling import Lapse, plan_sampling
from dailies.domain.recipe.fields import MAX_SECONDS, Output
from dailies.domain.recipe.picture_outputs import Pictured
from dailies.domain.source.media_info import MediaInfo
from dailies.media.ffmpeg import RunReport
from dailies.media.graphs.pictures.frame_list import FrameReader, frame_arguments
from dailies.media.graphs.pictures.frame_sampling import PICKING_SINCE
from dailies.media.graphs.pictures.picture import PictureParams
from dailies.media.graphs.pictures.timelapse import timelapse_arguments
from dailies.operations.checks.certificate import certified
from dailies.operations.checks.decode_errors import damage_check
from dailies.operations.checks.inspection import inspect, read_own
from dailies.operations.checks.verification import decode_check, duration_check, picture_checks, video_facts
from dailies.operations.media_step import MediaStep
from dailies.operations.pictures import choose_picture, list_packets, mark_references
from dailies.operations.resolution import tolerance
from dailies.planning.operation import MAIN_FILE, Estimate, Produced, Request, StepRun

# CPU seconds per megapixel: decoding a frame, and encoding one (x264 preset fast).
_DECODE_COST = 0.002
_ENCODE_COST = 0.02
_START_COST = 1.0
_MEDIA_TYPE = "video/mp4"
# MP4's clock is finer than 1/10,000 s at any of these rates.
_SPACING_SECONDS = 0.001
EXAMPLE = {"outputs": {"lapse": {"kind": "timelapse", "speed": 10}}}


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


class TimelapseParams(Model):
    """Either ``duration``, in seconds, or ``speed``."""

    picture: PictureParams
    duration: float | None
    speed: float | None
    fps: int
    quality: Literal["low", "medium", "high"]
    deflicker: bool
    smooth: bool


class TimelapseResult(Facts):
    kind: Literal["timelapse"] = "timelapse"
    video: VideoFacts | None
    sampling: SamplingFacts


class TimelapseOperation(MediaStep):
    """Answers outputs of kind ``timelapse``."""

    kind: ClassVar[str] = "timelapse"
    output: ClassVar[type[Output]] = TimelapseOutput
    facts: ClassVar[type[Facts]] = TimelapseResult
    version: ClassVar[str] = "6"

    def request(self, field: str, output: TimelapseOutput, info: MediaInfo) -> Request:
        picture = choose_picture(output, info, field)
        length = info.duration_seconds if info.duration_from != "estimate" else None
        if output.duration is not None and length is not None and output.duration >= length:
            raise InvalidRecipe(
                f"{field}.duration: {output.duration:g} s is no timelapse of {length:.2f} s: ask for less.",
                field=f"{field}.duration",
            )
        wish = output.model_dump(include={"duration", "speed", "fps", "quality", "deflicker", "smooth"})
        return Request(self.kind, TimelapseParams(picture=picture, **wish))

    def file_name(self, name: str, output: TimelapseOutput) -> str:
        return f"{name}.mp4"

    def estimate(self, params: TimelapseParams, info: MediaInfo) -> Estimate:
        """As if every frame had to be decoded: only the packets tell whether keyframes are enough."""
        stream = info.main_video()
        length = info.duration_seconds or 0.0
        seconds = params.duration if params.duration is not None else length / (params.speed or 1.0)
        coded = 0.0 if stream is None else stream.coded_width * stream.coded_height / 1e6
        rate = (stream.frames_per_second if stream is not None else None) or 30.0
        encoded = params.picture.width * params.picture.height / 1e6 * seconds * params.fps
        return Estimate(cpu_seconds=_START_COST + _DECODE_COST * coded * rate * length + _ENCODE_COST * encoded)

    def make(self, run: StepRun) -> Produced:
        params: TimelapseParams = run.params
        info = self.probed(run)
        packets, end = list_packets(self._toolbox, run, params.picture.stream, info)
        picking = self._toolbox.ffmpeg().libavcodec >= PICKING_SINCE
        sampling = plan_sampling(packets, params.duration, params.speed, params.fps, end=end, picking=picking)
        if sampling.decode == "full":
            packets = mark_references(self._toolbox, run, params.picture, info, packets)
            sampling = plan_sampling(packets, params.duration, params.speed, params.fps, end=end)
        path = run.scratch / "timelapse.mp4"
        report = self._encode(run, sampling, path, info)
        if sampling.decode == "picked" and report.pictures < sampling.frames:
            # A clock that jumps, or a keyframe that can't be decoded: another near it may be.
            sampling = plan_sampling(packets, params.duration, params.speed, params.fps, end=end)
            report = self._encode(run, sampling, path, info)
        checks = [damage_check(report)]
        found = inspect(self._toolbox, path, run.stop)
        frames = self._frames(run, path, sampling.seconds)
        size = (params.picture.width, params.picture.height)
        checks += [
            duration_check(found.info, sampling.seconds, tolerance(sampling.seconds)),
            *decode_check(found, "all pictures"),
            *picture_checks(found.info, size),
            frames_check(frames, sampling),
            spacing_check(frames, sampling),
        ]
        return certified(
            path,
            _MEDIA_TYPE,
            checks,
            TimelapseResult(
                video=video_facts(found.info, len(frames.frames)),
                sampling=SamplingFacts(
                    distinct_frames=len({frame.checksum for frame in frames.frames}),
                    **sampling.model_dump(exclude={"start", "rate"}),
                ),
            ),
            sha256={MAIN_FILE: found.sha256},
            duration_seconds=found.info.duration_seconds or 0.0,
        )

    def _encode(self, run: StepRun, sampling: Lapse, path: Path, info: MediaInfo) -> RunReport:
        params: TimelapseParams = run.params
        return self.ffmpeg(
            run,
            timelapse_arguments(
                params.picture,
                sampling,
                params.quality,
                path.name,
                deflicker=params.deflicker,
                smooth=params.smooth,
            ),
            media_seconds=info.duration_seconds,
            on_progress=lambda done: run.progress(0.9 * min(1.0, done / sampling.seconds)),
        )

    def _frames(self, run: StepRun, path: Path, seconds: float) -> FrameReader:
        reader, arguments = FrameReader(), frame_arguments()
        read_own(self._toolbox, path, arguments, run.stop, reader.line, scratch=run.scratch, media_seconds=seconds)
        return reader


def frames_check(frames: FrameReader, sampling: Lapse) -> Check:
    """As many frames as were picked: none lost, none shown twice."""
    return Check(
        name="frames",
        expected=f"{sampling.frames}",
        measured=f"{len(frames.frames)}",
        passed=len(frames.frames) == sampling.frames,
    )


def spacing_check(frames: FrameReader, sampling: Lapse) -> Check:
    """The largest departure from one frame every 1/rate seconds, in milliseconds."""
    step = float(1 / Fraction(sampling.rate))
    off = max((abs(b.seconds - a.seconds - step) for a, b in pairwise(frames.frames)), default=0.0)
    return Check(
        name="frame spacing",
        expected=f"{step * 1000:.2f} ms ± 1",
        measured=f"± {off * 1000:.2f} ms",
        passed=off <= _SPACING_SECONDS,
    )
