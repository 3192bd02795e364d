"""Looking at what is deployed, through the cloud's own descriptions of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Described:
    """One resource as its API describes it, and the server's clock at that moment."""

    data: Mapping[str, Any]
    at: datetime


class Inspector(Protocol):
    """Reads, and changes nothing; what it starts ends by itself.

    Raises NotFound, Misconfigured (no credentials), PlatformNotReady (no right, an API that is off), TransientError.
    """

    def describe(self, api: str, path: str, *, query: Mapping[str, str] | None = None) -> Described:
        """``path`` of the API (``run``: ``v2/projects/…/jobs/dailies-worker``); every page of a list together."""

    def start(self, job: str, environment: Mapping[str, str]) -> str:
        """Run the Cloud Run job (``v2/projects/…/jobs/…``) once, with these variables; returns the execution's name."""

    def policy(self, service_account: str) -> Described:
        """The IAM policy of a service account, by its e-mail."""
