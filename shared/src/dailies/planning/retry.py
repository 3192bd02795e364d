"""How long a step may take, and how often it is tried again after what may pass."""

from __future__ import annotations

from dataclasses import dataclass

from dailies.domain.errors import TransientError
from dailies.planning.operation import Operation, Placement

#: Of a light step that states none. Less than a function may take to answer (infra/terraform/modules/functions).
LIGHT_LIMIT_SECONDS = 600.0
MOST_LIGHT_SECONDS = 1500.0


@dataclass(frozen=True, slots=True)
class Retry:
    """``attempts`` in all, in one run of the job. The pause before the next grows by ``growth`` each time.

    ``codes``: the errors after which another attempt is worth it; None: all that may pass.
    """

    attempts: int = 3
    backoff_seconds: float = 1.0
    growth: float = 2.0
    most_seconds: float = 300.0
    codes: frozenset[str] | None = None

    def allows(self, failures: int, error: TransientError) -> bool:
        """Whether to try again after so many ``failures``, the last of which was ``error``."""
        known = self.codes is None or error.error_code in self.codes
        return known and not error.ends_job and failures < self.attempts

    def pause_seconds(self, failures: int, error: TransientError) -> float:
        """How long to wait after the failure: as long as who refused it asks for, else longer each time."""
        if error.retry_after is not None:
            return error.retry_after
        return min(self.backoff_seconds * self.growth ** (failures - 1), self.most_seconds)


#: A worker that meets an error ends; what it costs to start the next is pause enough.
MEDIA_RETRY = Retry(backoff_seconds=0.0)
LIGHT_RETRY = Retry(attempts=5)


#: The way of a source to the store: no step of a plan, which only begins behind it.
FETCH = "fetch"
FETCH_RETRY = Retry(attempts=5, backoff_seconds=1.0, growth=3.0)


def retry_of(operation: Operation) -> Retry:
    """What the operation states, or the default of its sort."""
    default = MEDIA_RETRY if operation.placement is Placement.MEDIA else LIGHT_RETRY
    stated: Retry = getattr(operation, "retry", default)
    return stated


def limit_seconds_of(operation: Operation) -> float | None:
    """How long a run of the operation may take; None without a limit, as media steps have it that state none."""
    stated: float | None = getattr(operation, "limit_seconds", None)
    if operation.placement is Placement.MEDIA:
        return stated
    return min(stated or LIGHT_LIMIT_SECONDS, MOST_LIGHT_SECONDS)
