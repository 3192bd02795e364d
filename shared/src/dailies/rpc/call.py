"""What a method's view is given, and how its name finds it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf.message import Message

from dailies.domain.job.api_key import Scope
from dailies.engine.platform import Platform
from dailies.services.callers import Caller

# Cloud Run ends a stream after an hour: a client is told before, and goes on behind the last sequence that it has.
MAX_STREAM_SECONDS = 3300.0
_BEHIND_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Asked:
    """One call, by whom, and whether they still listen."""

    platform: Platform
    caller: Caller
    message: Any
    context: grpc.ServicerContext

    @property
    def uid(self) -> str:
        return self.caller.uid

    def listens(self) -> bool:
        """False once the client has gone, or its deadline has passed."""
        return bool(self.context.is_active())

    def stream_seconds(self) -> float:
        """How long a stream may take: past the client's deadline, which ends it as such, and to ours."""
        left = self.context.time_remaining()
        return MAX_STREAM_SECONDS if left is None else min(left + _BEHIND_SECONDS, MAX_STREAM_SECONDS)


@dataclass(frozen=True, slots=True)
class Method:
    """Which view answers, and the scope that a key needs for it; a stream's view is a generator."""

    view: Callable[[Asked], Message] | Callable[[Asked], Iterator[Message]]
    scope: Scope = "jobs:read"
