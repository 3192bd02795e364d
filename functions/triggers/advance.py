"""``advance``: Cloud Tasks says that a job may have something to do."""

from __future__ import annotations

from typing import Any

from firebase_functions import tasks_fn
from firebase_functions.https_fn import CallableRequest
from pydantic import Field

import boundary
import wiring
from dailies.engine.advance import advance as advance_job
from dailies.services.webhooks.relay import relay_events


class Advance(boundary.Call):
    # The queue's own spelling: the payload is written by the engine.
    job_id: boundary.JobId = Field(alias="job_id")


@boundary.json_only
# Retries and rates are the queue's, which infra/terraform/modules/queue makes.
@tasks_fn.on_task_dispatched()
def advance(request: CallableRequest[Any]) -> None:
    def work() -> None:
        job_id = boundary.decode(Advance, request.data).job_id
        advance_job(wiring.platform(), job_id)
        relay_events(wiring.platform(), job_id)

    boundary.unless_permanent(work, task=request.data)
