"""Alignment: words that are known to be said, and the sound in which they are; out come their times.

For the answers of engines that write text without times. What of it is believed is decided by domain/transcript.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from dailies.domain.stop import StopToken
from dailies.domain.transcript.spans import Span


@dataclass(frozen=True, slots=True)
class AlignerCapabilities:
    """Who aligns. ``version``: changes whenever the same words may get other times, as a transcriber's does."""

    engine: str
    model: str
    version: str
    languages: frozenset[str] | None
    """ISO 639-1; None: it does not say."""

    def knows(self, language: str | None) -> bool:
        """Whether it may be asked about ``language``; of None only one that knows them all may."""
        return self.languages is None or (len(self.languages) > 1 if language is None else language in self.languages)


@dataclass(frozen=True, slots=True)
class AlignAsk:
    """``audio``: of the form that transcribers are handed (ports/transcriber.py), ``windows`` as there.

    ``words``: in their order, as they were written down, punctuation included. ``language``: None where nobody knows.
    """

    audio: Path
    words: Sequence[str]
    language: str | None
    windows: Sequence[Span] = ()


class Aligner(Protocol):
    """Works on this machine alone. Safe to call from several threads. The same request is answered alike."""

    def capabilities(self) -> AlignerCapabilities:
        """Without loading a model. Raises Misconfigured when it is not there."""

    def align(self, ask: AlignAsk, stop: StopToken, progress: Callable[[float], None]) -> Sequence[Span] | None:
        """A start and an end for each word, seconds of the file; starts never fall. None: they don't fit the sound.

        ``progress`` takes the part done, 0–1, never falling. Raises what ``stop`` says; SourceRefused
        ``not_speech_audio``; Misconfigured for weights that are not those that were pinned.
        """
