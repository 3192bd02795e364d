"""What the tasks of our queues ask for, whoever takes them: the functions, or a command beside the server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dailies.domain.job.batch_ids import batch_id_of
from dailies.domain.stop import StopToken
from dailies.engine.advance import advance
from dailies.engine.platform import Platform
from dailies.engine.run_step import run_step
from dailies.services.event_readers import relay_events


def run_advance_task(platform: Platform, payload: Mapping[str, Any]) -> None:
    """Of the queue ``advance``: a job, whose events are told and whose batch goes on, or a batch.

    Raises NotFound for a job whose record was collected, and as what it calls.
    """
    if "batch" in payload:
        _pump(platform, str(payload["batch"]))
        return
    job_id = str(payload["job_id"])
    job = advance(platform, job_id)
    relay_events(platform, job_id)
    batch_id = batch_id_of(job_id)
    if batch_id is not None and job.state.terminal:
        _pump(platform, batch_id)


def run_step_task(platform: Platform, payload: Mapping[str, Any], stop: StopToken) -> None:
    """Of the queue ``steps``: a light step of a job. Raises as what it calls."""
    job_id = str(payload["job"])
    run_step(platform, job_id, str(payload["step"]), stop)
    relay_events(platform, job_id)


def run_delivery_task(platform: Platform, payload: Mapping[str, Any], stop: StopToken) -> None:
    """Of the queue ``deliveries``: a webhook's try, or an e-mail. Raises as what it calls."""
    if "delivery" in payload:
        # Most processes send none, and every command imports this.
        from dailies.services.webhooks.deliver import deliver

        deliver(platform, str(payload["delivery"]), stop)
    else:
        # As above.
        from dailies.services.notifications.mailing import send_mail

        send_mail(platform, str(payload["mail"]))


def _pump(platform: Platform, batch_id: str) -> None:
    # As above.
    from dailies.services.batches.pump import pump_batch

    pump_batch(platform, batch_id)
