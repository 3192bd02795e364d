"""Aligns by hearing the sound with Whisper on this machine: its words' times are carried over to the known ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dailies.adapters.whisper.transcriber import WhisperTranscriber
from dailies.domain.stop import StopToken
from dailies.domain.transcript.aligning import carried_times
from dailies.domain.transcript.spans import Span
from dailies.ports.aligner import AlignAsk, AlignerCapabilities
from dailies.ports.transcriber import Ask


class WhisperAligner:
    """Takes as long as hearing it does: which of a long text is said in which window has to be found out."""

    def __init__(self, transcriber: WhisperTranscriber) -> None:
        self._transcriber = transcriber

    def capabilities(self) -> AlignerCapabilities:
        can = self._transcriber.capabilities()
        return AlignerCapabilities(can.engine, can.model, can.version, can.languages)

    def align(self, ask: AlignAsk, stop: StopToken, progress: Callable[[float], None]) -> Sequence[Span] | None:
        heard = self._transcriber.transcribe(Ask(ask.audio, ask.windows, ask.language), stop, progress)
        return carried_times(ask.words, [word for segment in heard.segments for word in segment.words])
