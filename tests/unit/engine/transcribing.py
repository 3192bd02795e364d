"""A kind shaped as a transcript is: measure, find pauses, cut there, hear each part by itself, join what was heard.

How many parts there are only the measurement knows: its plan unfolds. Each is heard from a file of the step that cuts.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from dailies.domain.job.result import OutputResult
from dailies.domain.source.media_info import MediaInfo
from dailies.engine.platform import Platform
from dailies.operations.deliverables.audio import AudioOutput
from dailies.operations.film.rendered import AudioResult
from dailies.planning.operation import (
    Estimate,
    FileOf,
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

PAUSES, CUT, HEAR = "pauses", "cut", "hear"
MOST_PARTS = 150


@dataclass
class Speech:
    """What is said in the source: a word in each part. ``during`` is called while a part is heard."""

    words: Sequence[str]
    during: Callable[[str], None] = lambda _word: None
    heard: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)


def part(number: int) -> str:
    """Of a part's file, and of what was heard of it."""
    return f"part-{number:04d}"


class Measured(FakeMeasure):
    """Knows how many words there are."""

    def __init__(self, ledger: Ledger, speech: Speech) -> None:
        super().__init__(ledger)
        self.speech = speech

    def known(self) -> dict[str, Any]:
        return {"words": len(self.speech.words)}


class Pauses(FakeOperation):
    """Says how many parts there are: small facts, as plans are made from them."""

    kind: ClassVar[str] = PAUSES
    reads_source: ClassVar[bool] = False

    def needs(self, params: Params, known: Known) -> Needs:
        return {"measure": Request("measure", Params())}

    def run(self, batch: Sequence[StepRun]) -> Iterator[tuple[StepRun, Produced]]:
        for run in batch:
            self.ledger.run(self.kind)
            yield run, Produced(data={"parts": run.inputs["measure"].data["words"]})


class Cut(FakeOperation):
    """Reads the source once, and makes a file of each part."""

    kind: ClassVar[str] = CUT

    def __init__(self, ledger: Ledger, speech: Speech) -> None:
        super().__init__(ledger)
        self.speech = speech

    def needs(self, params: Params, known: Known) -> Needs:
        return {PAUSES: Request(PAUSES, Params())}

    def run(self, batch: Sequence[StepRun]) -> Iterator[tuple[StepRun, Produced]]:
        for run in batch:
            self.ledger.run(self.kind)
            assert run.source.read_bytes().startswith(b"media")
            files = {}
            for number, word in enumerate(self.speech.words):
                files[part(number)] = (run.scratch / part(number), "audio/wav")
                files[part(number)][0].write_text(word, encoding="utf-8")
            yield run, Produced(data={}, files=files)


class Hear(FakeOperation):
    """Has a part and no more of the source, and waits for the answer of somebody else."""

    kind: ClassVar[str] = HEAR
    placement: ClassVar[Placement] = Placement.LIGHT
    uses_ffmpeg: ClassVar[bool] = False

    def __init__(self, ledger: Ledger, speech: Speech) -> None:
        super().__init__(ledger)
        self.speech = speech

    def run(self, batch: Sequence[StepRun]) -> Iterator[tuple[StepRun, Produced]]:
        for run in batch:
            word = run.source.read_text(encoding="utf-8")
            assert run.ours
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
        roles = [part(number) for number in range(found["parts"])]
        return needs | {role: Request(HEAR, Params(), FileOf(Request(CUT, Params()), role)) for role in roles}

    def may_come(self, params: Params, info: MediaInfo, known: Known) -> tuple[MayCome, ...]:
        return (MayCome(CUT, 1, Estimate(cpu_seconds=1)), MayCome(HEAR, MOST_PARTS, Estimate(cpu_seconds=MOST_PARTS)))

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
        Measured(world.ledger, speech),
        Pauses(world.ledger),
        Cut(world.ledger, speech),
        Hear(world.ledger, speech),
        Transcript(world.ledger),
    ]
    by_kind: dict[str, Operation] = {operation.kind: operation for operation in operations}
    return replace(world.platform, registry=Registry(by_kind.__getitem__))
