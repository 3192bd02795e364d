"""Turns a job's events into deliveries: a reader of the log with a cursor of its own, which no event passes twice."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

from dailies.domain.errors import Conflict, DailiesError, NotFound
from dailies.domain.job.webhook import Delivery, delivery_of
from dailies.engine.platform import Platform
from dailies.engine.step_tasks import STEPS
from dailies.engine.store.events import events_of
from dailies.engine.store.jobs import load_job
from dailies.engine.store.webhooks import heard, late_deliveries, relay, unheard_jobs
from dailies.logs import Logger
from dailies.services.webhooks.endpoints import listening

# A task is late by some seconds of its own; and its name is not free again for a day.
_LATE = timedelta(minutes=5)
_NAMED_FOR_SECONDS = 3600
_MOST_AT_ONCE = 500

log = Logger(__name__)


def relay_events(platform: Platform, job_id: str) -> None:
    """Have everybody told who is to be told of what has happened to the job. Idempotent; raises TransientError."""
    try:
        job = load_job(platform, job_id)
    except NotFound:
        return
    endpoints = listening(platform, job)
    if not endpoints:
        return
    events = events_of(platform, job)
    now = platform.now()

    def make(after: int) -> Sequence[Delivery]:
        new = [event for event in events if event.sequence > after]
        return [delivery_of(event, each, now) for event in new for each in endpoints.values() if each.wants(event)]

    for delivery in relay(platform, job, make, len(events)):
        if delivery.state == "pending":
            enqueue_delivery(platform, delivery)


def enqueue_delivery(platform: Platform, delivery: Delivery) -> None:
    """Have the next try made when it is due. Idempotent."""
    wait = max(0.0, (delivery.next_at - platform.now()).total_seconds())
    hour = int(platform.now().timestamp() // _NAMED_FOR_SECONDS)
    with suppress(Conflict):
        name = f"{delivery.task}-{hour}"
        platform.tasks.enqueue(STEPS, {"delivery": delivery.id}, name=name, delay_seconds=wait)


def resume_relays(platform: Platform) -> None:
    """Relay the ends of jobs that nobody has relayed: who ended them was killed, or has no time. Idempotent."""
    for job_id in unheard_jobs(platform, _MOST_AT_ONCE):
        try:
            relay_events(platform, job_id)
        except DailiesError as error:
            # It holds up no other, and the next round tries it again.
            log.warning("events could not be relayed", job=job_id, code=error.error_code, error=error.message)
        else:
            heard(platform, job_id)


def resume_deliveries(platform: Platform) -> int:
    """Ask once more for tries whose task was lost; how many. Idempotent."""
    late = late_deliveries(platform, _LATE, _MOST_AT_ONCE)
    for delivery in late:
        enqueue_delivery(platform, delivery)
    return len(late)
