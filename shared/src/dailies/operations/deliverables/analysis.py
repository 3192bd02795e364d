"""``analysis``: what a source is about: summary, topics, key moments, a title, from what is said in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar, Literal

from pydantic import Field

from dailies.domain.job.result import Facts
from dailies.domain.model import Model
from dailies.domain.recipe.fields import Output, Requested
from dailies.domain.source.media_info import MediaInfo
from dailies.domain.transcript.extractive import extracted
from dailies.domain.transcript.transcript import Transcript
from dailies.operations.checks.certificate import certified
from dailies.operations.speech.answers import TranscriptParams
from dailies.operations.text.film_text import SpokenWish, spoken
from dailies.planning.beside import ALONE, Beside
from dailies.planning.operation import MAIN_FILE, Estimate, Known, Needs, Placement, Produced, Request, StepRun
from dailies.ports.transcriber import SpeechChoice

#: Not everybody has an engine.
EXAMPLE = {"outputs": {"about": {"kind": "analysis", "optional": True}}}
_TRANSCRIPT = "transcript"
# CPU seconds, of 200 sentences and more.
_COST = 0.5


class AnalysisOutput(Requested):
    """What it is about, in its own words: summary, topics, key moments with times, a title and hashtags.

    They are sentences and words that are said, chosen by rank (TextRank). ``sentiment`` and ``category`` are null.
    """

    kind: Literal["analysis"] = "analysis"
    format: Literal["json"] = "json"
    sentences: int = Field(3, ge=1, le=20, description="of the summary, at most; each is a key moment")
    language: str | None = Field(
        None, pattern=r"^[a-z]{2,3}$", description="ISO 639-1, of what is said; absent: that of most of it"
    )
    audio_track: int | None = Field(
        None, ge=0, le=63, description="audio track, counted from 0; the one a player would choose when absent"
    )


class AnalysisResult(Facts):
    kind: Literal["analysis"] = "analysis"
    method: str = Field(description="extractive: sentences and words that were said, chosen by rank")
    language: str | None = Field(description="null where nobody speaks")
    title: str | None
    topics: tuple[str, ...]
    hashtags: tuple[str, ...]
    key_moments: int


class AnalysisParams(Model):
    speech: TranscriptParams
    sentences: int


class AnalysisOperation:
    """Answers outputs of kind ``analysis``."""

    kind: ClassVar[str] = "analysis"
    version: ClassVar[str] = "1"
    placement: ClassVar[Placement] = Placement.LIGHT
    ports: ClassVar[tuple[str, ...]] = ("speech",)
    filters: ClassVar[frozenset[str]] = frozenset()
    encoders: ClassVar[frozenset[str]] = frozenset()
    uses_ffmpeg: ClassVar[bool] = False
    output: ClassVar[type[Output]] = AnalysisOutput
    facts: ClassVar[type[Facts]] = AnalysisResult

    def __init__(self, speech: Callable[[], SpeechChoice]) -> None:
        self._speech = speech

    def request(self, field: str, output: AnalysisOutput, info: MediaInfo) -> Request:
        return self.request_beside(field, output, info, ALONE)

    def request_beside(self, field: str, output: AnalysisOutput, info: MediaInfo, beside: Beside) -> Request:
        speech = spoken(field, SpokenWish(output.language, output.audio_track), info, self._speech, beside)
        return Request(self.kind, AnalysisParams(speech=speech, sentences=output.sentences))

    def file_name(self, name: str, output: AnalysisOutput) -> str:
        return f"{name}.{output.format}"

    def estimate(self, params: AnalysisParams, info: MediaInfo) -> Estimate:
        return Estimate(cpu_seconds=_COST)

    def fuse(self, params: AnalysisParams) -> str | None:
        return None

    def needs(self, params: AnalysisParams, known: Known) -> Needs:
        return {_TRANSCRIPT: Request(_TRANSCRIPT, params.speech)}

    def run(self, batch: Sequence[StepRun]) -> Iterator[tuple[StepRun, Produced]]:
        for run in batch:
            heard = run.read(run.inputs[_TRANSCRIPT], MAIN_FILE)
            found = extracted(Transcript.model_validate_json(heard.read_bytes()), run.params.sentences)
            path = run.scratch / "analysis.json"
            path.write_text(found.model_dump_json(indent=1) + "\n", encoding="utf-8")
            facts = AnalysisResult(
                method=found.method,
                language=found.language,
                title=found.title,
                topics=found.topics,
                hashtags=found.hashtags,
                key_moments=len(found.key_moments),
            )
            yield run, certified(path, "application/json", [], facts)
