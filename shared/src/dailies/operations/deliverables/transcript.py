"""``transcript``: what is said in a source, as JSON with the times of words, or as plain text.

The plan unfolds: the speech decides the chunks, the first answers the language of the others, and what came back
without words is asked for once more.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from dailies.domain.errors import InvalidRecipe, Misconfigured, SourceRefused
from dailies.domain.job.result import Check, Facts
from dailies.domain.model import Model
from dailies.domain.recipe.fields import Output, Requested
from dailies.domain.source.audio_selection import mean_of
from dailies.domain.source.media_info import MediaInfo
from dailies.domain.transcript.chunks import Limits
from dailies.domain.transcript.joining import Recogniser, doubtful, joined, majority
from dailies.domain.transcript.transcript import Timing, Transcript
from dailies.operations.checks.certificate import certified
from dailies.operations.resolution import choose_audio
from dailies.operations.speech.asking import AskParams, EngineParams, Said, again, asking_cost, read_answer
from dailies.operations.steps.voice import VOICE, Voice, VoiceParams, read_heard
from dailies.planning.operation import (
    Estimate,
    Known,
    MayCome,
    Needs,
    Placement,
    Produced,
    Request,
    StepRun,
    Unfolding,
)
from dailies.ports.transcriber import Capabilities, SpeechChoice

#: Not everybody has an engine.
EXAMPLE = {"outputs": {"words": {"kind": "transcript", "format": "txt", "optional": True}}}
# CPU seconds, at all.
_COST = 0.2
_ANSWER, _AGAIN = "answer-", "again-"
#: So many chunks are asked for their language; the others are told what most of them say.
_SAMPLES = 3
#: What a reader may expect; said, and no reason to hold a transcript back.
_COVERED = 0.98
_MEDIA_TYPES = {"json": "application/json", "txt": "text/plain; charset=utf-8"}


class TranscriptOutput(Requested):
    """What is said, with the times of words, or as plain text: a line for each sentence."""

    kind: Literal["transcript"] = "transcript"
    format: Literal["json", "txt"] = "json"
    language: str | None = Field(
        None, pattern=r"^[a-z]{2,3}$", description="ISO 639-1; absent: that of most of what is said"
    )
    prompt: str = Field("", max_length=1000, description="what it is about; a hint to the engine")
    vocabulary: tuple[Annotated[str, StringConstraints(min_length=1, max_length=60)], ...] = Field(
        (), max_length=100, description="names and terms that are said; hints to the engine"
    )
    translate: bool = Field(False, description="true: English, whatever is spoken; where the engine can")
    audio_track: int | None = Field(
        None, ge=0, le=63, description="audio track, counted from 0; the one a player would choose when absent"
    )


class TranscriptParams(Model):
    voice: VoiceParams
    engine: EngineParams
    format: Literal["json", "txt"]
    language: str | None
    prompt: str
    vocabulary: tuple[str, ...]
    translate: bool

    def ask(self, chunk: int, seconds: float, language: str | None) -> AskParams:
        return AskParams(
            voice=self.voice,
            engine=self.engine,
            chunk=chunk,
            seconds=seconds,
            language=language,
            prompt=self.prompt,
            vocabulary=self.vocabulary,
            translate=self.translate,
        )

    def request(self, ask: AskParams) -> Request:
        return Request(self.engine.kind, ask)


class TranscriptResult(Facts):
    kind: Literal["transcript"] = "transcript"
    language: str | None = Field(description="null where nobody speaks")
    words: int
    timing: Timing
    coverage: float | None = Field(description="share of the detected speech that has words; null without any")
    engine: str
    model: str
    cost_usd: float
    remarks: tuple[str, ...] = Field(description="what a reader has to know, in words")


class TranscriptOperation:
    """Answers outputs of kind ``transcript``."""

    kind: ClassVar[str] = "transcript"
    version: ClassVar[str] = "1"
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
        can = self._capabilities(field)
        can.check(output.language, translate=output.translate, within=f"{field}.")
        limits = Limits(can.window_seconds, can.max_seconds, can.max_bytes)
        return Request(
            self.kind,
            TranscriptParams(
                voice=VoiceParams(selection=mean_of(stream), limits=limits),
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
            ),
        )

    def _capabilities(self, field: str) -> Capabilities:
        try:
            return self._speech().transcriber.capabilities()
        except Misconfigured as error:
            # Of this output alone: the others can be made.
            raise InvalidRecipe(error.message, code=error.error_code, field=field) from error

    def file_name(self, name: str, output: TranscriptOutput) -> str:
        return f"{name}.{output.format}"

    def estimate(self, params: TranscriptParams, info: MediaInfo) -> Estimate:
        return Estimate(cpu_seconds=_COST)

    def fuse(self, params: TranscriptParams) -> str | None:
        return None

    def needs(self, params: TranscriptParams, known: Known) -> Needs:
        needs = {VOICE: Request(VOICE, params.voice)}
        found = known(needs[VOICE])
        if found is None:
            return Unfolding(needs)
        seconds = Voice.model_validate(found).chunk_seconds
        samples = {0, len(seconds) // 2, len(seconds) - 1} if len(seconds) > _SAMPLES else set(range(len(seconds)))
        language = params.language
        if language is None:
            guesses = [params.request(params.ask(number, seconds[number], None)) for number in sorted(samples)]
            said = [_said(known, guess) for guess in guesses]
            if None in said:
                needs |= {
                    f"{_ANSWER}{number:04d}": guess for number, guess in zip(sorted(samples), guesses, strict=True)
                }
                return Unfolding(needs)
            language = majority([one.guess for one in said if one is not None])
        return _answers(params, known, needs, seconds, samples if params.language is None else set(), language)

    def may_come(self, params: TranscriptParams, info: MediaInfo, known: Known) -> tuple[MayCome, ...]:
        """All of the source, and as much again of what is asked for once more."""
        seconds = info.duration_seconds or 0.0
        limits = params.voice.limits
        chunks = math.ceil(seconds / (limits.seconds / 2)) + 1
        once = asking_cost(params.engine, seconds).cpu_seconds
        start = asking_cost(params.engine, 0.0).cpu_seconds
        return (MayCome(params.engine.kind, 3 * chunks, Estimate(cpu_seconds=2 * once + 3 * chunks * start)),)

    def run(self, batch: Sequence[StepRun]) -> Iterator[tuple[StepRun, Produced]]:
        for run in batch:
            yield run, _made(run)


def _answers(
    params: TranscriptParams,
    known: Known,
    needs: dict[str, Request],
    seconds: Sequence[float],
    samples: set[int],
    language: str | None,
) -> Needs:
    """An answer for each chunk, and for each stretch of one that came back without words."""
    waits = False
    for number, length in enumerate(seconds):
        ask = params.ask(number, length, None if number in samples else language)
        said = _said(known, params.request(ask))
        if said is not None and number in samples and doubtful(said.guess, language):
            ask = params.ask(number, length, language)
            said = _said(known, params.request(ask))
        needs[f"{_ANSWER}{number:04d}"] = params.request(ask)
        if said is None:
            waits = True
            continue
        for place, stretch in enumerate(said.unheard):
            alone = again(ask.model_copy(update={"language": said.guess.language or language}), stretch)
            needs[f"{_AGAIN}{number:04d}-{place:02d}"] = params.request(alone)
    return Unfolding(needs) if waits else needs


def _said(known: Known, request: Request) -> Said | None:
    found = known(request)
    return None if found is None else Said.model_validate(found)


def _made(run: StepRun) -> Produced:
    params: TranscriptParams = run.params
    heard = read_heard(run, run.inputs[VOICE])
    by_role: Mapping[str, list[str]] = {
        prefix: sorted(role for role in run.inputs if role.startswith(prefix)) for prefix in (_ANSWER, _AGAIN)
    }
    answers, more = ([read_answer(run, run.inputs[role]) for role in by_role[prefix]] for prefix in (_ANSWER, _AGAIN))
    engine = params.engine
    by = Recogniser(engine=engine.engine, model=engine.model, word_error=engine.word_error)
    transcript = joined(heard.activity, answers, more, by)
    path = run.scratch / f"transcript.{params.format}"
    text = transcript.text + "\n" if params.format == "txt" else transcript.model_dump_json(indent=1)
    path.write_text(text, encoding="utf-8")
    return certified(
        path,
        _MEDIA_TYPES[params.format],
        _checks(transcript),
        _result(transcript),
        duration_seconds=heard.activity.seconds,
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


def _result(transcript: Transcript) -> TranscriptResult:
    return TranscriptResult(
        language=transcript.language,
        words=len(transcript.words),
        timing=transcript.timing,
        coverage=transcript.coverage,
        engine=transcript.engine,
        model=transcript.model,
        cost_usd=transcript.cost_usd,
        remarks=tuple(remark.message for remark in transcript.remarks),
    )
