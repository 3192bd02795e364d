"""A client of Dailies: uploads that resume, progress as it happens, typed errors."""

from __future__ import annotations

from dailies_client.async_client import AsyncDailies
from dailies_client.client import Dailies
from dailies_client.errors import (
    ApiError,
    BadRequest,
    Conflict,
    ConnectionFailed,
    DailiesClientError,
    Forbidden,
    InvalidSignature,
    JobFailed,
    NotFound,
    OverBudget,
    ServerError,
    TooManyRequests,
    Unauthenticated,
    UploadFailed,
    UploadSession,
    WaitTimeout,
)
from dailies_client.events import Event
from dailies_client.webhooks import unwrap

__all__ = [
    "ApiError",
    "AsyncDailies",
    "BadRequest",
    "Conflict",
    "ConnectionFailed",
    "Dailies",
    "DailiesClientError",
    "Event",
    "Forbidden",
    "InvalidSignature",
    "JobFailed",
    "NotFound",
    "OverBudget",
    "ServerError",
    "TooManyRequests",
    "Unauthenticated",
    "UploadFailed",
    "UploadSession",
    "WaitTimeout",
    "unwrap",
]
