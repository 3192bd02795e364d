"""Asks for tries of what is sent to others, on a queue of its own: a slow receiver holds up no step of a job."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

from dailies.domain.errors import Conflict
from dailies.engine.platform import Platform

DELIVERIES = "deliveries"
# A task's name is not free again for a day. Should the task itself have been lost, the sweep asks once more.
_NAMED_FOR_SECONDS = 3600


def enqueue_try(platform: Platform, payload: Mapping[str, str], name: str, at: datetime) -> None:
    """Have the try that ``name`` tells from all others made at that time. Idempotent."""
    now = platform.now()
    hour = math.floor(now.timestamp() / _NAMED_FOR_SECONDS)
    wait = max(0.0, (at - now).total_seconds())
    with suppress(Conflict):
        platform.tasks.enqueue(DELIVERIES, payload, name=f"{name}-{hour}", delay_seconds=wait)
