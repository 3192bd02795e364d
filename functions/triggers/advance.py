"""``advance``: Cloud Tasks says that a job, or a batch of them, may have something to do."""

from __future__ import annotations

from typing import Any

from firebase_functions import tasks_fn
from firebase_functions.https_fn import CallableRequest
from pydantic import Field

import boundary
import wiring
from dailies.services.queue_tasks import run_advance_task


class Advance(boundary.Call):
    # The queue's own spelling: the payload is written by the engine.
    job_id: boundary.JobId = Field(alias="job_id")


class Pump(boundary.Call):
    batch: boundary.JobId


@boundary.json_only
# Retries and rates are the queue's, which infra/terraform/modules/queue makes.
@tasks_fn.on_task_dispatched()
def advance(request: CallableRequest[Any]) -> None:
    def work() -> None:
        whole = isinstance(request.data, dict) and "batch" in request.data
        call = boundary.decode(Pump if whole else Advance, request.data)
        run_advance_task(wiring.platform(), call.model_dump())

    boundary.unless_permanent(work, task=request.data)
