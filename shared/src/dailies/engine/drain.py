"""The worker's loop: claim a ready media step, run it, commit its artifact, until none is left."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from dailies.domain.errors import DailiesError, Killed, PermanentError, SourceChanged, TransientError
from dailies.domain.job import Job, JobState
from dailies.domain.quota import Work
from dailies.domain.stop import StopToken
from dailies.engine import leases
from dailies.engine.advance import complete, enqueue_advance, workers_for
from dailies.engine.artifacts import Artifacts
from dailies.engine.budget import within_budget, worker_cost_usd
from dailies.engine.jobs import load_job
from dailies.engine.leases import Lease
from dailies.engine.metering import metered
from dailies.engine.platform import Platform
from dailies.engine.progress import ProgressBoard
from dailies.engine.quota import hold_work
from dailies.engine.refusals import Refusals
from dailies.engine.scratch import disk_faults, own_scratch
from dailies.engine.stopping import stopped_with_job
from dailies.engine.survey import Survey, survey
from dailies.logs import Logger, bind, bound
from dailies.planning.estimates import cost_usd
from dailies.planning.operation import Artifact, Placement, Produced, StepRun
from dailies.planning.plan import Step

log = Logger(__name__)

# How long to look away while another worker holds the only ready steps. Longer each time, up to the interval of
# progress: in the cloud every look is paid for.
_WAIT_SECONDS = 0.2
_WAIT_GROWTH = 1.5
MAX_TRANSIENT_FAILURES = 3


@dataclass(slots=True)
class _Claimed:
    step: Step
    key: str
    lease: Lease
    sharers: int = 1
    """Steps that run at once, and share the time and what the worker costs."""
    begun: float = field(default_factory=time.monotonic)


class Drain:
    """One worker's work on one job. Use :func:`drain`."""

    def __init__(
        self, platform: Platform, job: Job, stop: StopToken, scratch: Path, give_way: Callable[[], bool]
    ) -> None:
        self._platform = platform
        self._job = job
        self._stop = stop
        self._give_way = give_way
        self._scratch = scratch
        self._artifacts = Artifacts(platform.objects, job.uid)
        self._board = ProgressBoard(platform, job)
        self._refused = Refusals(platform, job)
        self._counted = False
        self._workers_known = 1

    def run(self) -> bool:
        """Raises PermanentError when the job can't succeed, TransientError when another try may."""
        wait, ran = _WAIT_SECONDS, False
        standing: Survey | None = None
        while True:
            self._stop.check()
            self._job = load_job(self._platform, self._job.id)
            if self._job.state is not JobState.PROCESSING:
                return self._job.state.terminal
            if self._workers_known > 1:
                # The others make what was absent when this one looked.
                self._artifacts.look_again()
            standing = survey(
                self._job,
                self._artifacts,
                self._platform.registry,
                self._platform.toolchain(),
                standing,
                self._refused.records,
            )
            self._board.know(standing.plan, standing.artifacts)
            self._hold_quota(standing)
            if standing.complete:
                # Whoever made the last artifact ends the job: nobody's turn in a queue has to be waited for.
                return complete(self._platform, self._job, standing).state.terminal
            ready = [step for step in standing.in_order() if step.placement is Placement.MEDIA]
            if not ready or (ran and self._give_way()):
                return False
            self._call_others(standing)
            claimed = self._claim(standing, ready)
            if claimed:
                wait = _WAIT_SECONDS
                self._run_batch(claimed, standing)
                ran = True
            else:
                # Not the end: what the others make may be what a further step waits for.
                self._artifacts.look_again()
                self._stop.wait(wait)
                wait = min(wait * _WAIT_GROWTH, max(_WAIT_SECONDS, self._platform.settings.progress_interval_seconds))

    def _call_others(self, standing: Survey) -> None:
        """Have more workers started when there is more to share than before: a plan's breadth shows after the probe."""
        wanted = workers_for(self._platform, standing)
        if wanted > self._workers_known:
            self._workers_known = wanted
            enqueue_advance(self._platform, self._job.id)

    def _hold_quota(self, standing: Survey) -> None:
        """Once, as soon as the plan is known: only uploads hold any."""
        if standing.info is not None and not self._counted and self._job.source.kind == "object":
            missing = [step for step in standing.plan.steps if step.id not in standing.artifacts]
            cpu_seconds = sum(step.estimate.cpu_seconds for step in missing)
            work = Work(cpu_seconds, cost_usd(cpu_seconds))
            hold_work(self._platform, self._job, standing.info.duration_seconds or 0.0, work)
            self._counted = True

    def _claim(self, standing: Survey, ready: Sequence[Step]) -> list[_Claimed]:
        """The first step that is free, with all the others that can share its run."""
        claimed: list[_Claimed] = []
        fused: str | None = None
        for step in ready:
            if claimed and (step.fuse is None or step.fuse != fused):
                continue
            key = standing.keys[step.id]
            try:
                lease = leases.claim(self._platform, self._job, step.id, key)
            except PermanentError as error:
                self._refused.add(standing.plan, step, key, error)
                break
            if lease is None or self._was_done(key, lease):
                continue
            fused = step.fuse
            claimed.append(_Claimed(step, key, lease))
            # Its last chance it has alone: several at once take more memory.
            if fused is None or lease.attempts == leases.MAX_ATTEMPTS:
                break
        return claimed

    def _was_done(self, key: str, lease: Lease) -> bool:
        """Give the step back when another worker finished it between our look at the plan and our claim."""
        # Nobody had the first claim's step before.
        if lease.token == 1:
            return False
        self._artifacts.look_again()
        if self._artifacts.load(key) is None:
            return False
        leases.settle(self._platform, lease, "done")
        return True

    def _run_batch(self, claimed: list[_Claimed], standing: Survey) -> None:
        for one in claimed:
            one.sharers = len(claimed)
        beat = leases.heartbeat(self._platform, [one.lease for one in claimed], self._stop)
        # The probe tells what the rest will cost: only that can be held against a budget.
        known = standing.info is not None
        budget = within_budget(self._job, standing.artifacts.values(), self._stop) if known else nullcontext()
        with beat, budget:
            try:
                try:
                    self._run_steps(list(claimed), standing, claimed)
                except PermanentError as error:
                    if self._stop.is_set():
                        raise
                    if len(claimed) == 1:
                        self._spare(claimed[0], error, standing, claimed)
                    else:
                        log.warning("fused run failed, running each step alone", steps=len(claimed))
                        self._run_each_alone(claimed, standing)
            except TransientError as error:
                self._give_back(claimed, error)
                raise
            except DailiesError:
                self._give_back(claimed, None)
                raise

    def _run_each_alone(self, claimed: list[_Claimed], standing: Survey) -> None:
        """One output's fault must not be another's: commit those that succeed, then raise for the culprit."""
        failure: PermanentError | None = None
        for one in list(claimed):
            try:
                self._run_steps([one], standing, claimed)
            except PermanentError as error:
                self._stop.check()
                try:
                    self._spare(one, error, standing, claimed)
                except PermanentError as fatal:
                    failure = failure or fatal
        if failure is not None:
            raise failure

    def _spare(self, one: _Claimed, error: PermanentError, standing: Survey, claimed: list[_Claimed]) -> None:
        """Do without a step that this worker has; its lease goes with it."""
        self._refused.add(standing.plan, one.step, one.key, error, one.lease)
        claimed.remove(one)

    def _run_steps(self, batch: Sequence[_Claimed], standing: Survey, claimed: list[_Claimed]) -> None:
        """Run ``batch`` and take what it committed out of ``claimed``."""
        try:
            with disk_faults(self._scratch), bound(step=", ".join(one.step.label for one in batch)):
                self._run_and_commit(batch, standing, claimed)
        except (PermanentError, SourceChanged):
            if not self._stop.is_set():
                # A file that somebody is writing to looks damaged: then that is what to say, and no verdict on it.
                self._platform.sources.verify(self._job.source)
            raise

    def _run_and_commit(self, batch: Sequence[_Claimed], standing: Survey, claimed: list[_Claimed]) -> None:
        operation = batch[0].step.operation
        runs: dict[int, _Claimed] = {}
        scratches: list[Path] = []
        prepared: list[StepRun] = []
        for one in batch:
            scratch = self._scratch / one.step.id
            scratch.mkdir(parents=True, exist_ok=True)
            scratches.append(scratch)
            run = self._step_run(one, standing, scratch)
            prepared.append(run)
            runs[id(run)] = one
        try:
            source = self._platform.sources
            for run, produced in operation.run(prepared):
                one = runs[id(run)]
                # The bytes read must be those that the key names, or the artifact would lie for ever.
                source.verify(self._job.source)
                self._commit(one, produced)
                claimed.remove(one)
        finally:
            for scratch in scratches:
                shutil.rmtree(scratch, ignore_errors=True)

    def _step_run(self, one: _Claimed, standing: Survey, scratch: Path) -> StepRun:
        def read(artifact: Artifact, role: str) -> Path:
            return self._artifacts.read(artifact, role, scratch)

        def progress(fraction: float) -> None:
            self._board.report(one.step.id, fraction)

        return StepRun(
            params=one.step.params,
            source=self._platform.sources.open(self._job.source, self._scratch),
            inputs={role: standing.artifacts[step] for role, step in one.step.needs.items()},
            read=read,
            scratch=scratch,
            stop=self._stop,
            progress=progress,
        )

    def _commit(self, one: _Claimed, produced: Produced) -> None:
        if self._stop.reason == "lease_lost":
            raise self._stop.error()
        leases.check(self._platform, one.lease)
        seconds = (time.monotonic() - one.begun) / one.sharers
        cost = worker_cost_usd(seconds)
        self._artifacts.commit(one.key, one.step.kind, produced, seconds=seconds, run=self._job.run, cost_usd=cost)
        leases.settle(self._platform, one.lease, "done")
        self._board.report(one.step.id, 1.0)
        log.info("step done", step=one.step.label, kind=one.step.kind, seconds=round(seconds, 3), sharers=one.sharers)

    def _give_back(self, claimed: list[_Claimed], error: TransientError | None) -> None:
        how: leases.Ending = "failed" if error is not None and error.counts else "released"
        for one in claimed:
            leases.settle(self._platform, one.lease, "crashed" if isinstance(error, Killed) else how)


def drain(platform: Platform, job_id: str, stop: StopToken, give_way: Callable[[], bool] = lambda: False) -> bool:
    """Run the job's media steps until none is ready, sharing them with other workers by claiming.

    The one that finds it complete ends the job. Returns whether it has ended. ``give_way`` is asked after each run, at
    whose end another job may be worth more: True leaves the rest of this one to whoever is started for it next. The
    first failure of a kind that may pass is raised for the caller to retry. Raises DailiesError.
    """
    job = load_job(platform, job_id)
    bind(job_id=job_id)
    with stopped_with_job(platform, job_id, stop), own_scratch(platform) as scratch, metered(platform, job, stop):
        return Drain(platform, job, stop, scratch, give_way).run()


def may_retry(platform: Platform, job_id: str, error: TransientError) -> bool:
    """Whether the job should be tried again after ``error``, by the count of its steps' failures."""
    if error.ends_job:
        return False
    claimed = leases.claimed_in(platform, load_job(platform, job_id))
    return all(record.failures < MAX_TRANSIENT_FAILURES for record in claimed.values())
