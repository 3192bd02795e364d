"""What the steps that ask a speech engine have in common: a chunk of the speech, or a stretch of it, and its answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from dailies.domain.model import Model
from dailies.domain.source.media_info import MediaInfo
from dailies.domain.transcript.chunks import RATE_HZ, Chunk
from dailies.domain.transcript.joining import Answer, Guess, placed, unheard
from dailies.domain.transcript.spans import Span, merged
from dailies.domain.transcript.speakers import KnownVoice, by_label, known_voices
from dailies.domain.transcript.transcript import Segment, Timing
from dailies.operations.steps.voice import VOICE, Heard, VoiceParams, chunk_role, read_heard, write_samples
from dailies.planning.operation import Artifact, Estimate, Known, Needs, Produced, Request, StepRun
from dailies.ports.transcriber import MOST_VOICES, Ask, SpeechChoice

ANSWER = "answer"
_HEADER_BYTES = 44
#: CPU seconds: of Whisper base per second of speech, to load it.
_COST, _START_COST = 0.15, 2.0
# CPU seconds of ours to send and read; seconds until a server's answer, for the bar alone: nobody promises them.
_SENDING_COST, _ANSWER_START, _ANSWER = 0.1, 2.0, 0.05


class EngineParams(Model):
    """Who is asked, as it stands in the keys of what it answers. ``word_error``: of a weak one."""

    engine: str
    model: str
    version: str
    remote: bool
    word_error: float | None = None

    @property
    def kind(self) -> Literal["transcribe", "transcribe-remotely"]:
        """The step that asks it."""
        return "transcribe-remotely" if self.remote else "transcribe"


class AskParams(Model):
    """``stretch``: seconds of the source, of the chunk that is heard alone; None: all of it."""

    voice: VoiceParams
    engine: EngineParams
    chunk: int
    seconds: float
    language: str | None = None
    stretch: Span | None = None
    prompt: str = ""
    vocabulary: tuple[str, ...] = ()
    translate: bool = False
    speakers: bool = False
    known: tuple[KnownVoice, ...] = Field((), description="voices of the first chunk, by which others know them again")
    private: bool = Field(False, exclude=True, description="nothing of the answer is shown before it was masked")


class Said(Model):
    """The step's facts, by which the plan goes on: ``unheard`` came back without words."""

    guess: Guess
    timing: Timing
    unheard: tuple[Span, ...]
    cost_usd: float
    voices: tuple[KnownVoice, ...] = ()


class AskingStep:
    """An Operation but for its kind and placement. Reads neither the source nor FFmpeg."""

    version: ClassVar[str] = "7"
    uses_ffmpeg: ClassVar[bool] = False
    reads_source: ClassVar[bool] = False
    ports: ClassVar[tuple[str, ...]] = ("speech",)

    def __init__(self, speech: Callable[[], SpeechChoice]) -> None:
        self._speech = speech

    def needs(self, params: AskParams, known: Known) -> Needs:
        return {VOICE: Request(VOICE, params.voice)}

    def fuse(self, params: AskParams) -> str | None:
        return None

    def estimate(self, params: AskParams, info: MediaInfo) -> Estimate:
        return asking_cost(params.engine, params.seconds, usd_per_minute(self._speech))

    def run(self, batch: Sequence[StepRun]) -> Iterator[tuple[StepRun, Produced]]:
        for run in batch:
            yield run, self._make(run)

    def _make(self, run: StepRun) -> Produced:
        params: AskParams = run.params
        heard, chunk, sound = chunk_of(run, params)
        ask = Ask(
            audio=sound,
            windows=windows_of(chunk, params.voice.limits.window_seconds),
            language=params.language,
            prompt=params.prompt,
            vocabulary=params.vocabulary,
            translate=params.translate,
            speakers=params.speakers,
            voices=_voices(run, heard, params),
        )
        said = self._speech().transcriber.transcribe(ask, run.stop, run.progress)
        answer = placed(
            chunk,
            heard.activity,
            _as_known(said.segments, params),
            timed=said.timing is not None,
            language=said.language,
            language_confidence=said.language_confidence,
            usd=said.usd,
        )
        if not params.private:
            run.say(" ".join(segment.text for segment in answer.segments))
        return answered(run, chunk, heard, answer, external_usd=answer.usd)


