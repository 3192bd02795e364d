"""``subtitles``: the text of a source's subtitle track as SubRip, WebVTT or ASS, in time with what is made of it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from dailies.domain.edit.edit_list import EditList, check_segments
from dailies.domain.errors import InvalidRecipe, QualityNotReached
from dailies.domain.job.result import Check, Facts
from dailies.domain.recipe.edit_recipe import MAX_SEGMENTS, Segment
from dailies.domain.recipe.fields import LanguageCode, Output, Requested, Seconds
from dailies.domain.source.media_info import MediaInfo
from dailies.domain.subtitles.ass import read_ass, write_ass
from dailies.domain.subtitles.cues import Cue, from_json
from dailies.domain.subtitles.edited import of_edit
from dailies.domain.subtitles.measure import SubtitleFacts, measure
from dailies.domain.subtitles.overlaps import one_at_a_time
from dailies.domain.subtitles.rules import SubtitleRules
from dailies.domain.subtitles.srt import read_srt, write_srt
from dailies.domain.subtitles.style import SubtitleStyle
from dailies.domain.subtitles.time_map import TimeMap, faster, follow, trimmed
from dailies.domain.subtitles.timing import Clock
from dailies.domain.subtitles.vtt import read_vtt, write_vtt
from dailies.media.graphs.text.subtitle_tracks import TimeReader, file_arguments
from dailies.operations.checks.certificate import certified
from dailies.operations.checks.inspection import read_own
from dailies.operations.media_step import MediaStep
from dailies.operations.resolution import resolve_window, tolerance
from dailies.operations.steps.cuts import CUTS, CutsParams, cuts_cost
from dailies.operations.steps.highlights import HIGHLIGHTS, Highlights
from dailies.operations.steps.subtitle_track import SUBTITLE_TRACK
from dailies.operations.text.subtitle_params import Form, SubtitlesParams, subtitles_of
from dailies.operations.text.subtitle_sources import choose_text_track
from dailies.planning.operation import MAIN_FILE, Estimate, Known, MayCome, Needs, Produced, Request, StepRun, Unfolding
from dailies.planning.plan import PROBE, NoParams

#: Not every film has subtitles: those that have none go without.
EXAMPLE = {"outputs": {"subtitles": {"kind": "subtitles", "format": "vtt", "optional": True}}}
_MEDIA_TYPES = {"srt": "application/x-subrip", "vtt": "text/vtt", "ass": "text/x-ssa"}
_COST = 0.5
#: What of a time its format can't hold, milliseconds.
_ROUNDED = {"srt": 0, "vtt": 0, "ass": 10}


class SubtitlesOutput(SubtitleRules, SubtitleStyle, Requested):
    """Subtitles as a file: a text track of the source, its words and line ends as they are.

    The rules are what the certificate holds them against. With ``start`` and ``end``, ``segments`` or ``speed`` they
    are those of the output that asks for the same.
    """

    kind: Literal["subtitles"] = "subtitles"
    format: Form = Field("srt", description="vtt: WebVTT; ass: Advanced SubStation Alpha")
    subtitle_track: int | None = Field(
        None, ge=0, le=63, description="subtitle track, counted from 0; the first that is text when absent"
    )
    language: LanguageCode | None = Field(None, description="of the track, such as nl; any when absent")
    start: Seconds | None = Field(None, description="seconds; the beginning when absent")
    end: Seconds | None = Field(None, description="seconds; the end when absent")
    speed: float = Field(1.0, ge=0.1, le=1000, description="of the film that they belong to, times the source's")
    segments: tuple[Segment, ...] | None = Field(
        None, min_length=1, max_length=MAX_SEGMENTS, description="of the film that they belong to, as video has them"
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


class SubtitlesResult(Facts):
    kind: Literal["subtitles"] = "subtitles"
    format: str
    language: str | None = Field(description="as the track says")
    text: SubtitleFacts


class SubtitlesOperation(MediaStep):
    """Answers outputs of kind ``subtitles``."""

    kind: ClassVar[str] = "subtitles"
    output: ClassVar[type[Output]] = SubtitlesOutput
    facts: ClassVar[type[Facts]] = SubtitlesResult
    version: ClassVar[str] = "1"

    def request(self, field: str, output: SubtitlesOutput, info: MediaInfo) -> Request:
        stream = choose_text_track(info, output.subtitle_track, output.language, field)
        video = info.main_video()
        cuts: CutsParams | None = None
        if output.segments is not None:
            if video is None:
                raise InvalidRecipe(f"{field}.segments: the source has no pictures to cut.", field=f"{field}.segments")
            duration = info.duration_seconds if info.duration_from != "estimate" else None
            check_segments(output.segments, duration, tolerance(duration or 0.0), field)
            cuts = CutsParams(stream=video.index, segments=_unscored(output.segments))
        whole = subtitles_of(stream, output.format, info)
        wish = {
            "rules": SubtitleRules.model_validate(output.model_dump(include=set(SubtitleRules.model_fields))),
            "style": _style(output),
            "window": resolve_window(output.start, output.end, info, field),
            "cuts": cuts,
            "speed": output.speed,
        }
        params = whole.model_copy(update=wish)
        return Request(self.kind, params)

    def file_name(self, name: str, output: SubtitlesOutput) -> str:
        return f"{name}.{output.format}"

    def needs(self, params: SubtitlesParams, known: Known) -> Needs:
        needs = {PROBE: Request(PROBE, NoParams()), SUBTITLE_TRACK: Request(SUBTITLE_TRACK, params.track)}
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

    def may_come(self, params: SubtitlesParams, info: MediaInfo) -> tuple[MayCome, ...]:
        """The list of an edit whose segments are found."""
        return () if params.highlights is None else (MayCome(CUTS, 1, Estimate(cuts_cost(info))),)

    def estimate(self, params: SubtitlesParams, info: MediaInfo) -> Estimate:
        return Estimate(cpu_seconds=_COST)

    def make(self, run: StepRun) -> Produced:
        params: SubtitlesParams = run.params
        track = from_json(run.read(run.inputs[SUBTITLE_TRACK], MAIN_FILE).read_bytes())
        cues = follow(track, _time_map(run))
        if params.apart:
            cues = one_at_a_time(cues)
        path = run.scratch / f"subtitles.{params.form}"
        path.write_text(write(cues, params.form, params.style), encoding="utf-8", newline="\n")
        back = read(path, params.form)
        facts = measure(back, params.rules, Clock(Fraction(params.rate)))
        return certified(
            path,
            _MEDIA_TYPES[params.form],
            [_same_check(cues, back), self._read_by_others(run, path, cues), *rule_checks(facts)],
            SubtitlesResult(format=params.form, language=params.language, text=facts),
            duration_seconds=back[-1].end_ms / 1000 if back else 0.0,
        )

    def _read_by_others(self, run: StepRun, path: Path, cues: Sequence[Cue]) -> Check:
        """FFmpeg, which knows nothing of our readers, finds as many subtitles at the same times."""
        reader, most = TimeReader(), _ROUNDED[run.params.form]
        if cues:
            arguments = file_arguments(run.params.form, self._toolbox.policy)
            read_own(self._toolbox, path, arguments, run.stop, reader.line, scratch=run.scratch, media_seconds=0.0)
        wanted = sorted((cue.start_ms, cue.end_ms) for cue in cues)
        found = sorted(reader.times)
        same = len(found) == len(wanted) and all(
            abs(one[0] - other[0]) <= most and abs(one[1] - other[1]) <= most
            for one, other in zip(found, wanted, strict=True)
        )
        times = "at their times" if same else "at other times"
        return Check(
            name="read by FFmpeg",
            expected=f"{len(wanted)} subtitles at their times",
            measured=f"{len(found)} subtitles {times}",
            passed=same,
        )


def write(cues: Sequence[Cue], form: Form, style: SubtitleStyle | None) -> str:
    """The file's text."""
    if form == "srt":
        return write_srt(cues)
    return write_vtt(cues, style) if form == "vtt" else write_ass(cues, style or SubtitleStyle())


