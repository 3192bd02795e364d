"""How a light step says that somebody else's work for it is on its way."""

from __future__ import annotations


class Waiting(Exception):
    """Raised by a light step's ``run`` in place of an artifact. Until it is run again nobody holds it.

    That is after ``check_after`` seconds, or when it is woken. It is then told of ``external_id``: see StepRun.
    """

    def __init__(self, external_id: str, check_after: float) -> None:
        super().__init__(external_id)
        self.external_id = external_id
        self.check_after = check_after
