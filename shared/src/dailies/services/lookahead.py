"""The probe of a file of this machine while it is hashed: both read it, and neither waits for the other."""

from __future__ import annotations

import tempfile
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Self

from dailies.domain.errors import SourceChanged
from dailies.domain.job import Job, Source
from dailies.domain.stop import StopToken
from dailies.engine.artifacts import Artifacts
from dailies.engine.budget import worker_cost_usd
from dailies.engine.platform import Platform
from dailies.planning.operation import Artifact, Produced, StepRun
from dailies.planning.plan import PROBE, probe_plan, step_key

# How late a stop may be seen; the end of looking is seen at once.
_TICK_SECONDS = 0.1


def probe_key(platform: Platform, source: Source) -> str:
    """Where the probe of the source is, or will be."""
    step = probe_plan(platform.registry).steps[0]
    return step_key(step, source_digest=source.digest, toolchain=platform.toolchain(), inputs={})


def look(platform: Platform, file: Path, stop: StopToken) -> Produced:
    """Run the probe's step on ``file`` in this process, in a scratch folder of its own. Raises as the step does."""
    step = probe_plan(platform.registry).steps[0]
    platform.scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=platform.scratch, prefix=platform.owners.me() + "-") as folder:
        run = StepRun(
            params=step.params,
            source=file,
            inputs={},
            read=_nothing_to_read,
            scratch=Path(folder),
            stop=stop,
            progress=lambda _: None,
        )
        produced: Produced
        [(_, produced)] = list(step.operation.run([run]))
    return produced


class LookAhead:
    """Looks at a file from :meth:`begin` on; what is not finished when the context is left is stopped."""

    def __init__(self, platform: Platform, file: Path) -> None:
        self._platform = platform
        self._file = file
        self._stop = StopToken()
        self._pool = ThreadPoolExecutor(1)
        self._looking: Future[tuple[Produced, float]] | None = None

    def __enter__(self) -> Self:
        return self

    def begin(self) -> None:
        self._looking = self._pool.submit(self._look)

    def __exit__(self, *_: object) -> None:
        self._stop.set("interrupted")
        self._pool.shutdown()

    def hand_over(self, job: Job, stop: StopToken) -> None:
        """Commit what was seen as the probe of ``job``, whose source the file is. Raises the stop's error.

        Nothing where it did not begin, or failed, or the file is another by now: a worker meets the same, and puts
        the reason on the job.
        """
        if self._looking is None:
            return
        while not self._looking.done():
            stop.check()
            wait([self._looking], timeout=_TICK_SECONDS)
        if self._looking.exception() is not None:
            return
        produced, seconds = self._looking.result()
        try:
            self._platform.sources.verify(job.source)
        except SourceChanged:
            return
        key, cost = probe_key(self._platform, job.source), worker_cost_usd(seconds)
        artifacts = Artifacts(self._platform.objects, job.uid)
        artifacts.commit(key, PROBE, produced, seconds=seconds, run=job.run, cost_usd=cost)

    def _look(self) -> tuple[Produced, float]:
        started = time.monotonic()
        return look(self._platform, self._file.absolute(), self._stop), time.monotonic() - started


def _nothing_to_read(artifact: Artifact, role: str) -> Path:
    raise LookupError(f"the probe reads the source alone, not {role} of {artifact.kind}")
