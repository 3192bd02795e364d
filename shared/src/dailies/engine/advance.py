"""Moves a job along its plan from the outside: completes it, or sees to it that somebody works on it."""

from __future__ import annotations

from collections.abc import Sequence

from dailies.domain.errors import Conflict, PermanentError, PlatformNotReady
from dailies.domain.job.job import Job, JobState
from dailies.domain.job.result import (
    Check,
    EstimateResult,
    FailedAttempt,
    FileResult,
    JobResult,
    LeftOut,
    OutputResult,
    StepResult,
    of_kind,
)
from dailies.domain.source.media_info import MediaInfo
from dailies.engine.advance_queue import enqueue_advance
from dailies.engine.budget import hold_plan, spent_usd
from dailies.engine.fetch.fetch import fetch_waits
from dailies.engine.hindrance import hindered, unhindered
from dailies.engine.plan_state import PlanState, plan_state_of
from dailies.engine.platform import Platform
from dailies.engine.step_events import steps_done
from dailies.engine.step_tasks import enqueue_ready
from dailies.engine.store import leases
from dailies.engine.store.artifacts import Artifacts
from dailies.engine.store.events import Happening
from dailies.engine.store.jobs import fail_job, load_job, move_job
from dailies.engine.store.turns import TELL_EVERY, await_turn, begin_next, may_be_told, tell_positions
from dailies.planning.estimates import usd_of
from dailies.planning.operation import MAIN_FILE, Artifact, JobChecks, Registry
from dailies.planning.plan import Step, most_of, reasons_of
from dailies.planning.retry import FETCH


def advance(platform: Platform, job_id: str) -> Job:
    """Do what can be done for the job now. Idempotent, and safe beside other calls for the same job.

    A permanent error is recorded on the job and not raised; a TransientError is raised for the queue to retry, also
    what the platform denies: the job is told of it, and fails with it at its deadline. What ends makes room for others.
    """
    job = load_job(platform, job_id)
    if job.state is JobState.QUEUED:
        job = _take_turn(platform, job)
    if job.state in (JobState.FETCHING, JobState.PROCESSING):
        job = _advance(platform, job)
    if job.state.terminal:
        give_turns(platform)
    return job


def give_turns(platform: Platform) -> None:
    """Let the jobs begin that there is room for, and tell the others their position. Idempotent."""
    if platform.settings.max_running_jobs is None:
        return
    for job_id in begin_next(platform):
        enqueue_advance(platform, job_id)
    tell_positions(platform)


def _take_turn(platform: Platform, job: Job) -> Job:
    try:
        job, others = await_turn(platform, job)
    except Conflict:
        # Somebody else ended the job between our read and our write; theirs stands.
        return load_job(platform, job.id)
    for job_id in others:
        enqueue_advance(platform, job_id)
    if job.state is JobState.QUEUED and may_be_told(tell_positions(platform), job.id):
        enqueue_advance(platform, job.id, delay_seconds=TELL_EVERY.total_seconds())
    return job


def _advance(platform: Platform, job: Job) -> Job:
    try:
        if job.state is JobState.FETCHING:
            if not fetch_waits(platform, job):
                platform.workers.start(job.id, tasks=1)
            unhindered(platform, job)
            return job
        refused = leases.refused_in(platform, job)
        artifacts = Artifacts(platform.objects, job.uid)
        plan_state = plan_state_of(job, artifacts, platform.registry, platform.toolchain(), refused=refused)
        if plan_state.complete:
            return complete(platform, job, plan_state)
        if any(step.estimate.external_usd for step in plan_state.ready):
            # Nobody has to be paid before it is known that the user may have it.
            hold_plan(platform, job, plan_state)
        enqueue_ready(platform, job, plan_state)
        if plan_state.shares:
            platform.workers.start(job.id, tasks=workers_for(platform, plan_state))
        unhindered(platform, job)
        return job
    except PlatformNotReady as error:
        hindered(platform, job.id, error)
        raise
    except Conflict:
        # As above.
        return load_job(platform, job.id)
    except PermanentError as error:
        return fail_job(platform, job.id, error)


