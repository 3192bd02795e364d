"""How a light step says that somebody else's work for it is on its way."""

from __future__ import annotations

from datetime import timedelta


class Waiting(Exception):
    """Raised by a light step's ``run`` in place of an artifact. Until it is run again nobody holds it.

    That is after ``check_after`` seconds, or when it is woken. It is then told of ``external_id``: see StepRun. One
    that still waits for the same ``deadline`` seconds after it first did has failed for good (``wait_timeout``).
    """

    def __init__(self, external_id: str, check_after: float, deadline: float) -> None:
        super().__init__(external_id)
        self.external_id = external_id
        self.check_after = check_after
        self.deadline = deadline

    @property
    def most(self) -> timedelta:
        """How long it may wait in all."""
        return timedelta(seconds=self.deadline)
