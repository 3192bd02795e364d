"""Claims steps, runs them and commits what they make: one way, whichever sort of step and whoever runs it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from dailies.domain.errors import DailiesError, Killed, PermanentError, SourceChanged, TransientError
from dailies.domain.job.job import Job
from dailies.domain.stop import StopToken
from dailies.engine.budget import check_external, within_budget, worker_cost_usd
from dailies.engine.claimed import Claimed
from dailies.engine.plan_state import PlanState
from dailies.engine.platform import Platform
from dailies.engine.refusals import Refusals
from dailies.engine.scratch import disk_faults
from dailies.engine.step_events import step_done
from dailies.engine.stopping import stopped_after
from dailies.engine.store import leases
from dailies.engine.store.artifacts import Artifacts, Making
from dailies.engine.store.events import Happening
from dailies.engine.store.heartbeat import heartbeat
from dailies.engine.store.leases import Lease
from dailies.engine.store.metering import charge_external
from dailies.logs import Logger, bound
from dailies.planning.operation import Artifact, Placement, Produced, StepRun
from dailies.planning.plan import Step
from dailies.planning.retry import limit_seconds_of, retry_of
from dailies.planning.waiting import Waiting

log = Logger(__name__)


class StepRunner:
    """Runs steps of one job in this process, below the folder ``scratch``.

    Each is claimed, its lease is renewed while it runs, its artifact is committed if the lease is still ours, and what
    was claimed and not committed is given back, however the run ends. ``report`` takes a step's id and what of it is
    done, 0–1; ``say`` what it says meanwhile.
    """

    def __init__(
        self,
        platform: Platform,
        job: Job,
        artifacts: Artifacts,
        stop: StopToken,
        scratch: Path,
        report: Callable[[str, float], None] = lambda _step, _fraction: None,
        *,
        say: Callable[[str], None] = lambda _text: None,
    ) -> None:
        self._platform = platform
        self.job = job
        """As it was read last, by whoever looks at the plan."""
        self._artifacts = artifacts
        self._stop = stop
        self._scratch = scratch
        self._report, self._say = report, say
        self.refused = Refusals(platform, job)
        self.done: list[Happening] = []
        """The ends of steps that nobody has logged yet."""

    def claim(self, plan_state: PlanState, ready: Sequence[Step]) -> list[Claimed]:
        """Take the first step that is free, with all the others that can share its run; none where others have them.

        Raises PermanentError for one that has failed for good in this run, where the job can't do without it.
        """
        claimed: list[Claimed] = []
        fused: str | None = None
        for step in ready:
            if claimed and (step.fuse is None or step.fuse != fused):
                continue
            key = plan_state.keys[step.id]
            try:
                lease = leases.claim(self._platform, self.job, step.id, key)
            except PermanentError as error:
                self.refused.add(plan_state.plan, step, key, error)
                break
            if lease is None or self._was_done(key, lease):
                continue
            # Its last chance it has alone: several at once take more memory, and one may be the others' fault.
            last_chance = lease.last_chance(retry_of(step.operation).attempts)
            if claimed and last_chance:
                leases.settle(self._platform, lease, "released")
                continue
            fused = step.fuse
            claimed.append(Claimed(step, key, lease))
            if fused is None or last_chance:
                break
        return claimed

    def run(self, claimed: list[Claimed], plan_state: PlanState) -> None:
        """Run what was claimed together and commit it. Raises DailiesError, or Waiting, once the rest is given back.

        A step that fails for good, or too often, is left out where the job can do without it: see :class:`Refusals`.
        """
        for one in claimed:
            one.sharers = len(claimed)
        beat = heartbeat(self._platform, [one.lease for one in claimed], self._stop)
        with beat, self._within_limits(claimed[0].step, plan_state):
            try:
                for one in claimed:
                    check_external(self._platform, self.job, self._artifacts, plan_state, one.step)
                self._run_together(claimed, plan_state)
            except TransientError as error:
                self._give_back(claimed, error)
                if len(claimed) != 1:
                    raise
                self.refused.exhausted(plan_state.plan, claimed[0].step, claimed[0].key, claimed[0].lease, error)
            except Waiting as waiting:
                for one in claimed:
                    leases.settle(self._platform, one.lease, "released", waiting=waiting)
                raise
            except DailiesError:
                self._give_back(claimed, None)
                raise

    def _run_together(self, claimed: list[Claimed], plan_state: PlanState) -> None:
        """In one run; each in its own if that fails for good, as one output's fault must not be another's."""
        try:
            self._run_steps(list(claimed), plan_state, claimed)
        except PermanentError as error:
            if self._stop.is_set():
                raise
            if len(claimed) == 1:
                self._spare(claimed[0], error, plan_state, claimed)
                return
            log.warning("fused run failed, running each step alone", steps=len(claimed))
            for one in claimed:
                one.failed_together.append(error)
            self._run_each_alone(claimed, plan_state)

    def hand_back(self, one: Claimed, error: DailiesError) -> None:
        """Give back a claimed step that ``error`` was met at before it could be claimed: the next attempt is told."""
        leases.settle(self._platform, one.lease, "failed", error=error)

    def hand_in(self, one: Claimed, produced: Produced) -> None:
        """Commit for a claimed step what was made before it could be claimed. Raises SourceChanged, LeaseLost."""
        try:
            self._platform.sources.verify(self.job.source)
            self._commit(one, produced)
        except DailiesError as error:
            self._give_back([one], error if isinstance(error, TransientError) else None)
            raise

    @contextmanager
    def _within_limits(self, step: Step, plan_state: PlanState) -> Iterator[None]:
        """Stop what runs at the end of its time, or of the job's budget."""
        with ExitStack() as limits:
            # The probe tells what the rest will cost: only that can be held against a budget, and only a worker's time.
            if plan_state.info is not None and step.placement is Placement.MEDIA:
                limits.enter_context(within_budget(self.job, plan_state.artifacts.values(), self._stop))
            seconds = limit_seconds_of(step.operation)
            if seconds is not None:
                limits.enter_context(stopped_after(seconds, self._stop))
            yield

    def _was_done(self, key: str, lease: Lease) -> bool:
        """Give the step back when another worker finished it between our look at the plan and our claim."""
        # Nobody had the first claim's step before.
        if lease.token == 1:
            return False
        self._artifacts.forget_missing()
        if self._artifacts.load(key) is None:
            return False
        leases.settle(self._platform, lease, "done")
        return True

    def _run_each_alone(self, claimed: list[Claimed], plan_state: PlanState) -> None:
        """One output's fault must not be another's: commit those that succeed, then raise for the culprit."""
        failure: PermanentError | None = None
        for one in list(claimed):
            try:
                self._run_steps([one], plan_state, claimed)
            except PermanentError as error:
                self._stop.check()
                try:
                    self._spare(one, error, plan_state, claimed)
                except PermanentError as fatal:
                    failure = failure or fatal
        if failure is not None:
            raise failure

    def _spare(self, one: Claimed, error: PermanentError, plan_state: PlanState, claimed: list[Claimed]) -> None:
        """Do without a step that this worker has; its lease goes with it."""
        self.refused.add(plan_state.plan, one.step, one.key, error, one.lease)
        claimed.remove(one)

    def _run_steps(self, batch: Sequence[Claimed], plan_state: PlanState, claimed: list[Claimed]) -> None:
        """Run ``batch`` and take what it committed out of ``claimed``."""
        try:
            with disk_faults(self._scratch), bound(step=", ".join(one.step.label for one in batch)):
                self._run_and_commit(batch, plan_state, claimed)
        except (PermanentError, SourceChanged) as error:
            if isinstance(error, SourceChanged):
                # A job that was cancelled takes its upload along.
                self._stop.check()
            if not self._stop.is_set() and batch[0].step.reads_job_source:
                # A file that somebody is writing to looks damaged: then that is what to say, and no verdict on it.
                self._platform.sources.verify(self.job.source)
            raise
        except Waiting as waiting:
            for one in batch:
                self._check_wait(one, waiting)
            raise

    def _check_wait(self, one: Claimed, waiting: Waiting) -> None:
        """Raise PermanentError ``wait_timeout`` for a step that has waited as long as it may."""
        ends = one.lease.wait_ends
        if ends is not None and one.lease.external_id == waiting.external_id and self._platform.now() >= ends:
            raise PermanentError(
                f"{one.step.label} has waited {waiting.deadline:g} s for {waiting.external_id}, which is not done: see"
                " there what became of it, or try again.",
                code="wait_timeout",
                external_id=waiting.external_id,
            ) from waiting

    def _run_and_commit(self, batch: Sequence[Claimed], plan_state: PlanState, claimed: list[Claimed]) -> None:
        operation = batch[0].step.operation
        runs: dict[int, Claimed] = {}
        scratches: list[Path] = []
        prepared: list[StepRun] = []
        for one in batch:
            scratch = self._scratch / one.step.id
            scratch.mkdir(parents=True, exist_ok=True)
            scratches.append(scratch)
            run = self._step_run(one, plan_state, scratch)
            prepared.append(run)
            runs[id(run)] = one
        try:
            for run, produced in operation.run(prepared):
                one = runs[id(run)]
                charge_external(self._platform, self.job, produced.external_usd)
                if one.step.reads_job_source:
                    # The bytes read must be those that the key names, or the artifact would lie for ever.
                    self._platform.sources.verify(self.job.source)
                self._commit(one, produced)
                claimed.remove(one)
        finally:
            for scratch in scratches:
                shutil.rmtree(scratch, ignore_errors=True)

    def _step_run(self, one: Claimed, plan_state: PlanState, scratch: Path) -> StepRun:
        def read(artifact: Artifact, role: str) -> Path:
            return self._artifacts.read(artifact, role, scratch)

        def progress(fraction: float) -> None:
            self._report(one.step.id, fraction)

        return StepRun(
            params=one.step.params,
            source=self._source(one.step, plan_state, scratch),
            inputs={role: plan_state.artifacts[step] for role, step in one.step.needs.items()},
            read=read,
            scratch=scratch,
            stop=self._stop,
            progress=progress,
            say=self._say,
            before=lambda: [plan_state.artifacts[each] for each in plan_state.plan.rested_on(one.step.id)],
            key=one.key,
            external_id=one.lease.external_id,
            ours=one.step.source is not None,
        )

    def _source(self, step: Step, plan_state: PlanState, scratch: Path) -> Path:
        """Only who reads the job's source has it opened, which may be a download."""
        if step.source is not None:
            return self._artifacts.read(plan_state.artifacts[step.source.step_id], step.source.role, scratch)
        if step.reads_job_source:
            return self._platform.sources.open(self.job.source, self._scratch)
        return scratch / "no-source"

    def _commit(self, one: Claimed, produced: Produced) -> None:
        if self._stop.reason == "lease_lost":
            raise self._stop.error()
        leases.check(self._platform, one.lease)
        seconds = (time.monotonic() - one.begun) / one.sharers
        # What a light one costs is not its machine: that waits, with many others.
        cost = worker_cost_usd(seconds) if one.step.placement is Placement.MEDIA else 0.0
        external = produced.external_usd
        made = Making(seconds, self.job.run, cost + external, one.attempts(), external)
        artifact = self._artifacts.commit(one.key, one.step.kind, produced, made)
        self.done.append(step_done(one.step, artifact, self._platform.now()))
        leases.settle(self._platform, one.lease, "done")
        self._report(one.step.id, 1.0)
        log.info("step done", step=one.step.label, kind=one.step.kind, seconds=round(seconds, 3), sharers=one.sharers)

    def _give_back(self, claimed: list[Claimed], error: TransientError | None) -> None:
        how: leases.Ending = "failed" if error is not None and error.counts else "released"
        for one in claimed:
            pause = 0.0
            if error is not None and how == "failed":
                pause = retry_of(one.step.operation).pause_seconds(one.lease.failures + 1, error)
            ending: leases.Ending = "crashed" if isinstance(error, Killed) else how
            met = error if ending != "released" else None
            leases.settle(self._platform, one.lease, ending, pause_seconds=pause, error=met)
