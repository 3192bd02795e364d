"""``advance``: Cloud Tasks says that a job may have something to do."""

from __future__ import annotations

from typing import Any

from firebase_functions import options, tasks_fn
from firebase_functions.https_fn import CallableRequest
from pydantic import Field

import boundary
import wiring
from dailies.engine.advance import advance as advance_job


class Advance(boundary.Call):
    # The queue's own spelling: the payload is written by the engine.
    job_id: boundary.JobId = Field(alias="job_id")


@boundary.json_only
@tasks_fn.on_task_dispatched(
    retry_config=options.RetryConfig(max_attempts=10, min_backoff_seconds=1, max_backoff_seconds=300),
    rate_limits=options.RateLimits(max_concurrent_dispatches=100),
)
def advance(request: CallableRequest[Any]) -> None:
    def work() -> None:
        advance_job(wiring.platform(), boundary.decode(Advance, request.data).job_id)

    boundary.unless_permanent(work, task=request.data)
