"""``transcript``: what is said in a source, as JSON with the times of words, or as plain text.

The plan unfolds: the speech decides the chunks, the first answers the language of the others, and what came back
without words is asked for once more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from dailies.domain.errors import InvalidRecipe, Misconfigured, SourceRefused
from dailies.domain.job.result import Check, Facts
from dailies.domain.recipe.fields import Output, Requested
from dailies.domain.source.audio_selection import AudioSelection, channel_of, mean_of
from dailies.domain.source.media_info import AudioStream, MediaInfo
from dailies.domain.transcript.chunks import Limits
from dailies.domain.transcript.fillers import without_fillers
from dailies.domain.transcript.masked import masked
from dailies.domain.transcript.transcript import Masked, PrivateKind, Timing, Transcript
from dailies.domain.transcript.wishes import Hearing, SpeakersFrom, check_names
from dailies.operations.checks.certificate import certified
from dailies.operations.resolution import choose_audio
from dailies.operations.speech.answers import MaskParams, TranscriptParams, answers_may_come, answers_needed
from dailies.operations.speech.asking import EngineParams, usd_per_minute
from dailies.operations.speech.joined_answers import transcript_of
from dailies.operations.steps.align import AlignerParams
from dailies.operations.steps.voice import VoiceParams
from dailies.planning.operation import (
    Estimate,
    Known,
    MayCome,
    Needs,
    Placement,
    Produced,
    Request,
    StepRun,
)
from dailies.ports.aligner import Aligner
from dailies.ports.transcriber import Capabilities, SpeechChoice

#: Not everybody has an engine.
EXAMPLE = {"outputs": {"words": {"kind": "transcript", "format": "txt", "optional": True}}}
# CPU seconds, at all.
_COST = 0.2
#: Seconds of a window in which words have to be found.
_ALIGNED_SECONDS = 30.0
#: What a reader may expect; said, and no reason to hold a transcript back.
_COVERED = 0.98
#: Of a recording with a speaker on each channel.
_SIDES = 2
_MEDIA_TYPES = {"json": "application/json", "txt": "text/plain; charset=utf-8"}


class TranscriptOutput(Hearing, Requested):
    """What is said, with the times of words, or as plain text: a line for each sentence."""

    kind: Literal["transcript"] = "transcript"
    format: Literal["json", "txt"] = "json"
    language: str | None = Field(
        None, pattern=r"^[a-z]{2,3}$", description="ISO 639-1; absent: that of most of what is said"
    )
    speakers: SpeakersFrom | None = Field(
        None,
        description="channels: who is on which of two; voices: told apart by the engine, where it can;"
        " absent: nobody asks",
    )
    remove_fillers: bool = Field(False, description='true: "um", "uh" and their like are left out')
    mask: tuple[PrivateKind, ...] = Field(
        (), max_length=4, description="what is masked wherever the words go: e-mail addresses, numbers by their form"
    )
    audio_track: int | None = Field(
        None, ge=0, le=63, description="audio track, counted from 0; the one a player would choose when absent"
    )

    @model_validator(mode="after")
    def _names_somebody(self) -> Self:
        check_names(self.speakers, self.speaker_names, "speakers")
        return self


class TranscriptResult(Facts):
    kind: Literal["transcript"] = "transcript"
    language: str | None = Field(description="null where nobody speaks")
    words: int
    timing: Timing
    coverage: float | None = Field(description="share of the detected speech that has words; null without any")
    engine: str
    model: str
    cost_usd: float
    fillers: int = Field(0, description="how many were left out")
    masked: tuple[Masked, ...] = Field((), description="what was masked, and when it is said")
    speakers: tuple[str, ...] = Field((), description="who is heard, in the order of their first words")
    remarks: tuple[str, ...] = Field(description="what a reader has to know, in words")


class TranscriptOperation:
    """Answers outputs of kind ``transcript``."""

    kind: ClassVar[str] = "transcript"
    version: ClassVar[str] = "6"
    placement: ClassVar[Placement] = Placement.LIGHT
    ports: ClassVar[tuple[str, ...]] = ("speech",)
    filters: ClassVar[frozenset[str]] = frozenset()
    encoders: ClassVar[frozenset[str]] = frozenset()
    uses_ffmpeg: ClassVar[bool] = False
    output: ClassVar[type[Output]] = TranscriptOutput
    facts: ClassVar[type[Facts]] = TranscriptResult

    def __init__(self, speech: Callable[[], SpeechChoice]) -> None:
        self._speech = speech

    def request(self, field: str, output: TranscriptOutput, info: MediaInfo) -> Request:
        stream = choose_audio(info, output.audio_track, field)
        if stream is None:
            raise SourceRefused("The source has no audio track: nobody speaks.", code="no_audio", field=field)
        choice, can = self._engine(field)
        can.check(
            output.language,
            translate=output.translate,
            prompt=output.prompt,
            vocabulary=output.vocabulary,
            speakers=output.speakers == "voices",
            within=f"{field}.",
        )
        # Short windows and chunks also where the engine takes long ones: its words have to be found in them.
        window = can.window_seconds if can.word_times else min(can.window_seconds, _ALIGNED_SECONDS)
        limits = Limits(window, can.max_seconds, can.max_bytes)
        if output.speakers == "voices":
            # Whoever is heard in two requests is two: as few of them as there can be.
            limits = replace(limits, target_seconds=can.max_seconds)
        return Request(
            self.kind,
            TranscriptParams(
                sides=tuple(VoiceParams(selection=each, limits=limits) for each in _sides(field, output, stream)),
                engine=EngineParams(
                    engine=can.engine,
                    model=can.model,
                    version=can.version,
                    remote=can.remote,
                    word_error=can.word_error,
                ),
                format=output.format,
                language=output.language,
                prompt=output.prompt,
                vocabulary=output.vocabulary,
                translate=output.translate,
                # What is said in another language than is heard can't be found in the sound.
                aligners=() if output.translate else tuple(map(_aligner_params, choice.aligners)),
                remove_fillers=output.remove_fillers,
                mask=self._mask(field, choice, output),
                voices=output.speakers == "voices",
                speaker_names=output.speaker_names,
            ),
        )

    def _engine(self, field: str) -> tuple[SpeechChoice, Capabilities]:
        try:
            choice = self._speech()
            return choice, choice.transcriber.capabilities()
        except Misconfigured as error:
            # Of this output alone: the others can be made.
            raise InvalidRecipe(error.message, code=error.error_code, field=field) from error

    def _mask(self, field: str, choice: SpeechChoice, output: TranscriptOutput) -> MaskParams | None:
        if not output.mask:
            return None
        try:
            # In one order, so that equal wishes are one step.
            return MaskParams(kinds=tuple(sorted(set(output.mask))), finder=choice.finder().version)
        except Misconfigured as error:
            raise InvalidRecipe(error.message, code=error.error_code, field=f"{field}.mask") from error

    def file_name(self, name: str, output: TranscriptOutput) -> str:
        return f"{name}.{output.format}"

    def estimate(self, params: TranscriptParams, info: MediaInfo) -> Estimate:
        return Estimate(cpu_seconds=_COST)

    def fuse(self, params: TranscriptParams) -> str | None:
        return None

    def needs(self, params: TranscriptParams, known: Known) -> Needs:
        return answers_needed(params, known)

    def may_come(self, params: TranscriptParams, info: MediaInfo, known: Known) -> tuple[MayCome, ...]:
        return answers_may_come(params, info, usd_per_minute(self._speech))

    def run(self, batch: Sequence[StepRun]) -> Iterator[tuple[StepRun, Produced]]:
        for run in batch:
            yield run, _made(run, self._speech)


def _sides(field: str, output: TranscriptOutput, stream: AudioStream) -> tuple[AudioSelection, ...]:
    if output.speakers != "channels":
        return (mean_of(stream),)
    if stream.channels != _SIDES:
        raise SourceRefused(
            f"The audio track has {stream.channels} channel{'' if stream.channels == 1 else 's'}: speakers are told "
            "apart by channel where there are two, one for each. Leave speakers out, or ask for voices.",
            code="no_sides",
            field=f"{field}.speakers",
        )
    return tuple(channel_of(stream, number) for number in range(_SIDES))


def _aligner_params(aligner: Aligner) -> AlignerParams:
    can = aligner.capabilities()
    languages = can.languages or frozenset()
    return AlignerParams(
        engine=can.engine, version=f"{can.model} {can.version}", only=min(languages) if len(languages) == 1 else None
    )


def _made(run: StepRun, speech: Callable[[], SpeechChoice]) -> Produced:
    params: TranscriptParams = run.params
    (transcript, seconds), fillers = transcript_of(run), 0
    if params.remove_fillers:
        transcript, fillers = without_fillers(transcript)
    if params.mask is not None:
        find = partial(speech().finder().find, kinds=params.mask.kinds, language=transcript.language)
        transcript = masked(transcript, find)
    path = run.scratch / f"transcript.{params.format}"
    text = transcript.dialogue + "\n" if params.format == "txt" else transcript.model_dump_json(indent=1)
    path.write_text(text, encoding="utf-8")
    return certified(
        path,
        _MEDIA_TYPES[params.format],
        _checks(transcript),
        _result(transcript, fillers),
        duration_seconds=seconds,
    )


def _checks(transcript: Transcript) -> list[Check]:
    if transcript.coverage is None:
        return []
    return [
        Check(
            name="coverage",
            expected=f"≥ {_COVERED:.0%} of the speech has words",
            measured=f"{transcript.coverage:.1%}",
            passed=transcript.coverage >= _COVERED,
            advisory=True,
        )
    ]


def _result(transcript: Transcript, fillers: int) -> TranscriptResult:
    return TranscriptResult(
        language=transcript.language,
        words=len(transcript.words),
        timing=transcript.timing,
        coverage=transcript.coverage,
        engine=transcript.engine,
        model=transcript.model,
        cost_usd=transcript.cost_usd,
        fillers=fillers,
        masked=transcript.masked,
        speakers=transcript.speakers,
        remarks=tuple(remark.message for remark in transcript.remarks),
    )
