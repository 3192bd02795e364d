"""A platform on real local adapters in a temporary folder, with operations that only count."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, NoReturn

import pytest

from dailies.adapters.local.documents.database import Database
from dailies.adapters.local.documents.documents import LocalDocuments
from dailies.adapters.local.objects.objects import LocalObjects
from dailies.adapters.local.sources import LocalSources
from dailies.adapters.local.tasks import LocalTasks
from dailies.domain.errors import DailiesError
from dailies.domain.job.job import Job
from dailies.domain.job.result import Facts, OutputResult
from dailies.domain.model import Model
from dailies.domain.recipe.fields import Output
from dailies.domain.recipe.recipe import Recipe
from dailies.domain.source.media_info import AudioStream, MediaInfo
from dailies.domain.stop import StopToken
from dailies.engine.advance import advance
from dailies.engine.platform import Platform
from dailies.engine.worker_loop import drain
from dailies.operations.deliverables.audio import AudioOutput
from dailies.operations.film.rendered import AudioResult
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
from dailies.services.jobs import create_job
from dailies.settings import Settings


@pytest.fixture(scope="module", autouse=True)
def _no_processes(request: pytest.FixtureRequest) -> Iterator[None]:
    """Unit tests start none, but for git, who knows what is committed."""
    with pytest.MonkeyPatch.context() as patch:
        if request.path.name != "test_house.py":
            patch.setattr(subprocess.Popen, "_execute_child", _refuse)
            patch.setattr(os, "fork", _refuse)
        yield


def _refuse(*_: object, **__: object) -> NoReturn:
    raise AssertionError("a unit test starts a process: it is an integration test")


UID = "user"
AUDIO = AudioStream(index=0, track=0, codec="aac", sample_rate_hz=48000, channels=2, layout="stereo")
INFO = MediaInfo(container="mp4", duration_seconds=10, duration_from="header", size_bytes=1, audio=(AUDIO,))


class Params(Model):
    name: str = ""
    folder: bool = False


@dataclass
class Ledger:
    """What the fake operations did, and what they are told to do."""

    ran: list[str] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)
    fail: dict[str, list[DailiesError]] = field(default_factory=dict)
    during: Callable[[str], None] = lambda name: None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, name: str) -> None:
        self.during(name)
        with self.lock:
            errors = self.fail.get(name)
            if errors:
                raise errors.pop(0)
            self.ran.append(name)


class FakeOperation:
    kind: ClassVar[str]
    version: ClassVar[str] = "1"
    placement: ClassVar[Placement] = Placement.MEDIA
    uses_ffmpeg: ClassVar[bool] = True

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def needs(self, params: Params, known: Known) -> Needs:
        return {}

    def estimate(self, params: Params, info: MediaInfo) -> Estimate:
        return Estimate(cpu_seconds=1)

    def fuse(self, params: Params) -> str | None:
        return None

    def run(self, batch: Sequence[StepRun]) -> Iterator[tuple[StepRun, Produced]]:
        for run in batch:
            self.ledger.run(self.kind)
            yield run, Produced(data=self.known())

    def known(self) -> dict[str, Any]:
        return {}


class FakeProbe(FakeOperation):
    kind: ClassVar[str] = "probe"

    def known(self) -> dict[str, Any]:
        return INFO.model_dump(mode="json")


class FakeMeasure(FakeOperation):
    kind: ClassVar[str] = "measure"


class FakeAudio(FakeOperation):
    kind: ClassVar[str] = "audio"
    output: ClassVar[type[Output]] = AudioOutput
    facts: ClassVar[type[Facts]] = AudioResult

    def request(self, field: str, output: AudioOutput, info: MediaInfo) -> Request:
        return Request("audio", Params(name=str(output.start), folder=output.format == "flac"))

    def file_name(self, name: str, output: Output) -> str:
        return f"{name}.mp3" if output.kind == "audio" and output.format != "flac" else f"{name}/main.flac"

    def needs(self, params: Params, known: Known) -> Needs:
        return {"measure": Request("measure", Params())}

    def fuse(self, params: Params) -> str | None:
        return "render"

    def run(self, batch: Sequence[StepRun]) -> Iterator[tuple[StepRun, Produced]]:
        self.ledger.batches.append(len(batch))
        for run in batch:
            self.ledger.run(run.params.name)
            run.progress(0.5)
            path = run.scratch / "made"
            path.write_bytes(run.params.name.encode())
            result = OutputResult(
                path=None, media_type="audio/mpeg", bytes=path.stat().st_size, sha256="0", duration_seconds=1,
                facts=AudioResult(audio=None, loudness=None, quality_score=None), checks=(),
            )  # fmt: skip
            files = {"file": (path, "audio/mpeg")}
            if run.params.folder:
                cover = run.scratch / "cover"
                cover.write_bytes(b"beside")
                files["cover.txt"] = (cover, "text/plain")
            yield run, Produced(data=result.model_dump(mode="json"), files=files)


class FakeWorkers:
    """Records the starts; a test drains by itself."""

    def __init__(self) -> None:
        self.started: list[str] = []
        self.given_up: list[tuple[str, str]] = []

    def start(self, job_id: str, tasks: int = 1) -> None:
        self.started.append(job_id)

    def cancel(self, job_id: str) -> None:
        return None

    def give_up(self, job_id: str, owner: str) -> None:
        self.given_up.append((job_id, owner))


class FakeOwners:
    """Owners are names; the dead ones are listed."""

    def __init__(self) -> None:
        self.name = "me-1-1-1"
        self.dead: set[str] = set()

    def me(self) -> str:
        return self.name

    def is_dead(self, owner: str) -> bool:
        return owner in self.dead


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self._goes_from: float | None = None

    def __call__(self) -> datetime:
        gone = 0.0 if self._goes_from is None else time.monotonic() - self._goes_from
        return self.now + timedelta(seconds=gone)

    def go(self) -> None:
        """Go from here on as the machine's does: for what really waits."""
        self._goes_from = self._goes_from or time.monotonic()

    def pass_by(self, **amount: float) -> None:
        self.now += timedelta(**amount)


