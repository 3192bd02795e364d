"""``deliver``: Cloud Tasks says that a webhook or an e-mail is to be tried."""

from __future__ import annotations

from typing import Annotated, Any

from firebase_functions import tasks_fn
from firebase_functions.https_fn import CallableRequest
from pydantic import StringConstraints

import boundary
import ending
import wiring
from dailies.services.queue_tasks import run_delivery_task


class Deliver(boundary.Call):
    delivery: Annotated[str, StringConstraints(pattern=r"^msg_[0-9a-f]{32}$")]


class SendMail(boundary.Call):
    mail: Annotated[str, StringConstraints(pattern=r"^eml_[0-9a-f]{32}$")]


@boundary.json_only
# As for advance, the queue has retries and rates.
@tasks_fn.on_task_dispatched()
def deliver(request: CallableRequest[Any]) -> None:
    def work() -> None:
        is_mail = isinstance(request.data, dict) and "mail" in request.data
        call = boundary.decode(SendMail if is_mail else Deliver, request.data)
        with ending.stoppable() as stop:
            run_delivery_task(wiring.platform(), call.model_dump(), stop)

    boundary.unless_permanent(work, task=request.data)
