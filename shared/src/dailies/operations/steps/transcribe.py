"""``transcribe``: what a speech engine on this machine hears in one chunk of the speech."""

from __future__ import annotations

from typing import ClassVar

from dailies.operations.speech.asking import AskingStep
from dailies.planning.operation import Placement


class TranscribeOperation(AskingStep):
    """Takes a processor for as long as the speech lasts, more or less: a worker's work."""

    kind: ClassVar[str] = "transcribe"
    placement: ClassVar[Placement] = Placement.MEDIA