def read(path: Path, form: Form) -> tuple[Cue, ...]:
    """The cues of a file of ours. Raises QualityNotReached for one that is none."""
    text = path.read_text(encoding="utf-8")
    try:
        return {"srt": read_srt, "vtt": read_vtt, "ass": read_ass}[form](text)
    except ValueError as error:
        raise QualityNotReached(f"The subtitles were made and can't be read: {error}.") from error


def rule_checks(facts: SubtitleFacts) -> list[Check]:
    """A line for each rule. What a track breaks of them is said and no reason to hold it back."""
    return [
        Check(
            name=rule.rule,
            expected=f"{rule.limit:g}",
            measured=f"{100 * rule.share:.1f} % within, the worst {rule.worst:g}",
            passed=rule.share == 1.0,
            advisory=True,
        )
        for rule in facts.rules
    ]


def _time_map(run: StepRun) -> TimeMap:
    params: SubtitlesParams = run.params
    if CUTS in run.inputs:
        found = of_edit(EditList.model_validate(run.inputs[CUTS].data))
    else:
        found = trimmed(params.window.start, params.window.end)
    return faster(found, Fraction(str(params.speed)))


def _same_check(cues: Sequence[Cue], back: Sequence[Cue]) -> Check:
    """What is in the file is what was to be in it."""
    same = [cue.texts for cue in back] == [cue.texts for cue in cues]
    return Check(name="text", expected=f"{len(cues)} subtitles", measured=f"{len(back)} subtitles", passed=same)


def _style(output: SubtitlesOutput) -> SubtitleStyle | None:
    """What was asked of the looks; players have their own where it is nothing."""
    asked = SubtitleStyle.model_validate(output.model_dump(include=set(SubtitleStyle.model_fields)))
    return None if output.format == "srt" or asked == SubtitleStyle() else asked


def _unscored(segments: Sequence[Segment]) -> tuple[Segment, ...]:
    return tuple(segment.model_copy(update={"score": None}) for segment in segments)
