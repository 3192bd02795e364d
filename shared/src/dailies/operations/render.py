"""What the ``audio`` and ``video`` operations share: one parameter model, one fused FFmpeg run, one certificate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

from dailies.domain.audio_selection import AudioSelection, Window
from dailies.domain.errors import InvalidRecipe, QualityNotReached, SourceRefused
from dailies.domain.levelling import MAX_RENDERS, Level, correct
from dailies.domain.media_info import AudioStream, MediaInfo, VideoStream
from dailies.domain.model import Model
from dailies.domain.recipe import Normalize
from dailies.domain.result import Check, OutputResult
from dailies.media.encoding import AudioEncoding
from dailies.media.ffmpeg import RunReport
from dailies.media.picture import PictureParams
from dailies.media.rendering import AudioBranch, PictureBranch, Rendering, render_arguments
from dailies.media.toolbox import Toolbox
from dailies.operations.level import LevelParams
from dailies.operations.verification import (
    Verification,
    audio_checks,
    audio_facts,
    duration_check,
    inspect,
    loudness_checks,
    loudness_facts,
    picture_checks,
    sync_check,
    video_facts,
)
from dailies.planning.operation import MAIN_FILE, Produced, Request, StepRun
from dailies.planning.plan import PROBE, NoParams

FUSE = "render"
LEVEL = "level"
# The part of a step's progress that is the encode; the rest is verification.
_ENCODE_SHARE = 0.9
_TOLERANCE_SECONDS = 0.5
_TOLERANCE_RATIO = 0.01


class AudioPart(Model):
    selection: AudioSelection
    encoding: AudioEncoding
    source_rate_hz: int
    normalize: Normalize | None


class PicturePart(Model):
    """``params`` None: the stream is copied."""

    stream: int
    params: PictureParams | None
    quality: str


class RenderParams(Model):
    """One output, resolved against the source."""

    muxer: str
    extension: str
    media_type: str
    window: Window
    audio: AudioPart | None
    picture: PicturePart | None


def needs_of(params: RenderParams) -> Mapping[str, Request]:
    """The probe, and the level when the output is normalised."""
    needs = {PROBE: Request(PROBE, NoParams())}
    if params.audio is not None and params.audio.normalize is not None:
        needs[LEVEL] = Request(
            LEVEL,
            LevelParams(
                selection=params.audio.selection,
                source_rate_hz=params.audio.source_rate_hz,
                window=params.window,
                normalize=params.audio.normalize,
                encoding=params.audio.encoding,
                muxer="ipod" if params.muxer == "mp4" else params.muxer,
            ),
        )
    return needs


def resolve_window(start: float | None, end: float | None, info: MediaInfo, field: str) -> Window:
    """The trim on this source. Raises InvalidRecipe for one that lies outside of it."""
    duration = info.duration_seconds if info.duration_from != "estimate" else None
    begin = start or 0.0
    if duration is not None:
        if begin >= duration:
            raise InvalidRecipe(
                f"{field}.start: {begin:g} s is past the source's end ({duration:.2f} s)", field=f"{field}.start"
            )
        if end is not None and end > duration + tolerance(duration):
            raise InvalidRecipe(
                f"{field}.end: {end:g} s is past the source's end ({duration:.2f} s): leave it out to keep the rest",
                field=f"{field}.end",
            )
        if end is not None and end >= duration:
            end = None
    return Window(start=begin, end=end)


def choose_audio(info: MediaInfo, track: int | None, field: str) -> AudioStream | None:
    """The audio track to use, None when the source has none. Raises InvalidRecipe, SourceRefused."""
    if track is not None:
        if track >= len(info.audio):
            raise InvalidRecipe(
                f"{field}.audio_track: there is no track {track}, the source has {len(info.audio)}",
                field=f"{field}.audio_track",
            )
        chosen: AudioStream | None = info.audio[track]
    else:
        chosen = info.main_audio()
    if chosen is not None and not chosen.decodable:
        raise SourceRefused(
            f"The audio track can't be decoded ({chosen.codec}): it is damaged or of an unsupported kind.",
            code="unsupported_codec",
            field=field,
        )
    return chosen


def tolerance(seconds: float) -> float:
    """How far a duration may be off: 0.5 s or 1 %, whichever is more."""
    return max(_TOLERANCE_SECONDS, _TOLERANCE_RATIO * seconds)


def render(toolbox: Toolbox, batch: Sequence[StepRun]) -> Iterator[tuple[StepRun, Produced]]:
    """Encode every output of ``batch`` in one run of FFmpeg, then verify and yield each.

    Raises what FFmpeg's run does; SourceRefused ``source_truncated`` when the source ends before its header
    says; QualityNotReached when an output stays outside tolerance.
    """
    jobs = [_Job(toolbox, run, number) for number, run in enumerate(batch)]
    scratch = batch[0].scratch
    report = _encode(toolbox, jobs, scratch)
    for job in jobs:
        job.check_source(report)
        yield job.run, job.finish(report, scratch)


def _encode(toolbox: Toolbox, jobs: Sequence[_Job], scratch: Path) -> RunReport:
    first = jobs[0]
    longest = max((job.expected_seconds() or 0.0 for job in jobs), default=0.0)

    def progress(seconds: float) -> None:
        for job in jobs:
            job.run.progress(_ENCODE_SHARE * min(1.0, seconds / longest) if longest else 0.0)

    return toolbox.run(
        render_arguments([job.rendering() for job in jobs], toolbox.threads),
        scratch=scratch,
        source=first.run.source,
        stop=first.run.stop,
        media_seconds=first.info.duration_seconds,
        on_progress=progress,
    )


class _Job:
    """One output on its way: its rendering, and the corrections that verification asks for."""

    def __init__(self, toolbox: Toolbox, run: StepRun, number: int) -> None:
        self.run = run
        self.params: RenderParams = run.params
        self.info = MediaInfo.model_validate(run.inputs[PROBE].data)
        self._toolbox = toolbox
        self._name = f"output-{number}.{self.params.extension}"
        level = run.inputs.get(LEVEL)
        self.level = Level.model_validate(level.data) if level is not None else None
        self._normalize = self.params.audio.normalize if self.params.audio is not None else None
        if self.level is not None and not self.level.reachable:
            raise QualityNotReached(f"{self.level.reason}.", code="loudness_unreachable")

    def rendering(self) -> Rendering:
        audio, picture = self.params.audio, self.params.picture
        return Rendering(
            name=self._name,
            muxer=self.params.muxer,
            window=self.params.window,
            audio=None if audio is None else AudioBranch(audio.selection, audio.encoding, self.level),
            picture=None if picture is None else PictureBranch(picture.stream, picture.params, picture.quality),
        )

    def expected_seconds(self) -> float | None:
        """How long the output should be, by the header."""
        end = self.params.window.end if self.params.window.end is not None else self.info.duration_seconds
        return None if end is None else max(end - self.params.window.start, 0.0)

    def finish(self, report: RunReport, scratch: Path) -> Produced:
        """Verify, encode again while the loudness is off, and certify. Raises QualityNotReached."""
        path = scratch / self._name
        target = self._normalize
        for _ in range(MAX_RENDERS):
            found = inspect(self._toolbox, path, self.run.stop, loudness=self.level is not None)
            again = self._correction(found)
            if again is None:
                break
            self.level = again
            report = _encode(self._toolbox, [self], scratch)
        checks = self._checks(found, report)
        failed = [check for check in checks if not check.passed]
        if failed:
            said = "; ".join(f"{check.name} is {check.measured}, expected {check.expected}" for check in failed)
            raise QualityNotReached(
                f"The output was made but failed its verification: {said}.",
                checks=[check.model_dump(mode="json") for check in checks],
            )
        copied = all(
            part is None or done
            for part, done in (
                (self.params.audio, self.params.audio is not None and self.params.audio.encoding.copied),
                (self.params.picture, self.params.picture is not None and self.params.picture.params is None),
            )
        )
        frames = next((write.packets for write in report.writes if write.type == "video"), None)
        result = OutputResult(
            path=None,
            media_type=self.params.media_type,
            bytes=0,
            sha256="",
            duration_seconds=round(found.info.duration_seconds or 0.0, 3),
            copied=copied,
            audio=audio_facts(found.info),
            video=video_facts(found.info, frames),
            loudness=loudness_facts(found, self.level, asked=target is not None),
            quality_score=None,
            checks=tuple(checks),
        )
        # What the store knows of a file (size, hash, place) is not a fact of the step.
        data = result.model_dump(mode="json", exclude={"path", "bytes", "sha256"})
        return Produced(data=data, files={MAIN_FILE: (path, self.params.media_type)})

    def _correction(self, found: Verification) -> Level | None:
        heard = found.heard
        if self.level is None or self._normalize is None or heard is None or heard.true_peak_dbtp is None:
            return None
        return correct(self.level, self._normalize, found.integrated_lufs, heard.true_peak_dbtp, heard.sample_peak_dbfs)

    def _checks(self, found: Verification, report: RunReport) -> list[Check]:
        audio, picture = self.params.audio, self.params.picture
        expected = self._decoded_seconds(report)
        checks = [duration_check(found.info, expected, tolerance(expected))]
        if audio is not None:
            encoding = audio.encoding
            checks += audio_checks(found.info, encoding.codec, encoding.sample_rate_hz, encoding.channels)
            if self.level is not None and self._normalize is not None:
                checks += loudness_checks(found, self.level, self._normalize)
        if picture is not None:
            size = None if picture.params is None else (picture.params.width, picture.params.height)
            checks += picture_checks(found.info, size)
            checks += sync_check(found.info)
        return checks

    def _decoded_seconds(self, report: RunReport) -> float:
        """How long the output should be: the window, as far as the decoded source reaches into it."""
        ends = [end for end in (self._audio_end(report), self._picture_end(report)) if end is not None]
        end = max(ends, default=self.info.duration_seconds or report.written_seconds + self.params.window.start)
        if self.params.window.end is not None:
            end = min(end, self.params.window.end)
        return max(end - self.params.window.start, 0.0)

    def check_source(self, report: RunReport) -> None:
        """Raise SourceRefused when what was decoded ends before what the headers list."""
        start, end = self.params.window.start, self.params.window.end
        reached = self._audio_end(report)
        audio = self._audio_stream()
        if reached is not None and audio is not None and self.params.picture is None and reached <= start:
            raise SourceRefused(
                f"The source ends at {reached:.2f} s: nothing is left after start ({start:g} s).", code="empty_window"
            )
        if reached is not None and audio is not None and audio.duration_seconds is not None:
            _refuse_short(audio.start_seconds + audio.duration_seconds, reached, end, self.info.duration_from)
        video = self._video_stream()
        frames = _decoded(report, "video", video.index if video else -1, "frames")
        if video is None or not frames or video.variable_frame_rate or self.params.window.start > 0:
            return
        if video.frames_per_second and video.duration_seconds is not None:
            reached = video.start_seconds + frames / video.frames_per_second
            _refuse_short(video.start_seconds + video.duration_seconds, reached, end, self.info.duration_from)

    def _audio_stream(self) -> AudioStream | None:
        part = self.params.audio
        return next((s for s in self.info.audio if part is not None and s.index == part.selection.stream), None)

    def _video_stream(self) -> VideoStream | None:
        part = self.params.picture
        return next((s for s in self.info.video if part is not None and s.index == part.stream), None)

    def _audio_end(self, report: RunReport) -> float | None:
        """Where the decoded audio ends on the source's clock; None when it was only copied or there is none."""
        stream = self._audio_stream()
        samples = _decoded(report, "audio", stream.index, "samples") if stream is not None else 0
        if stream is None or not samples:
            return None
        return stream.start_seconds + samples / stream.sample_rate_hz

    def _picture_end(self, report: RunReport) -> float | None:
        stream = self._video_stream()
        if stream is None or stream.duration_seconds is None:
            return None
        return stream.start_seconds + stream.duration_seconds


def _decoded(report: RunReport, kind: str, index: int, what: Literal["frames", "samples"]) -> int:
    return sum(getattr(read, what) for read in report.reads if read.type == kind and read.index == index)


def _refuse_short(declared: float, reached: float, window_end: float | None, rests_on: str) -> None:
    wanted = declared if window_end is None else min(declared, window_end)
    if rests_on != "estimate" and reached + tolerance(declared) < wanted:
        raise SourceRefused(
            f"The source is damaged or cut off: it should last {declared:.2f} s and only {reached:.2f} s can be"
            " decoded; export or upload it again.",
            code="source_truncated",
            declared_seconds=round(declared, 3),
            decoded_seconds=round(reached, 3),
        )
