"""Tasks of the queue ``steps``: one for each light step that is ready, however often it is asked for."""

from __future__ import annotations

from dailies.domain.job.job import Job
from dailies.engine.named_tasks import enqueue_once
from dailies.engine.plan_state import PlanState
from dailies.engine.platform import Platform
from dailies.engine.store import leases
from dailies.planning.operation import Placement

STEPS = "steps"


def enqueue_ready(platform: Platform, job: Job, plan_state: PlanState) -> None:
    """Have each ready light step run, unless somebody has it. Idempotent."""
    ready = [step for step in plan_state.ready if step.placement is Placement.LIGHT]
    if not ready:
        return
    claimed = leases.claimed_in(platform, job)
    for step in ready:
        record = claimed.get(step.id)
        # Who has it holds the task too: if it dies with its holder, it is delivered again.
        if record is None or not record.held:
            enqueue_step(platform, job, step.id, record)


def enqueue_step(platform: Platform, job: Job, step_id: str, record: leases.LeaseRecord | None) -> None:
    """Have the step run as soon as its lease is free. One task for each claim of it: see ``token``."""
    token, wait = (0, 0.0) if record is None else (record.token, record.free_in)
    name = f"{job.run.replace('.', '-')}-{step_id}-{token}"
    enqueue_once(platform, STEPS, _payload(job, step_id), name, delay_seconds=wait)


def enqueue_look(platform: Platform, job: Job, step_id: str, seconds: float) -> None:
    """Have somebody look at the step again in so many seconds, whatever becomes of it meanwhile."""
    platform.tasks.enqueue(STEPS, _payload(job, step_id), delay_seconds=seconds)


def _payload(job: Job, step_id: str) -> dict[str, str]:
    return {"job": job.id, "step": step_id}
