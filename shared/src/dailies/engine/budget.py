"""Keeps a job within its recipe's budget and its user's quota: what it has cost, what it holds, what it may still ask.

A worker's time is stopped when it is used up. What others charge can't be: it is bounded before they are asked.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from dailies.domain.errors import OverBudget, QuotaExceeded
from dailies.domain.job.job import Job, job_of
from dailies.domain.job.quota import Work
from dailies.domain.stop import StopToken
from dailies.engine.plan_state import PlanState, plan_state_of
from dailies.engine.platform import Platform
from dailies.engine.stopping import stopped_after
from dailies.engine.store import leases
from dailies.engine.store.artifacts import Artifacts
from dailies.engine.store.quota import hold_work, spent_by
from dailies.planning.estimates import cost_usd, usd_of
from dailies.planning.operation import Artifact
from dailies.planning.plan import Step, most_of

# Sums of dollars that are the same but for their rounding.
_SAME_USD = 1e-9


def spent_usd(job: Job, artifacts: Iterable[Artifact]) -> float:
    """What those of the artifacts have cost that the job made, on whichever worker each ran."""
    return sum(made.cost_usd for made in artifacts if job_of(made.run) == job.id)


def worker_cost_usd(seconds: float) -> float:
    """What ``seconds`` of this worker cost: an instance is paid for with all of its processors, used or not."""
    return cost_usd(seconds * (os.cpu_count() or 1))


@contextmanager
def within_budget(job: Job, artifacts: Iterable[Artifact], stop: StopToken) -> Iterator[None]:
    """Set ``stop`` to ``over_budget`` when the work inside uses up what is left; nothing without a budget.

    ``artifacts`` are those of the job's plan that exist.
    """
    if job.recipe.budget_usd is None:
        yield
        return
    left = (job.recipe.budget_usd - spent_usd(job, artifacts)) / worker_cost_usd(1.0)
    with stopped_after(left, stop, "over_budget"):
        yield


def hold_plan(platform: Platform, job: Job, plan_state: PlanState) -> None:
    """Hold what the plan is still to take against the quota of the job's user. Idempotent.

    Before anything is made of a source, whoever finds it probed. Nothing for a command's own. Raises QuotaExceeded.
    """
    if plan_state.info is None or not job.served:
        return
    most = most_of([step for step in plan_state.plan.steps if step.id not in plan_state.artifacts])
    work = Work(most.cpu_seconds, usd_of(most))
    hold_work(platform, job, plan_state.info.duration_seconds or 0.0, work)


def check_external(platform: Platform, job: Job, artifacts: Artifacts, plan_state: PlanState, step: Step) -> None:
    """Refuse to ask others who would charge more for the step than is left of the budget, or of what one job may cost.

    What those steps are estimated to be charged for that are under way beside it counts as spent. ``plan_state`` may
    be a part. Raises OverBudget, QuotaExceeded ``job_ceiling``.
    """
    asked = step.estimate.external_usd
    if not asked:
        return
    if job.recipe.budget_usd is not None:
        artifacts.forget_missing()
        whole = plan_state_of(job, artifacts, platform.registry, platform.toolchain(), plan_state)
        under_way = {one for one, record in leases.claimed_in(platform, job).items() if record.held} - {step.id}
        beside = sum(each.estimate.external_usd for each in whole.plan.steps if each.id in under_way)
        left = job.recipe.budget_usd - spent_usd(job, whole.artifacts.values()) - beside
        if asked > left + _SAME_USD:
            raise OverBudget(
                f"{step.label} would be charged ${asked:.5f}, and ${max(0.0, left):.5f} are left of budget_usd"
                ": raise it or ask for less.",
                field="budget_usd",
                estimate_usd=round(asked, 6),
            )
    limit = platform.settings.job_max_usd
    if job.served and (spent := spent_by(platform, job)) + asked > limit + _SAME_USD:
        raise QuotaExceeded(
            f"{step.label} would be charged ${asked:.5f}, the job has cost ${spent:.5f}, and one may cost ${limit:g}"
            " here (DAILIES_JOB_MAX_USD): ask for less.",
            code="job_ceiling",
            limit=limit,
            estimate=round(spent + asked, 6),
        )
