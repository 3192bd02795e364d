"""``align``: the times of the words that a speech engine wrote without any, found in the sound by another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar

from dailies.domain.model import Model
from dailies.domain.source.media_info import MediaInfo
from dailies.domain.transcript.aligning import with_times
from dailies.domain.transcript.joining import Answer
from dailies.operations.speech.asking import AskParams, answered, chunk_of, read_answer, windows_of
from dailies.operations.steps.voice import VOICE
from dailies.planning.operation import Estimate, Known, Needs, Placement, Produced, Request, StepRun
from dailies.ports.aligner import AlignAsk
from dailies.ports.transcriber import SpeechChoice

ALIGN = "align"
_TEXT = "text"
#: Of Whisper, which aligns by hearing all of it; seconds. Its windows are cut no longer.
_COST, _START_COST, _WINDOW_SECONDS = 0.15, 2.0, 30.0


class AlignerParams(Model):
    """Who aligns, as it stands in the keys of what it finds. ``only``: the one language that it knows."""

    engine: str
    version: str
    only: str | None = None

    def knows(self, language: str | None) -> bool:
        """Whether it may be asked about words of ``language``."""
        return self.only is None or self.only == language


class AlignParams(Model):
    """``ask``: the request whose answer has no times. ``language``: of that answer."""

    ask: AskParams
    aligner: AlignerParams
    language: str | None


class AlignOperation:
    """Answers with the same text; where the aligner can't find it in the sound, with the times that it had."""

    kind: ClassVar[str] = ALIGN
    version: ClassVar[str] = "2"
    placement: ClassVar[Placement] = Placement.MEDIA
    uses_ffmpeg: ClassVar[bool] = False
    reads_source: ClassVar[bool] = False
    ports: ClassVar[tuple[str, ...]] = ("speech",)

    def __init__(self, speech: Callable[[], SpeechChoice]) -> None:
        self._speech = speech

    def needs(self, params: AlignParams, known: Known) -> Needs:
        return {
            VOICE: Request(VOICE, params.ask.voice),
            _TEXT: Request(params.ask.engine.kind, params.ask),
        }

    def fuse(self, params: AlignParams) -> str | None:
        return None

    def estimate(self, params: AlignParams, info: MediaInfo) -> Estimate:
        return align_cost(params.ask.seconds)

    def run(self, batch: Sequence[StepRun]) -> Iterator[tuple[StepRun, Produced]]:
        for run in batch:
            yield run, self._make(run)

    def _make(self, run: StepRun) -> Produced:
        params: AlignParams = run.params
        heard, chunk, sound = chunk_of(run, params.ask)
        answer = read_answer(run, run.inputs[_TEXT])
        words = [word.text for word in answer.words]
        found: Answer | None = None
        if words:
            aligner = self._speech().aligner(params.aligner.engine)
            ask = AlignAsk(sound, words, params.language, windows_of(chunk, _WINDOW_SECONDS))
            spans = aligner.align(ask, run.stop, run.progress)
            found = None if spans is None else with_times(chunk, heard.activity, answer, spans)
        return answered(run, chunk, heard, found or answer)


def align_cost(seconds: float) -> Estimate:
    """Of finding the words of so much speech."""
    return Estimate(cpu_seconds=_START_COST + _COST * seconds)
