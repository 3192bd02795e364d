"""The state machine of a job."""

from __future__ import annotations

import itertools

import pytest

from dailies.domain.errors import Conflict
from dailies.domain.job.job import JobState, check_transition

ALLOWED = {
    ("awaiting_upload", "queued"), ("queued", "processing"), ("processing", "completed"),
    ("queued", "fetching"), ("fetching", "processing"),
    *itertools.product(("awaiting_upload", "queued", "fetching", "processing"), ("failed", "cancelled", "expired")),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after"), list(itertools.product(JobState, JobState)))
def test_only_the_drawn_transitions_exist(before: JobState, after: JobState) -> None:
    """A job moves along the arrows of the picture only; terminal states are never left."""
    if (before.value, after.value) in ALLOWED:
        check_transition("j", before, after)
    else:
        with pytest.raises(Conflict) as refused:
            check_transition("j", before, after)
        assert refused.value.error_code == "job_state"


def test_four_states_are_terminal() -> None:
    """Completed, failed, cancelled and expired end a job."""
    assert {state.value for state in JobState if state.terminal} == {
        "completed", "failed", "cancelled", "expired",
    }  # fmt: skip
