"""What happened to a job, in the order in which it happened: each change of its state and the end of each step."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from dailies.domain.model import Model


class Event(Model):
    """``sequence`` counts a job's events from 1, without a gap: a reader that keeps the last one it has read misses
    none. ``event_id`` is the same whenever the event is read.
    """

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    event_id: str
    job_id: str
    user_id: str
    sequence: int = Field(ge=1)
    timestamp: datetime
    event_type: str = Field(description="job.created, job.<state>, or step.done")
    data: Mapping[str, Any]
