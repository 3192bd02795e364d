"""``runStep``: Cloud Tasks says that a light step of a job is ready."""

from __future__ import annotations

from typing import Annotated, Any

from firebase_functions import tasks_fn
from firebase_functions.https_fn import CallableRequest
from pydantic import StringConstraints

import boundary
import ending
import wiring
from dailies.services.queue_tasks import run_step_task


class RunStep(boundary.Call):
    job: boundary.JobId
    step: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,60}(_[0-9a-f]{1,64})?$")]


@boundary.json_only
# As for advance, the queue has retries and rates.
@tasks_fn.on_task_dispatched()
def runStep(request: CallableRequest[Any]) -> None:  # noqa: N802 - the deployed name
    def work() -> None:
        call = boundary.decode(RunStep, request.data)
        with ending.stoppable() as stop:
            run_step_task(wiring.platform(), call.model_dump(), stop)

    boundary.unless_permanent(work, task=request.data)
