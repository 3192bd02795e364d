"""Tasks that are asked for time and again, and are one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress

from dailies.domain.errors import Conflict
from dailies.engine.platform import Platform

# A task's name is not free again for a day. Should the task itself have been lost, another is made an hour later.
_NAMED_FOR_SECONDS = 3600


def enqueue_once(
    platform: Platform, queue: str, payload: Mapping[str, str], name: str, *, delay_seconds: float
) -> None:
    """Put the task on the queue that ``name`` tells from all others, unless it is or was there. Idempotent."""
    hour = math.floor(platform.now().timestamp() / _NAMED_FOR_SECONDS)
    with suppress(Conflict):
        platform.tasks.enqueue(queue, payload, name=f"{name}-{hour}", delay_seconds=delay_seconds)
