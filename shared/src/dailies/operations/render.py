"""What the ``audio`` and ``video`` operations share: one parameter model, one fused FFmpeg run, one certificate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from dailies.domain.audio_selection import AudioSelection, Window
from dailies.domain.errors import InvalidRecipe, SourceRefused
from dailies.domain.levelling import Level
from dailies.domain.media_info import AudioStream, MediaInfo
from dailies.domain.model import Model
from dailies.domain.recipe import Normalize
from dailies.media.encoding import AudioEncoding
from dailies.media.ffmpeg import RunReport
from dailies.media.picture import PictureParams
from dailies.media.rendering import AudioBranch, PictureBranch, Rendering, render_arguments
from dailies.media.toolbox import Toolbox
from dailies.operations.level import LevelParams
from dailies.operations.verification import Verification, verify
from dailies.planning.operation import Produced, Request, StepRun
from dailies.planning.plan import PROBE, NoParams

FUSE = "render"
LEVEL = "level"
# Each round encodes once more: a target that three corrections miss is missed for another reason.
_MAX_ROUNDS = 4
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
    report = _encode(toolbox, jobs)
    for job in jobs:
        job.check_source(report)
        yield job.run, job.finish(report)


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

    def rendering(self) -> Rendering:
        audio, picture = self.params.audio, self.params.picture
        return Rendering(
            name=self._name,
            muxer=self.params.muxer,
            window=self.params.window,
            audio=None if audio is None else AudioBranch(audio.selection, audio.encoding, self.level),
            picture=None if picture is None else PictureBranch(picture.stream, picture.params, picture.quality),
            source_rate_hz=None if audio is None else audio.source_rate_hz,
        )

    def expected_seconds(self) -> float | None:
        """How long the output should be, by the header."""
        end = self.params.window.end if self.params.window.end is not None else self.info.duration_seconds
        return None if end is None else max(end - self.params.window.start, 0.0)
