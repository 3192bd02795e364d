"""A step kind that only waits and answers, as one does that asks somebody else, and workers that are threads."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from dailies.domain.job.job import Job
from dailies.domain.source.media_info import MediaInfo
from dailies.domain.stop import StopToken
from dailies.engine.platform import Platform
from dailies.operations.deliverables.audio import AudioOutput
from dailies.planning.operation import (
    Estimate,
    Known,
    Needs,
    Operation,
    Placement,
    Produced,
    Registry,
    Request,
    StepRun,
)
from dailies.planning.plan import PROBE, Step
from dailies.planning.retry import Retry
from dailies.worker import drain_and_hand_on
from tests.unit.conftest import FakeAudio, FakeMeasure, FakeOperation, FakeProbe, Ledger, Params, World

ASK = "ask"


@dataclass
class Service:
    """Whoever is asked. ``answer`` gets the question and may raise; it stops waiting when it is told to."""

    answer: Callable[[str, StopToken], None] = lambda _question, _stop: None
    told: list[tuple[str, str | None]] = field(default_factory=list)
    """The key and the external id of each run."""
    usd: float = 0.0
    """What it charges for an answer."""
    expected: Estimate = field(default_factory=lambda: Estimate(1.0))
    """What is thought that an answer takes."""
    answered: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    at_once: int = 0
    most_at_once: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, question: str, stop: StopToken) -> None:
        with self.lock:
            self.asked[question] += 1
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            self.answer(question, stop)
        finally:
            with self.lock:
                self.at_once -= 1
        with self.lock:
            self.answered[question] += 1


class Ask(FakeOperation):
    kind: ClassVar[str] = ASK
    placement: ClassVar[Placement] = Placement.LIGHT
    uses_ffmpeg: ClassVar[bool] = False

    def __init__(self, service: Service, retry: Retry, limit_seconds: float) -> None:
        super().__init__(Ledger())
        self.service = service
        self.retry = retry
        self.limit_seconds = limit_seconds

    def estimate(self, params: Any, info: MediaInfo) -> Estimate:
        return self.service.expected

    def run(self, batch: Sequence[StepRun]) -> Iterator[tuple[StepRun, Produced]]:
        for run in batch:
            assert not run.source.exists()
            self.service.told.append((run.key, run.external_id))
            self.service.ask(run.params.name, run.stop)
            yield run, Produced(data={"answer": run.params.name.upper()}, external_usd=self.service.usd)


class AudioOfAnswers(FakeAudio):
    """An output that needs ``count`` answers, and the measured source."""

    def __init__(self, ledger: Ledger, count: int) -> None:
        super().__init__(ledger)
        self.count = count

    def request(self, field: str, output: AudioOutput, info: MediaInfo) -> Request:
        return Request("audio", Params(name=str(output.start)))

    def needs(self, params: Params, known: Known) -> Needs:
        asks = {f"answer{n}": Request(ASK, Params(name=f"q{n}")) for n in range(self.count)}
        return {"measure": Request("measure", Params()), **asks}


def asking(
    world: World, service: Service, count: int = 1, *, retry: Retry | None = None, limit_seconds: float = 60.0
) -> Platform:
    """The world's platform with outputs that need ``count`` answers of the service."""
    operations: list[Operation] = [
        FakeProbe(world.ledger),
        FakeMeasure(world.ledger),
        AudioOfAnswers(world.ledger, count),
        Ask(service, retry or Retry(), limit_seconds),
    ]
    by_kind: dict[str, Operation] = {operation.kind: operation for operation in operations}
    return replace(world.platform, registry=Registry(by_kind.__getitem__))


def light_ids(steps: Sequence[Step]) -> list[str]:
    return [step.id for step in steps if step.placement is Placement.LIGHT and step.id != PROBE]


class DrainingWorkers:
    """Workers that are threads of this process."""

    def __init__(self) -> None:
        self.platform: Platform | None = None
        self.codes: list[int] = []
        self.threads: list[threading.Thread] = []
        self.stop = StopToken()

    def start(self, job_id: str, tasks: int = 1) -> None:
        if not self.running(job_id):
            thread = threading.Thread(target=self._work, args=(job_id,))
            self.threads.append(thread)
            thread.start()

    def _work(self, job_id: str) -> None:
        assert self.platform is not None
        self.codes.append(drain_and_hand_on(self.platform, job_id, self.stop))

    def running(self, job_id: str) -> bool:
        return any(thread.is_alive() for thread in self.threads)

    def ended(self, job_id: str) -> list[int]:
        return []

    def join(self) -> None:
        for thread in self.threads:
            thread.join(30)

    def cancel(self, job_id: str) -> None:
        return None

    def give_up(self, job_id: str, owner: str) -> None:
        return None


def failing(*errors: Exception) -> Callable[[str, StopToken], None]:
    """Raises each in turn, then answers."""
    left = list(errors)

    def answer(_question: str, _stop: StopToken) -> None:
        if left:
            raise left.pop(0)

    return answer


def result_of(job: Job) -> dict[str, Any]:
    assert job.result is not None, job.error
    return job.result
