"""Where a user's programs are told of events, what they are sent, and when it is tried again. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import ConfigDict, Field

from dailies.domain.job.events import Event
from dailies.domain.job.job import JobState
from dailies.domain.model import Model, digest_of

STEP_DONE = "step.done"
JOB_EVENTS = ("job.created", *(f"job.{state.value}" for state in JobState))
EVENT_TYPES = (*JOB_EVENTS, STEP_DONE)
#: Standard Webhooks 1.0.0, "retry schedule": after the n-th failure, in seconds.
SCHEDULE_SECONDS = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
#: A receiver that is slower has failed.
ANSWER_SECONDS = 15.0
#: The longest that a receiver may have us wait by Retry-After.
MAX_WAIT_SECONDS = 86_400
_SPREAD = 0.1

DeliveryState = Literal["pending", "delivered", "given_up"]


class SigningSecret(Model):
    """``until`` is set once it was replaced: both are signed with for a while."""

    value: str = Field(repr=False)
    until: datetime | None = None


class Endpoint(Model):
    """An address of a user's that events are sent to."""

    # Records of newer versions have more fields.
    model_config = ConfigDict(extra="ignore")

    id: str
    url: str = Field(repr=False, description="its query may hold a secret")
    events: tuple[str, ...]
    secrets: tuple[SigningSecret, ...]
    created: datetime
    disabled: str | None = Field(None, description="why nothing is sent to it any more")

    def wants(self, event: Event) -> bool:
        """Whether it is to be told of the event: one that was registered later isn't."""
        return event.event_type in self.events and event.timestamp >= self.created

    def secrets_at(self, now: datetime) -> list[str]:
        return [secret.value for secret in self.secrets if secret.until is None or now < secret.until]


class Attempt(Model):
    """One try: the status that was answered, or the code of what kept it from being answered."""

    at: datetime
    status: int | None
    code: str | None
    seconds: float


class Delivery(Model):
    """One event for one endpoint. ``id`` is the message's own, whenever it is sent."""

    model_config = ConfigDict(extra="ignore")

    id: str
    uid: str
    endpoint: str
    job_id: str
    event_type: str
    sequence: int
    body: str
    created: datetime
    state: DeliveryState = "pending"
    reason: str | None = Field(None, description="why it was given up")
    attempts: tuple[Attempt, ...] = ()
    round: int = Field(0, description="how often it was asked for anew")
    earlier: int = Field(0, description="attempts of the rounds before")
    next_at: datetime

    @property
    def failures(self) -> int:
        """Of this round."""
        return len(self.attempts) - self.earlier

    @property
    def task(self) -> str:
        """Names the next try, so that it is made once."""
        return f"{self.id}-{self.round}-{len(self.attempts)}"


def delivery_of(event: Event, endpoint: Endpoint, now: datetime) -> Delivery:
    """Given up from the start while the endpoint is disabled: it is shown, and can be replayed."""
    off = endpoint.disabled is not None
    return Delivery(
        state="given_up" if off else "pending",
        reason=f"The endpoint was disabled: {endpoint.disabled}" if off else None,
        id=f"msg_{digest_of([endpoint.id, event.event_id])[:32]}",
        uid=event.user_id,
        endpoint=endpoint.id,
        job_id=event.job_id,
        event_type=event.event_type,
        sequence=event.sequence,
        body=body_of(event),
        created=now,
        next_at=now,
    )


def body_of(event: Event) -> str:
    """JSON of the form that Standard Webhooks recommends: ``type``, ``timestamp``, ``data``."""
    about = {"eventId": event.event_id, "jobId": event.job_id, "userId": event.user_id, "sequence": event.sequence}
    data: Mapping[str, Any] = {**about, **event.data}
    message = {"type": event.event_type, "timestamp": event.timestamp.isoformat(), "data": data}
    return json.dumps(message, default=str, separators=(",", ":"))


def pause_after(failures: int, retry_after: float | None, chance: float) -> timedelta | None:
    """How long to wait after so many failures; None when it is given up. ``chance`` from 0 to 1 spreads the tries."""
    if failures > len(SCHEDULE_SECONDS):
        return None
    seconds = SCHEDULE_SECONDS[failures - 1] * (1 + _SPREAD * (2 * chance - 1))
    if retry_after is not None:
        seconds = max(seconds, min(retry_after, MAX_WAIT_SECONDS))
    return timedelta(seconds=seconds)
