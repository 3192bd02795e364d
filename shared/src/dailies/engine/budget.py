"""Keeps a job within its recipe's budget: what it has cost so far, and the end of a step that would run over it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from dailies.domain.job.job import Job, job_of
from dailies.domain.stop import StopToken
from dailies.engine.stopping import stopped_after
from dailies.planning.estimates import cost_usd
from dailies.planning.operation import Artifact


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
