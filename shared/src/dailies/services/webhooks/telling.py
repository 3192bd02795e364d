"""Turns a job's events into deliveries to its user's endpoints, and has each tried when it is due."""

from __future__ import annotations

from dailies.domain.job.job import Job
from dailies.domain.job.webhook import Delivery, delivery_of
from dailies.engine.delivery_queue import LATE, MOST_LATE, enqueue_try
from dailies.engine.platform import Platform
from dailies.engine.store.events import events_of
from dailies.engine.store.readers import read_on
from dailies.engine.store.webhooks import delivery_writes, late_deliveries
from dailies.ports.documents import Writes
from dailies.services.webhooks.endpoints import listening

READER = "webhooks"


def tell_endpoints(platform: Platform, job: Job) -> bool:
    """Note and enqueue a delivery for each endpoint that wants an event; whether there is any endpoint.

    Idempotent; raises TransientError.
    """
    endpoints = listening(platform, job)
    if not endpoints:
        return False
    events = events_of(platform, job)
    now = platform.now()

    def make(after: int) -> tuple[list[Delivery], Writes]:
        new = [event for event in events if event.sequence > after]
        made = [delivery_of(event, each, now) for event in new for each in endpoints.values() if each.wants(event)]
        return made, delivery_writes(made)

    for delivery in read_on(platform, job, READER, len(events), make) or ():
        if delivery.state == "pending":
            enqueue_delivery(platform, delivery)
    return True


def enqueue_delivery(platform: Platform, delivery: Delivery) -> None:
    """Have the next try made when it is due. Idempotent."""
    enqueue_try(platform, {"delivery": delivery.id}, delivery.task, delivery.next_at)


def resume_deliveries(platform: Platform) -> int:
    """Ask once more for tries whose task was lost; how many. Idempotent."""
    late = late_deliveries(platform, LATE, MOST_LATE)
    for delivery in late:
        enqueue_delivery(platform, delivery)
    return len(late)
