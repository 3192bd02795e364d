"""How running work is told to stop, and why."""

from __future__ import annotations

from queue import Empty
from typing import Literal

from dailies.domain.errors import (
    Cancelled,
    DailiesError,
    Interrupted,
    LeaseLost,
    OverBudget,
    QuotaExceeded,
    TransientError,
)
from dailies.domain.signal_queue import SignalQueue

StopReason = Literal["cancelled", "interrupted", "lease_lost", "over_budget", "over_ceiling", "timed_out"]


class StopToken:
    """Set once, from any thread or a signal handler; the first reason stays."""

    def __init__(self) -> None:
        self._told: SignalQueue[None] = SignalQueue()
        self._reason: StopReason | None = None

    def set(self, reason: StopReason) -> None:
        if self._reason is None:
            self._reason = reason
        self._told.put(None)

    def is_set(self) -> bool:
        return self._reason is not None

    @property
    def reason(self) -> StopReason | None:
        return self._reason

    def wait(self, timeout: float | None = None) -> bool:
        """Block until set, at most ``timeout`` seconds; whether it is set."""
        try:
            self._told.get(timeout)
        except Empty:
            return self.is_set()
        # For whoever else waits.
        self._told.put(None)
        return True

    def error(self) -> DailiesError:
        """The error that ends the work."""
        if self._reason == "cancelled":
            return Cancelled("The job was cancelled.")
        if self._reason == "lease_lost":
            return LeaseLost("Another worker took the step over; this attempt is dropped.")
        if self._reason == "over_budget":
            return OverBudget(
                "The job has used up its budget_usd and was stopped: raise it or ask for less.", field="budget_usd"
            )
        if self._reason == "over_ceiling":
            return QuotaExceeded(
                "The job has cost what one job may cost here (DAILIES_JOB_MAX_USD) and was stopped: ask for less.",
                code="job_ceiling",
            )
        if self._reason == "timed_out":
            return TransientError("A step took longer than it may, and was stopped.", code="step_timeout")
        return Interrupted("The process was asked to stop; run the same command again to continue.")

    def check(self) -> None:
        if self.is_set():
            raise self.error()