@dataclass
class World:
    """The platform with its fakes at hand."""

    platform: Platform
    ledger: Ledger
    owners: FakeOwners
    workers: FakeWorkers
    clock: Clock
    sources: LocalSources
    source: Path
    database: Database

    def new_job(self, **starts: float) -> Job:
        outputs = {name: AudioOutput(format="mp3", start=start) for name, start in (starts or {"a": 1}).items()}
        recipe = Recipe(outputs=dict[str, Any](outputs))
        return create_job(self.platform, UID, self.sources.identify(self.source), recipe).job

    def finish(self, job: Job) -> Job:
        """Work on the job until it has ended."""
        advance(self.platform, job.id)
        drain(self.platform, job.id, StopToken())
        return advance(self.platform, job.id)

    def with_settings(self, **changes: Any) -> Platform:
        """The same platform under other settings."""
        return replace(self.platform, settings=self.platform.settings.model_copy(update=changes))


def lease_documents(world: World) -> list[dict[str, Any]]:
    return [snapshot.data for snapshot in world.platform.documents.query("leases")]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    database = Database(tmp_path / "home" / "db.sqlite3")
    clock, ledger, owners, workers = Clock(), Ledger(), FakeOwners(), FakeWorkers()
    documents = LocalDocuments(database)
    objects = LocalObjects(database, tmp_path / "home" / "objects", clock=clock)
    sources = LocalSources(documents, objects)
    operations: list[Operation] = [FakeProbe(ledger), FakeMeasure(ledger), FakeAudio(ledger)]
    registry = Registry({operation.kind: operation for operation in operations}.__getitem__)
    platform = Platform(
        settings=Settings(home=tmp_path / "home", progress_interval_seconds=0),
        documents=documents,
        objects=objects,
        tasks=LocalTasks(database),
        sources=sources,
        workers=workers,
        owners=owners,
        registry=registry,
        toolchain=lambda: "ffmpeg-test",
        scratch=tmp_path / "home" / "scratch",
        now=clock,
    )
    source = tmp_path / "talk.mp4"
    source.write_bytes(b"media")
    with closing(documents):
        yield World(platform, ledger, owners, workers, clock, sources, source, database)