def complete(platform: Platform, job: Job, plan_state: PlanState, told: Sequence[Happening] = ()) -> Job:
    """End a job whose outputs all exist. Idempotent; a job that has ended otherwise meanwhile stays as it is.

    ``told`` are the ends of steps that this process has not logged yet.
    """
    result = build_result(platform, job, plan_state)
    happened = steps_done(job, plan_state, platform.now(), told)
    try:
        return move_job(platform, job.id, JobState.COMPLETED, happened=happened, result=result.model_dump(mode="json"))
    except Conflict:
        return load_job(platform, job.id)


def workers_for(platform: Platform, plan_state: PlanState) -> int:
    """How many workers the job can use now, as far as the settings allow."""
    return max(1, min(plan_state.shares, platform.settings.workers or 1))


def build_result(platform: Platform, job: Job, plan_state: PlanState) -> JobResult:
    """The certificate of a job whose outputs all exist."""
    if plan_state.info is None:
        raise ValueError("not every output exists yet")
    plan, artifacts = plan_state.plan, plan_state.artifacts
    steps = [*_fetch_result(job), *(_step_result(job, step, artifacts[step.id]) for step in plan.steps)]
    estimate = most_of(plan.steps)
    return JobResult(
        job_id=job.id,
        status="completed",
        # Where a film was shot is in no document that others may come to see.
        source=plan_state.info.model_copy(update={"private_tags": {}}),
        outputs={
            name: _output(artifacts[step_id], job.recipe.outputs[name].kind) for name, step_id in plan.outputs.items()
        },
        left_out={name: LeftOut(**reason) for name, reason in reasons_of(plan.left_out).items()},
        steps=tuple(steps),
        estimate=EstimateResult(
            cpu_seconds=round(estimate.cpu_seconds, 2),
            cost_usd=round(usd_of(estimate), 6),
            external_usd=round(estimate.external_usd, 6),
        ),
        seconds=round((platform.now() - job.created).total_seconds(), 3),
        checks=(
            *_budget_check(job, spent_usd(job, artifacts.values())),
            *_checks_of_outputs(platform.registry, job, plan_state.info, sum(step.seconds for step in steps)),
        ),
    )


def _fetch_result(job: Job) -> list[StepResult]:
    if job.fetched is None:
        return []
    done = job.fetched
    failed = tuple(FailedAttempt.model_validate(each) for each in done.failed_attempts)
    return [
        StepResult(
            name=FETCH, kind=FETCH, status="done", seconds=done.seconds, attempts=done.attempts, failed_attempts=failed
        )
    ]


def _step_result(job: Job, step: Step, made: Artifact) -> StepResult:
    if made.run != job.run:
        return StepResult(name=step.label, kind=step.kind, status="cached", seconds=0.0, attempts=0)
    return StepResult(
        name=step.label,
        kind=step.kind,
        status="done",
        seconds=made.seconds,
        attempts=made.attempts.count,
        failed_attempts=tuple(FailedAttempt.model_validate(each) for each in made.attempts.failed),
        external_usd=made.external_usd,
    )


def _budget_check(job: Job, spent: float) -> tuple[Check, ...]:
    """What was ``spent``, USD, where the recipe bounds it."""
    if job.recipe.budget_usd is None:
        return ()
    return (
        Check(
            name="cost",
            expected=f"≤ ${job.recipe.budget_usd:.5f}",
            measured=f"${spent:.5f}",
            passed=spent <= job.recipe.budget_usd,
            # A step is stopped at the budget; what was begun before it and ended in time is not taken back.
            advisory=True,
        ),
    )


def _checks_of_outputs(registry: Registry, job: Job, info: MediaInfo, seconds: float) -> list[Check]:
    """What the outputs' kinds promise of the job as a whole, whose steps took so long: each promise once."""
    checks: dict[str, Check] = {}
    for output in job.recipe.outputs.values():
        deliverable, wish = registry.for_output(output)
        promised: JobChecks | None = getattr(deliverable, "job_checks", None)
        for check in () if promised is None else promised(wish, info, seconds):
            checks.setdefault(check.name, check)
    return list(checks.values())


def _output(artifact: Artifact, kind: str) -> OutputResult:
    main = artifact.files[MAIN_FILE]
    beside = [
        FileResult(name=role, path=None, media_type=file.media_type, bytes=file.size, sha256=file.sha256)
        for role, file in sorted(artifact.files.items())
        if role != MAIN_FILE
    ]
    return OutputResult.model_validate(
        {**of_kind(artifact.data, kind), "path": None, "bytes": main.size, "sha256": main.sha256, "files": beside}
    )
