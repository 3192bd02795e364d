"""``transcribe-remotely``: what a speech server hears in one chunk of the speech."""

from __future__ import annotations

from typing import ClassVar

from dailies.operations.speech.asking import AskingStep
from dailies.planning.operation import Placement
from dailies.planning.retry import Retry


class TranscribeRemotelyOperation(AskingStep):
    """Waits for an answer, and is tried again as the server asks."""

    kind: ClassVar[str] = "transcribe-remotely"
    placement: ClassVar[Placement] = Placement.LIGHT
    limit_seconds: ClassVar[float] = 1200.0
    retry: ClassVar[Retry] = Retry(attempts=6, backoff_seconds=2.0)
