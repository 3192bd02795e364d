"""The probe of a file of this machine while it is hashed: both read it, and neither waits for the other."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from dailies.domain.errors import DailiesError, SourceChanged
from dailies.domain.job.job import Job
from dailies.domain.stop import StopToken
from dailies.engine.plan_state import source_state_of
from dailies.engine.platform import Platform
from dailies.engine.scratch import single_scratch
from dailies.engine.step_runner import StepRunner
from dailies.engine.store.artifacts import Artifacts
from dailies.planning.compiler import probe_plan
from dailies.planning.operation import Artifact, Produced, StepRun

# How late a stop may be seen; the end of looking is seen at once.
_TICK_SECONDS = 0.1


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

        Nothing where it did not begin, or the file is another by now. Where it failed, a worker meets the same and puts
        the reason on the job; if not, the step's result tells of this attempt.
        """
        if self._looking is None:
            return
        while not self._looking.done():
            stop.check()
            wait([self._looking], timeout=_TICK_SECONDS)
        artifacts = Artifacts(self._platform.objects, job.uid)
        plan_state = source_state_of(job, artifacts, self._platform.registry, self._platform.toolchain())
        runner = StepRunner(self._platform, job, artifacts, stop, self._platform.scratch)
        with suppress(SourceChanged):
            for one in runner.claim(plan_state, plan_state.ready):
                try:
                    produced, seconds = self._looking.result()
                except DailiesError as error:
                    runner.hand_back(one, error)
                else:
                    one.begun -= seconds
                    runner.hand_in(one, produced)

    def seen(self) -> Mapping[str, Any]:
        """What the probe says of the file; nothing while it looks, or where something is wrong."""
        if self._looking is None or not self._looking.done() or self._looking.exception() is not None:
            return {}
        return self._looking.result()[0].data

    def _look(self) -> tuple[Produced, float]:
        """Run the probe before there is a digest to name it by, so that nobody else could run it meanwhile."""
        started = time.monotonic()
        step = probe_plan(self._platform.registry).steps[0]
        with single_scratch(self._platform) as scratch:
            run = StepRun(
                params=step.params,
                source=self._file.absolute(),
                inputs={},
                read=_nothing_to_read,
                scratch=scratch,
                stop=self._stop,
                progress=lambda _: None,
            )
            produced: Produced
            [(_, produced)] = list(step.operation.run([run]))
        return produced, time.monotonic() - started


def _nothing_to_read(artifact: Artifact, role: str) -> Path:
    raise LookupError(f"the probe reads the source alone, not {role} of {artifact.kind}")
