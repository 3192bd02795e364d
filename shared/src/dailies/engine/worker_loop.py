"""The worker's loop: look at the plan, run a ready media step, until none is left."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from dailies.domain.errors import DailiesError, TransientError
from dailies.domain.job.job import Job, JobState
from dailies.domain.stop import StopToken
from dailies.engine.advance import complete, give_turns, workers_for
from dailies.engine.advance_queue import enqueue_advance
from dailies.engine.budget import hold_plan
from dailies.engine.fetch.fetch import fetch_source
from dailies.engine.plan_state import PlanState, plan_state_of
from dailies.engine.platform import Platform
from dailies.engine.scratch import own_scratch
from dailies.engine.step_runner import StepRunner
from dailies.engine.step_tasks import enqueue_ready
from dailies.engine.stopping import stopped_with_job
from dailies.engine.store import leases
from dailies.engine.store.artifacts import Artifacts
from dailies.engine.store.events import log_events
from dailies.engine.store.jobs import load_job
from dailies.engine.store.metering import metered
from dailies.engine.store.progress import ProgressBoard
from dailies.logs import bind
from dailies.planning.operation import Placement
from dailies.planning.plan import kind_of
from dailies.planning.retry import FETCH, FETCH_RETRY, retry_of

# How long to look away while another worker holds the only ready steps. Longer each time, up to the interval of
# progress: in the cloud every look is paid for.
_WAIT_SECONDS = 0.2
_WAIT_GROWTH = 1.5


class Drain:
    """One worker's work on one job. Use :func:`drain`."""

    def __init__(
        self, platform: Platform, job: Job, stop: StopToken, scratch: Path, give_way: Callable[[], bool]
    ) -> None:
        self._platform = platform
        self._job = job
        self._stop = stop
        self._give_way = give_way
        self._artifacts = Artifacts(platform.objects, job.uid)
        self._board = ProgressBoard(platform, job)
        self._runner = StepRunner(
            platform, job, self._artifacts, stop, scratch, self._board.report, say=self._board.say
        )
        self._counted = False
        self._light: set[str] = set()
        self._logged_at = time.monotonic()
        self._workers_known = 1

    def run(self) -> bool:
        """Raises PermanentError when the job can't succeed, TransientError when another try may."""
        wait, ran = _WAIT_SECONDS, False
        plan_state: PlanState | None = None
        while True:
            self._stop.check()
            self._job = load_job(self._platform, self._job.id)
            if self._job.state is not JobState.PROCESSING:
                return self._job.state.terminal
            if self._workers_known > 1:
                # The others make what was absent when this one looked.
                self._artifacts.forget_missing()
            plan_state = plan_state_of(
                self._job,
                self._artifacts,
                self._platform.registry,
                self._platform.toolchain(),
                plan_state,
                self._runner.refused.records,
            )
            self._board.know(plan_state.plan, plan_state.artifacts)
            self._hold_quota(plan_state)
            if plan_state.complete:
                # Whoever made the last artifact ends the job: nobody's turn in a queue has to be waited for.
                ended = complete(self._platform, self._job, plan_state, self._runner.done)
                self._runner.done.clear()
                give_turns(self._platform)
                return ended.state.terminal
            ready = [step for step in plan_state.in_order() if step.placement is Placement.MEDIA]
            self._call_functions(plan_state)
            if not ready or (ran and self._give_way()):
                return False
            self._call_others(plan_state)
            self._runner.job = self._job
            claimed = self._runner.claim(plan_state, ready)
            if claimed:
                wait = _WAIT_SECONDS
                self._runner.run(claimed, plan_state)
                self._log_steps()
                ran = True
            else:
                # Not the end: what the others make may be what a further step waits for.
                self._artifacts.forget_missing()
                self._stop.wait(wait)
                wait = min(wait * _WAIT_GROWTH, max(_WAIT_SECONDS, self._platform.settings.progress_interval_seconds))

    def leave(self) -> None:
        """Log what was done, whatever ends the work: the end of the job logs what can't be now."""
        with suppress(DailiesError):
            log_events(self._platform, self._job, self._runner.done)

    def _log_steps(self) -> None:
        """As often as a heartbeat: a document for itself and each step would double what a short job writes."""
        if time.monotonic() - self._logged_at >= self._platform.settings.heartbeat_seconds:
            self._logged_at = time.monotonic()
            with suppress(TransientError):
                log_events(self._platform, self._job, self._runner.done)
                self._runner.done.clear()

    def _call_others(self, plan_state: PlanState) -> None:
        """Have more workers started when there is more to share than before: a plan's breadth shows after the probe."""
        wanted = workers_for(self._platform, plan_state)
        if wanted > self._workers_known:
            self._workers_known = wanted
            enqueue_advance(self._platform, self._job.id)

    def _call_functions(self, plan_state: PlanState) -> None:
        """Have light steps run by whoever runs them, as soon as what they rest on is there."""
        light = {step.id for step in plan_state.ready if step.placement is Placement.LIGHT}
        if light - self._light:
            self._light |= light
            enqueue_ready(self._platform, self._job, plan_state)

    def _hold_quota(self, plan_state: PlanState) -> None:
        """Once, as soon as the plan is known: only what is served holds any."""
        if plan_state.info is not None and not self._counted and self._job.served:
            hold_plan(self._platform, self._job, plan_state)
            self._counted = True


def drain(platform: Platform, job_id: str, stop: StopToken, give_way: Callable[[], bool] = lambda: False) -> bool:
    """Fetch the job's source where it has yet to be, and run its media steps until none is ready.

    They are shared with other workers by claiming. The one that finds it complete ends the job. Returns whether it
    has ended. ``give_way`` is asked after each run, at whose end another job may be worth more: True leaves the rest
    of this one to whoever is started for it next. The first failure of a kind that may pass is raised for the caller
    to retry. Raises DailiesError.
    """
    job = load_job(platform, job_id)
    bind(job_id=job_id)
    with stopped_with_job(platform, job_id, stop), own_scratch(platform) as scratch, metered(platform, job, stop):
        if job.state is JobState.FETCHING:
            fetched = fetch_source(platform, job, stop, scratch)
            if fetched is None:
                return False
            job = fetched
        worker = Drain(platform, job, stop, scratch, give_way)
        try:
            return worker.run()
        finally:
            worker.leave()


def may_retry(platform: Platform, job_id: str, error: TransientError) -> bool:
    """Whether the job should be tried again after ``error``, by the count of its steps' failures."""
    if error.ends_job:
        return False
    claimed = leases.claimed_in(platform, load_job(platform, job_id))
    fetch = claimed.pop(FETCH, None)
    if fetch is not None and fetch.failures and not FETCH_RETRY.allows(fetch.failures, error):
        return False
    failed = [(platform.registry[kind_of(step_id)], held) for step_id, held in claimed.items() if held.failures]
    return all(
        retry_of(operation).allows(held.failures, error)
        for operation, held in failed
        if operation.placement is Placement.MEDIA
    )
