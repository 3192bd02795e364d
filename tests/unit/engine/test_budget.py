"""A job's budget: what was spent, and the stop that a running step gets."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dailies.domain.errors import OverBudget
from dailies.domain.job.job import Job
from dailies.domain.stop import StopToken
from dailies.engine.budget import spent_usd, within_budget, worker_cost_usd
from dailies.planning.operation import Artifact

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def job(budget: float | None) -> Job:
    return Job.model_validate(
        {
            "id": "j",
            "uid": "u",
            "state": "processing",
            "recipe": {"outputs": {"a": {"kind": "audio", "format": "mp3"}}, "budget_usd": budget},
            "source": {"kind": "object", "name": "n", "generation": 1, "size": 1, "digest": "d"},
            "created": NOW,
            "updated": NOW,
            "deadline": NOW,
        }
    )


def made(run: str, cost_usd: float) -> Artifact:
    return Artifact("key", "digest", "audio", {}, {}, seconds=1.0, run=run, cost_usd=cost_usd)


def test_what_was_spent_is_the_sum_of_the_steps_that_the_job_ran() -> None:
    """In all of its runs; what was there already is free."""
    artifacts = [made("j.0", 0.001), made("j.1", 0.002), made("other.0", 5.0), made("", 5.0)]
    assert spent_usd(job(None), artifacts) == pytest.approx(0.003)
    assert worker_cost_usd(10) == pytest.approx(10 * worker_cost_usd(1))


def test_a_step_is_stopped_when_nothing_is_left() -> None:
    """As the steps before it have used all of it, at once."""
    stop = StopToken()
    with within_budget(job(0.01), [made("j.0", 0.011)], stop):
        assert stop.wait(10)
    with pytest.raises(OverBudget, match="budget_usd"):
        stop.check()
    assert stop.error().as_dict()["code"] == "over_budget"


@pytest.mark.parametrize("budget", [None, 1000.0])
def test_a_step_within_its_budget_is_left_alone(budget: float | None) -> None:
    stop = StopToken()
    with within_budget(job(budget), [made("j.0", 0.011)], stop):
        assert not stop.is_set()
    assert not stop.is_set()
