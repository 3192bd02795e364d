"""Runs one light step of a job: what the function runStep does, and the embedded dispatcher."""

from __future__ import annotations

from contextlib import suppress

from dailies.domain.errors import Cancelled, DailiesError, LeaseLost, NotFound, PermanentError, TransientError
from dailies.domain.job.job import Job, JobState, job_of
from dailies.domain.stop import StopToken
from dailies.engine.advance import complete, give_turns
from dailies.engine.advance_queue import enqueue_advance
from dailies.engine.claimed import Claimed
from dailies.engine.plan_state import PlanState, plan_state_of
from dailies.engine.platform import Platform
from dailies.engine.scratch import single_scratch
from dailies.engine.step_events import steps_done
from dailies.engine.step_runner import StepRunner
from dailies.engine.step_tasks import enqueue_look, enqueue_step
from dailies.engine.stopping import stopped_with_job
from dailies.engine.store import leases
from dailies.engine.store.artifacts import Artifacts
from dailies.engine.store.events import Happening, log_events
from dailies.engine.store.jobs import fail_internally, fail_job, load_job
from dailies.engine.store.progress import ProgressBoard
from dailies.logs import Logger, bound
from dailies.planning.operation import Placement
from dailies.planning.plan import Step
from dailies.planning.retry import retry_of
from dailies.planning.waiting import Waiting

# What is left to wait when the clock of who holds a lease is a little ahead.
_LEAST_LOOK_SECONDS = 1.0

log = Logger(__name__)


def run_step(platform: Platform, job_id: str, step_id: str, stop: StopToken) -> None:
    """Run the step if it is ready and nobody has it, and have its job go on. Idempotent.

    A failure that may pass is tried again by a task of its own, after the pause that it asks for; one that does not
    ends the job, or the optional outputs that need the step. Raises TransientError only to have the task delivered
    again: the store is away, what the step rests on was lost (``step_not_ready``), or this process was asked to end
    (``stop``) and has given the step back.
    """
    try:
        job = load_job(platform, job_id)
    except NotFound:
        return
    if job.state is not JobState.PROCESSING:
        return
    with bound(job_id=job_id):
        _LightStep(platform, job, stop).run(step_id)


def wake(platform: Platform, uid: str, key: str) -> bool:
    """Have the step under ``key`` looked at now, as what it waits for may be there; whether it waits. Idempotent."""
    woken = leases.wake(platform, uid, key)
    if woken is None:
        return False
    run, step_id = woken
    try:
        job = load_job(platform, job_of(run))
    except NotFound:
        return False
    if job.state is not JobState.PROCESSING or job.run != run:
        return False
    enqueue_look(platform, job, step_id, 0.0)
    return True


class _LightStep:
    def __init__(self, platform: Platform, job: Job, stop: StopToken) -> None:
        self._platform = platform
        self._job = job
        self._stop = stop
        self._artifacts = Artifacts(platform.objects, job.uid)
        self._board = ProgressBoard(platform, job)
        self._done: list[Happening] = []

    def run(self, step_id: str) -> None:
        try:
            plan_state = self._look(around=step_id)
            light = [step for step in plan_state.ready if step.placement is Placement.LIGHT]
            step = next((each for each in light if each.id == step_id), None)
            if step is None:
                self._pass_on(step_id, plan_state)
            elif self._make(step, plan_state):
                self._go_on(step, plan_state)
        except Cancelled:
            log.info("cancelled")
            give_turns(self._platform)
        except PermanentError as error:
            self._fail(error)
        except DailiesError:
            raise
        except Exception as error:
            log.exception("internal error")
            fail_internally(self._platform, self._job.id, error)
            give_turns(self._platform)

    def _pass_on(self, step_id: str, plan_state: PlanState) -> None:
        """See to the job where the step is not ready: whoever has done it may have died before it could say so."""
        enqueue_advance(self._platform, self._job.id)
        if plan_state.may_need(step_id):
            # What it rests on was lost: its task, whose name can't be used again, is kept until that is there.
            raise TransientError("What the step rests on is being made again.", code="step_not_ready")

    def _look(self, before: PlanState | None = None, around: str | None = None) -> PlanState:
        platform, job = self._platform, self._job
        refused = leases.refused_in(platform, job)
        return plan_state_of(
            job, self._artifacts, platform.registry, platform.toolchain(), before, refused, around=around
        )

    def _make(self, step: Step, plan_state: PlanState) -> bool:
        """Whether there is anything new in the plan."""
        platform, key = self._platform, plan_state.keys[step.id]
        board = self._board
        board.know(plan_state.plan, plan_state.artifacts)
        with stopped_with_job(platform, self._job.id, self._stop), single_scratch(platform) as scratch:
            runner = StepRunner(
                platform, self._job, self._artifacts, self._stop, scratch, self._report, say=self._board.say
            )
            claimed: list[Claimed] = []
            try:
                claimed = runner.claim(plan_state, [step])
                if claimed:
                    runner.run(claimed, plan_state)
            except LeaseLost:
                return False
            except Waiting as waiting:
                log.info("a step waits", step=step.label, external_id=waiting.external_id, seconds=waiting.check_after)
                enqueue_step(platform, self._job, step.id, leases.record_for(platform, self._job, key))
                return False
            except TransientError as error:
                # Nothing of ours was counted where nothing is claimed: it is this task that has to come again.
                if not claimed or self._stop.reason == "interrupted" or not error.counts:
                    raise
                self._after(error, step, key)
                return False
        self._done = runner.done
        if claimed or step.id in runner.refused.records or self._artifacts.load(key) is not None:
            return True
        record = leases.record_for(platform, self._job, key)
        enqueue_look(platform, self._job, step.id, max(record.free_in if record else 0.0, _LEAST_LOOK_SECONDS))
        return False

    def _report(self, step_id: str, fraction: float) -> None:
        """Of the end, whoever looks at the whole plan then tells: see :meth:`_go_on`."""
        if fraction < 1.0:
            self._board.report(step_id, fraction)

    def _after(self, error: TransientError, step: Step, key: str) -> None:
        """Have the step tried again, or the job fail, which can't do without it: see Refusals."""
        record = leases.record_for(self._platform, self._job, key)
        failures = record.failures if record else 1
        if retry_of(step.operation).allows(failures, error):
            log.warning("a step is tried again", step=step.label, code=error.error_code, failures=failures)
            enqueue_step(self._platform, self._job, step.id, record)
        else:
            self._fail(error)

    def _fail(self, error: DailiesError) -> None:
        log.error("job failed", code=error.error_code, error=error.message)
        fail_job(self._platform, self._job.id, error)
        give_turns(self._platform)

    def _go_on(self, step: Step, before: PlanState) -> None:
        """Complete the job if this was its last step, and see to what can be done now that could not before."""
        self._artifacts.forget_missing()
        after = self._look(before, around=step.id)
        if after.complete:
            complete(self._platform, self._job, self._look(after), self._done)
            give_turns(self._platform)
            return
        if self._board.is_due():
            # Of a hundred that end within a second one looks at them all, and tells of them: they would wait for each
            # other's turn.
            after = self._look(after)
            self._board.know(after.plan, after.artifacts)
            self._board.report(step.id, 1.0)
            with suppress(TransientError):
                log_events(self._platform, self._job, steps_done(self._job, after, self._platform.now(), self._done))
        if {step.id for step in after.ready} - {step.id for step in before.ready} or after.plan != before.plan:
            enqueue_advance(self._platform, self._job.id)
