"""``subtitles``: the text of a source's subtitle track as SubRip, WebVTT or ASS, in time with what is made of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import ConfigDict, Field, ValidationInfo, field_validator

from dailies.domain.edit.edit_list import EditList, check_segments
from dailies.domain.errors import InvalidRecipe
from dailies.domain.job.result import Check, Facts
from dailies.domain.recipe.edit_recipe import MAX_SEGMENTS, Segment
from dailies.domain.recipe.fields import Output, Requested, Seconds
from dailies.domain.recipe.recipe import OutputName
from dailies.domain.source.media_info import MediaInfo
from dailies.domain.subtitles.cues import Cue, from_json
from dailies.domain.subtitles.edited import of_edit
from dailies.domain.subtitles.measure import SubtitleFacts, coverage, measure
from dailies.domain.subtitles.overlaps import one_at_a_time
from dailies.domain.subtitles.style import SubtitleStyle
from dailies.domain.subtitles.subtitling import subtitle
from dailies.domain.subtitles.time_map import TimeMap, faster, follow, heard_in, moments, trimmed
from dailies.domain.subtitles.timing import Clock
from dailies.domain.subtitles.wishes import TextTrack
from dailies.domain.transcript.transcript import Transcript
from dailies.domain.wording import nearest
from dailies.media.graphs.text.subtitle_tracks import TimeReader, file_arguments
from dailies.operations.checks.certificate import certified
from dailies.operations.checks.inspection import read_own
from dailies.operations.media_step import MediaStep
from dailies.operations.resolution import resolve_window, tolerance
from dailies.operations.steps.cuts import CUTS, CutsParams, cuts_cost
from dailies.operations.steps.highlights import HIGHLIGHTS, Highlights
from dailies.operations.steps.measure import media_seconds
from dailies.operations.steps.scenes import SCENES, Scenes
from dailies.operations.steps.subtitle_track import SUBTITLE_TRACK
from dailies.operations.text.film_text import film_text
from dailies.operations.text.film_time import in_time_of
from dailies.operations.text.subtitle_files import read, rule_checks, speech_checks, text_check, times_check, write
from dailies.operations.text.subtitle_params import Form, SubtitlesParams
from dailies.planning.beside import ALONE, Beside
from dailies.planning.operation import (
    MAIN_FILE,
    Estimate,
    Known,
    MayCome,
    Needs,
    Produced,
    Request,
    StepRun,
    Unfolding,
)
from dailies.planning.plan import PROBE, NoParams
from dailies.ports.transcriber import SpeechChoice

if TYPE_CHECKING:
    from dailies.media.toolbox import Toolbox

#: Not every film has subtitles: those that have none go without.
EXAMPLE = {"outputs": {"subtitles": {"kind": "subtitles", "format": "vtt", "optional": True}}}
_MEDIA_TYPES = {"srt": "application/x-subrip", "vtt": "text/vtt", "ass": "text/x-ssa"}
_TRANSCRIPT = "transcript"
_COST = 0.5
#: What of a time its format can't hold, milliseconds.
_ROUNDED = {"srt": 0, "vtt": 0, "ass": 10}


class SubtitlesOutput(SubtitleStyle, TextTrack, Requested):
    """Subtitles as a file: of a text track, its words and line ends as they are, or of what is said.

    Speech is divided by the rules, a track is held against them. They are in the time of the film that they are
    ``for``; with ``start`` and ``end``, ``segments`` or ``speed``, of one that asks for the same.
    """

    model_config = ConfigDict(serialize_by_alias=True)

    kind: Literal["subtitles"] = "subtitles"
    format: Form = Field("srt", description="vtt: WebVTT; ass: Advanced SubStation Alpha")
    word_highlight: bool = Field(False, description="of speech, in ass: each word lights up when it is said (karaoke)")
    audio_track: int | None = Field(
        None, ge=0, le=63, description="in which it is said, counted from 0; the one a player would choose when absent"
    )
    start: Seconds | None = Field(None, description="seconds; the beginning when absent")
    end: Seconds | None = Field(None, description="seconds; the end when absent")
    speed: float = Field(1.0, ge=0.1, le=1000, description="of the film that they belong to, times the source's")
    segments: tuple[Segment, ...] | None = Field(
        None, min_length=1, max_length=MAX_SEGMENTS, description="of the film that they belong to, as video has them"
    )
    for_: OutputName | None = Field(
        None,
        alias="for",
        description="the film or sound that they belong to: the name of another output",
    )

    @field_validator("end")
    @classmethod
    def _ends_after_start(cls, end: float | None, others: ValidationInfo) -> float | None:
        if end is not None and end <= (others.data.get("start") or 0.0):
            raise ValueError(f"{end:g} must be after start")
        return end

    @field_validator("segments")
    @classmethod
    def _instead_of_a_trim(cls, segments: Any, others: ValidationInfo) -> Any:
        if segments is not None and (others.data.get("start") is not None or others.data.get("end") is not None):
            raise ValueError("segments have starts and ends of their own: leave out the output's start and end")
        return segments

    @field_validator("for_")
    @classmethod
    def _in_its_time(cls, film: Any, others: ValidationInfo) -> Any:
        own = ("start", "end", "segments")
        if film is not None and (others.data.get("speed") != 1 or any(others.data.get(name) for name in own)):
            raise ValueError(f"it has the time of {film}: leave out start, end, segments and speed")
        return film


class SubtitlesResult(Facts):
    kind: Literal["subtitles"] = "subtitles"
    format: str
    language: str | None = Field(description="as the track says, or as it was heard")
    text_from: Literal["track", "speech"]
    text: SubtitleFacts


class SubtitlesOperation(MediaStep):
    """Answers outputs of kind ``subtitles``."""

    kind: ClassVar[str] = "subtitles"
    output: ClassVar[type[Output]] = SubtitlesOutput
    facts: ClassVar[type[Facts]] = SubtitlesResult
    version: ClassVar[str] = "2"
    ports: ClassVar[tuple[str, ...]] = ("toolbox", "speech")

    def __init__(self, toolbox: Toolbox, speech: Callable[[], SpeechChoice]) -> None:
        """``speech`` chooses the engine that hears what is said."""
        super().__init__(toolbox)
        self._speech = speech

    def request(self, field: str, output: SubtitlesOutput, info: MediaInfo) -> Request:
        return self.request_beside(field, output, info, ALONE)

    def request_beside(self, field: str, output: SubtitlesOutput, info: MediaInfo, beside: Beside) -> Request:
        if output.for_ is not None:
            return Request(self.kind, self._followed(field, output, output.for_, info, beside))
        whole = film_text(
            field, output, output.format, info, speech=self._speech, beside=beside, audio_track=output.audio_track
        )
        video = info.main_video()
        cuts: CutsParams | None = None
        if output.segments is not None:
            if video is None:
                raise InvalidRecipe(f"{field}.segments: the source has no pictures to cut.", field=f"{field}.segments")
            duration = info.duration_seconds if info.duration_from != "estimate" else None
            check_segments(output.segments, duration, tolerance(duration or 0.0), field)
            cuts = CutsParams(stream=video.index, segments=_unscored(output.segments))
        wish = {
            "style": _style(output),
            "window": resolve_window(output.start, output.end, info, field),
            "cuts": cuts,
            "speed": output.speed,
            "karaoke": output.word_highlight,
        }
        return Request(self.kind, whole.model_copy(update=wish))

    def _followed(
        self, field: str, output: SubtitlesOutput, film: str, info: MediaInfo, beside: Beside
    ) -> SubtitlesParams:
        """In the time of another output, of what is said in its sound."""
        place = f"{field}.for"
        if film not in beside.names():
            meant = nearest(film, beside.names())
            hint = f", did you mean {meant!r}?" if meant else ": name one of the recipe's."
            raise InvalidRecipe(f"{place}: there is no other output {film!r}{hint}", field=place)
        track = output.audio_track
        if track is None:
            track = getattr(beside.output(film), "audio_track", None)
        whole = film_text(field, output, output.format, info, speech=self._speech, beside=beside, audio_track=track)
        found = in_time_of(beside.request(film).params, whole, info)
        if found is None:
            raise InvalidRecipe(f"{place}: {film!r} is neither a film nor a sound: it has no time.", field=place)
        return found.model_copy(update={"style": _style(output), "karaoke": output.word_highlight})

    def file_name(self, name: str, output: SubtitlesOutput) -> str:
        return f"{name}.{output.format}"

    def needs(self, params: SubtitlesParams, known: Known) -> Needs:
        needs = {PROBE: Request(PROBE, NoParams())}
        if params.track is not None:
            needs[SUBTITLE_TRACK] = Request(SUBTITLE_TRACK, params.track)
        if params.speech is not None:
            needs[_TRANSCRIPT] = Request(_TRANSCRIPT, params.speech)
        if params.scenes is not None:
            needs[SCENES] = Request(SCENES, params.scenes)
        cuts = params.cuts
        if params.highlights is not None and params.cut_stream is not None:
            needs[HIGHLIGHTS] = Request(HIGHLIGHTS, params.highlights)
            found = known(needs[HIGHLIGHTS])
            if found is None:
                return Unfolding(needs)
            segments = Highlights.model_validate(found).segments(params.highlights.wish)
            cuts = CutsParams(stream=params.cut_stream, segments=_unscored(segments))
        if cuts is not None:
            needs[CUTS] = Request(CUTS, cuts)
        return needs

    def may_come(self, params: SubtitlesParams, info: MediaInfo, known: Known) -> tuple[MayCome, ...]:
        """The list of an edit whose segments are found."""
        return () if params.highlights is None else (MayCome(CUTS, 1, Estimate(cuts_cost(info))),)

    def estimate(self, params: SubtitlesParams, info: MediaInfo) -> Estimate:
        return Estimate(cpu_seconds=_COST)

    def make(self, run: StepRun) -> Produced:
        params: SubtitlesParams = run.params
        time_map, clock = _time_map(run), Clock(Fraction(params.rate), _shots(run))
        transcript = _transcript(run)
        if transcript is None:
            cues = follow(from_json(run.read(run.inputs[SUBTITLE_TRACK], MAIN_FILE).read_bytes()), time_map)
        else:
            words = transcript.words
            cues = subtitle(words, transcript.language, params.rules, clock, speakers=params.speakers)
            cues = follow(_ended(cues, media_seconds(run.inputs[PROBE])), time_map)
        if params.apart:
            cues = one_at_a_time(cues)
        path = run.scratch / f"subtitles.{params.form}"
        path.write_text(write(cues, params), encoding="utf-8", newline="\n")
        back = read(path, params.form)
        share = 1.0 if transcript is None else coverage(heard_in(transcript.words, time_map), back)
        shown = replace(clock, shots=moments(clock.shots, time_map))
        facts = measure(back, params.rules, shown, coverage=share)
        checks = [text_check(cues, back), self._read_by_others(run, path, cues), *rule_checks(facts)]
        if transcript is not None:
            checks += speech_checks(facts)
        return certified(
            path,
            _MEDIA_TYPES[params.form],
            checks,
            SubtitlesResult(
                format=params.form,
                language=params.language if transcript is None else transcript.language,
                text_from="track" if transcript is None else "speech",
                text=facts,
            ),
            duration_seconds=back[-1].end_ms / 1000 if back else 0.0,
        )

    def _read_by_others(self, run: StepRun, path: Path, cues: Sequence[Cue]) -> Check:
        """FFmpeg, which knows nothing of our readers, finds as many subtitles at the same times."""
        reader = TimeReader()
        if cues:
            arguments = file_arguments(run.params.form, self._toolbox.policy)
            read_own(self._toolbox, path, arguments, run.stop, reader.line, scratch=run.scratch, media_seconds=0.0)
        wanted = sorted((cue.start_ms, cue.end_ms) for cue in cues)
        return times_check("read by FFmpeg", wanted, sorted(reader.times), _ROUNDED[run.params.form])


def _transcript(run: StepRun) -> Transcript | None:
    found = run.inputs.get(_TRANSCRIPT)
    return None if found is None else Transcript.model_validate_json(run.read(found, MAIN_FILE).read_bytes())


def _shots(run: StepRun) -> tuple[int, ...]:
    """When the source's shots begin, in milliseconds, as far as that is known."""
    found = run.inputs.get(SCENES)
    if found is None:
        return ()
    return tuple(round(1000 * each) for each in Scenes.model_validate(found.data).shots)


def _ended(cues: Sequence[Cue], seconds: float | None) -> tuple[Cue, ...]:
    """None is shown when the source has ended, however long it takes to read."""
    if seconds is None:
        return tuple(cues)
    last = max(1, math.floor(seconds * 1000))
    return tuple(cue.moved(min(cue.start_ms, last - 1), min(cue.end_ms, last)) for cue in cues)


def _time_map(run: StepRun) -> TimeMap:
    params: SubtitlesParams = run.params
    if CUTS in run.inputs:
        found = of_edit(EditList.model_validate(run.inputs[CUTS].data))
    else:
        found = trimmed(params.window.start, params.window.end)
    return faster(found, Fraction(str(params.speed)))


def _style(output: SubtitlesOutput) -> SubtitleStyle | None:
    """What was asked of the looks; players have their own where it is nothing."""
    asked = SubtitleStyle.model_validate(output.model_dump(include=set(SubtitleStyle.model_fields)))
    return None if output.format == "srt" or asked == SubtitleStyle() else asked


def _unscored(segments: Sequence[Segment]) -> tuple[Segment, ...]:
    return tuple(segment.model_copy(update={"score": None}) for segment in segments)