def _voices(run: StepRun, heard: Heard, params: AskParams) -> list[tuple[str, Path]]:
    """The voices that are known, each in a file of its own, which it is called by."""
    found = []
    for number, voice in enumerate(params.known):
        path = run.scratch / f"voice-{number}.wav"
        sound = run.read(run.inputs[VOICE], chunk_role(0))
        _write_part(path, sound, heard.chunks[0], (voice.start, voice.end))
        found.append((path.stem, path))
    return found


def _as_known(segments: Sequence[Segment], params: AskParams) -> Sequence[Segment]:
    """By the labels of the first chunk; of a stretch alone others are nobody."""
    if not params.speakers or (params.chunk == 0 and params.stretch is None):
        return segments
    labels = {f"voice-{number}": voice.label for number, voice in enumerate(params.known)}
    return by_label(segments, labels, f"{params.chunk}:" if params.stretch is None else None)


def _write_part(path: Path, sound: Path, chunk: Chunk, stretch: Span) -> Chunk:
    """Writes what a chunk, whose file is ``sound``, holds of a stretch of the source; that as a chunk."""
    part = chunk.part(*stretch)
    spans = [(chunk.file_sample(take.first), chunk.file_sample(take.last - 1) + 1) for take in part.takes]
    write_samples(path, sound, spans, _HEADER_BYTES)
    return part


def chunk_of(run: StepRun, params: AskParams) -> tuple[Heard, Chunk, Path]:
    """What a request is about: its chunk, or the stretch of one, and that sound; first all that was heard."""
    voice = run.inputs[VOICE]
    heard = read_heard(run, voice)
    chunk = heard.chunks[params.chunk]
    sound = run.read(voice, chunk_role(params.chunk))
    if params.stretch is None:
        return heard, chunk, sound
    path = run.scratch / "stretch.wav"
    return heard, _write_part(path, sound, chunk, params.stretch), path


def answered(run: StepRun, chunk: Chunk, heard: Heard, answer: Answer, *, external_usd: float = 0.0) -> Produced:
    """The answer as the step's file, and its facts."""
    path = run.scratch / "answer.json"
    path.write_text(answer.model_dump_json(), encoding="utf-8")
    facts = Said(
        guess=answer.guess,
        timing=answer.timing,
        unheard=unheard(chunk, heard.activity, answer),
        cost_usd=answer.usd,
        voices=known_voices(answer.segments, merged(chunk.spans()), MOST_VOICES),
    )
    return Produced(
        data=facts.model_dump(mode="json"),
        files={ANSWER: (path, "application/json")},
        external_usd=external_usd,
    )


def windows_of(chunk: Chunk, most: float) -> list[tuple[float, float]]:
    """The chunk's, in seconds; a stretch that is longer than one is heard in equal parts."""
    found = []
    for first, last in chunk.windows:
        parts = max(1, -int(-(last - first) // (most * RATE_HZ)))
        edges = [first + (last - first) * number // parts for number in range(parts + 1)]
        found += [(a / RATE_HZ, b / RATE_HZ) for a, b in pairwise(edges)]
    return found


def usd_per_minute(speech: Callable[[], SpeechChoice]) -> float:
    """What the engine that would be asked charges for a minute of sound."""
    return speech().transcriber.capabilities().usd_per_minute


def asking_cost(engine: EngineParams, seconds: float, usd_per_minute: float = 0.0) -> Estimate:
    """Of a request about so much speech; a server's work is not ours, but for what it charges."""
    if not engine.remote:
        return Estimate(cpu_seconds=_START_COST + _COST * seconds)
    return Estimate(_SENDING_COST, _ANSWER_START + _ANSWER * seconds, seconds / 60 * usd_per_minute)


def read_answer(run: StepRun, made: Artifact) -> Answer:
    """What a step of this sort wrote."""
    return Answer.model_validate_json(run.read(made, ANSWER).read_bytes())


def again(params: AskParams, stretch: Span) -> AskParams:
    """The request for one stretch of the chunk by itself."""
    return params.model_copy(update={"stretch": stretch, "seconds": round(stretch[1] - stretch[0], 3)})
