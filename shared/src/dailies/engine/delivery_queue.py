"""Asks for tries of what is sent to others, on a queue of its own: a slow receiver holds up no step of a job."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from dailies.engine.named_tasks import enqueue_once
from dailies.engine.platform import Platform

DELIVERIES = "deliveries"
#: A queue may be a moment early, and a task is late by some seconds of its own.
EARLY, LATE = timedelta(seconds=2), timedelta(minutes=5)
#: How many that are late are asked for again at one time.
MOST_LATE = 500


def enqueue_try(platform: Platform, payload: Mapping[str, str], name: str, at: datetime) -> None:
    """Have the try that ``name`` tells from all others made at that time. Idempotent."""
    wait = max(0.0, (at - platform.now()).total_seconds())
    enqueue_once(platform, DELIVERIES, payload, name, delay_seconds=wait)
