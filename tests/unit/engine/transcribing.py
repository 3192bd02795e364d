"""A kind shaped as a transcript is: measure, find the parts at pauses, hear each by itself, join what was heard.

How many parts there are only the measurement knows, so its plan unfolds.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from dailies.domain.job.result import OutputResult
from dailies.domain.model import Model
from dailies.domain.source.media_info import MediaInfo
from dailies.engine.platform import Platform
from dailies.operations.deliverables.audio import AudioOutput
from dailies.operations.film.rendered import AudioResult
from dailies.planning.operation import (
    Estimate,
    Known,
    MayCome,
    Needs,
    Operation,
    Placement,
    Produced,
    Registry,
    Request,
    StepRun,
    Unfolding,
)
from tests.unit.conftest import FakeAudio, FakeMeasure, FakeOperation, FakeProbe, Ledger, Params, World

PAUSES, HEAR = "pauses", "hear"
MOST_PARTS = 150


@dataclass
class Speech:
    """What is said in the source: a word in each part. ``during`` is called while a part is heard."""

    words: Sequence[str]
    during: Callable[[str], None] = lambda _word: None
    heard: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Part(Model):
    number: int


class Pauses(FakeOperation):
    """Says how many parts there are: small facts, as plans are made from them."""

    kind: ClassVar[str] = PAUSES

    def __init__(self, ledger: Ledger, speech: Speech) -> None:
        super().__init__(ledger)
        self.speech = speech

    def needs(self, params: Params, known: Known) -> Needs:
        return {"measure": Request("measure", Params())}

    def known(self) -> dict[str, Any]:
        return {"parts": len(self.speech.words)}


class Hear(FakeOperation):
    """Waits for the answer of somebody else."""

    kind: ClassVar[str] = HEAR
    placement: ClassVar[Placement] = Placement.LIGHT
    uses_ffmpeg: ClassVar[bool] = False

    def __init__(self, ledger: Ledger, speech: Speech) -> None:
        super().__init__(ledger)
        self.speech = speech

    def run(self, batch: Sequence[StepRun]) -> Iterator[tuple[StepRun, Produced]]:
        for run in batch:
            word = self.speech.words[run.params.number]
            self.speech.during(word)
            with self.speech.lock:
                self.speech.heard[word] += 1
            yield run, Produced(data={"word": word})


class Transcript(FakeAudio):
    """Joins what was heard. Of the kind ``audio``, as recipes know no other in unit tests."""

    def request(self, field: str, output: AudioOutput, info: MediaInfo) -> Request:
        return Request("audio", Params(name=str(output.start)))

    def needs(self, params: Params, known: Known) -> Needs:
        needs = {PAUSES: Request(PAUSES, Params())}
        found = known(needs[PAUSES])
        if found is None:
            return Unfolding(needs)
        parts = {f"part-{number:04d}": Request(HEAR, Part(number=number)) for number in range(found["parts"])}
        return {**needs, **parts}

    def may_come(self, params: Params, info: MediaInfo) -> tuple[MayCome, ...]:
        return (MayCome(HEAR, MOST_PARTS, Estimate(cpu_seconds=MOST_PARTS)),)

    def fuse(self, params: Params) -> str | None:
        return None

    def run(self, batch: Sequence[StepRun]) -> Iterator[tuple[StepRun, Produced]]:
        for run in batch:
            self.ledger.run("join")
            words = [made.data["word"] for role, made in sorted(run.inputs.items()) if role != PAUSES]
            text = run.scratch / "text"
            text.write_text(" ".join(words), encoding="utf-8")
            result = OutputResult(
                path=None, media_type="text/plain", bytes=text.stat().st_size, sha256="0", duration_seconds=1,
                facts=AudioResult(audio=None, loudness=None, quality_score=None), checks=(),
            )  # fmt: skip
            yield run, Produced(data=result.model_dump(mode="json"), files={"file": (text, "text/plain")})


def transcribing(world: World, speech: Speech) -> Platform:
    """The world's platform, whose outputs are transcripts of the speech."""
    operations: list[Operation] = [
        FakeProbe(world.ledger),
        FakeMeasure(world.ledger),
        Pauses(world.ledger, speech),
        Hear(world.ledger, speech),
        Transcript(world.ledger),
    ]
    by_kind: dict[str, Operation] = {operation.kind: operation for operation in operations}
    return replace(world.platform, registry=Registry(by_kind.__getitem__))
