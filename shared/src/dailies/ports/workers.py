"""Starting processes that drain a job's media steps."""

from __future__ import annotations

from typing import Protocol


class Workers(Protocol):
    def start(self, job_id: str, tasks: int = 1) -> None:
        """Start ``tasks`` workers for the job.

        At least once, and harmless when repeated: workers share the steps by claiming them. Raises
        TransientError when the platform can't start any now, as PlatformNotReady where it refuses to: nothing that
        it says is the job's fault.
        """

    def cancel(self, job_id: str) -> None:
        """Ask this job's workers to end. They also watch the job, so a lost call only takes longer."""

    def give_up(self, job_id: str, owner: str) -> None:
        """``owner`` has let a lease lapse: ``start`` is not to count on that worker any more. Idempotent.

        It may hang, or be cut off; if it comes back it shares the steps with whoever took its place. Nothing to do
        where it can be seen whether a worker lives.
        """


class Owners(Protocol):
    """Who holds a lease, and whether it still lives; lets a dead worker's steps be taken over at once."""

    def me(self) -> str:
        """A name for this process that no other process has, before or after it."""

    def is_dead(self, owner: str) -> bool:
        """True only when ``owner`` is known to have ended; False when it lives or can't be known."""
