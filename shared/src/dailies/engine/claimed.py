"""A step in this process's hands."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from dailies.domain.errors import DailiesError
from dailies.engine.store import leases
from dailies.engine.store.leases import Lease
from dailies.planning.operation import Attempts
from dailies.planning.plan import Step


@dataclass(slots=True)
class Claimed:
    """A step that is this process's to run, until it is committed or given back."""

    step: Step
    key: str
    lease: Lease
    sharers: int = 1
    """Steps that run at once, and share the time and what the worker costs."""
    begun: float = field(default_factory=time.monotonic)
    failed_together: list[DailiesError] = field(default_factory=list)
    """What a run met that it shared with others, before it had one for itself."""

    def attempts(self) -> Attempts:
        """How often it was run in this run of its job, this time included, and why the earlier ones came to nothing."""
        reasons = [*self.lease.tried, *map(leases.reason_of, self.failed_together)]
        return Attempts(self.lease.attempts + self.lease.failures + len(self.failed_together), tuple(reasons))
