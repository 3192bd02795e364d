"""Chooses the speech engine: the one that was named, else the best that is there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from dailies.adapters.openai.models import DEFAULT_MODEL
from dailies.adapters.openai.transcriber import DEFAULT_BASE_URL, OpenAITranscriber
from dailies.adapters.pocketsphinx.aligner import PocketsphinxAligner
from dailies.adapters.pocketsphinx.transcriber import PocketsphinxTranscriber
from dailies.adapters.private_data import PrivateDataFinder
from dailies.adapters.whisper.aligner import WhisperAligner
from dailies.adapters.whisper.transcriber import WhisperTranscriber
from dailies.domain.errors import Misconfigured
from dailies.ports.aligner import Aligner
from dailies.ports.transcriber import SpeechChoice, Transcriber

Engine = Literal["openai", "faster-whisper", "pocketsphinx"]


@dataclass(frozen=True)
class SpeechEngines:
    """What the settings say of engines. ``cache``: where weights may be kept."""

    cache: Path
    whisper_model: Path | None = None
    threads: int | None = None
    key: str | None = None
    base_url: str | None = None
    model: str = DEFAULT_MODEL
    usd_per_minute: float | None = None

    def choose(self, named: Engine | None) -> SpeechChoice:
        """Loads and asks nothing. Raises Misconfigured ``no_engine`` where there is none, or not the one ``named``."""
        if named is not None:
            made = self._made(named)
            made.capabilities()
            return SpeechChoice(made, "", self._aligners(named), PrivateDataFinder())
        for engine in self._by_rank():
            made = self._made(engine)
            try:
                made.capabilities()
            except Misconfigured as error:
                # A model of the user's that can't be used is no reason to take another one in silence.
                if error.error_code != "no_engine" and (engine != "faster-whisper" or self.whisper_model is not None):
                    raise
                continue
            aligners = self._aligners(engine)
            return SpeechChoice(made, self._better(engine, made, aligners), aligners, PrivateDataFinder())
        raise Misconfigured(
            "There is no speech recogniser: pip install 'dailies-media[speech]' for one on this machine, or set "
            "DAILIES_OPENAI_API_KEY or DAILIES_OPENAI_BASE_URL to have sound sent to a server.",
            code="no_engine",
        )

    def _by_rank(self) -> Iterator[Engine]:
        """Where somebody has set a key or a server, sound may go there; nowhere else."""
        if self.key is not None or self.base_url is not None:
            yield "openai"
        yield "faster-whisper"
        yield "pocketsphinx"

    def _made(self, engine: Engine) -> Transcriber:
        if engine == "openai":
            return OpenAITranscriber(
                self.key,
                base_url=self.base_url or DEFAULT_BASE_URL,
                model=self.model,
                usd_per_minute=self.usd_per_minute,
            )
        if engine == "faster-whisper":
            return WhisperTranscriber(self.cache, folder=self.whisper_model, threads=self.threads)
        return PocketsphinxTranscriber()

    def _aligners(self, engine: Engine) -> tuple[Aligner, ...]:
        """For a server's answers: what is on this machine has times of its own."""
        if engine != "openai":
            return ()
        whisper = WhisperTranscriber(self.cache, folder=self.whisper_model, threads=self.threads)
        found: list[Aligner] = []
        for aligner in (PocketsphinxAligner(), WhisperAligner(whisper)):
            try:
                aligner.capabilities()
            except Misconfigured:
                continue
            found.append(aligner)
        return tuple(found)

    def _better(self, engine: Engine, made: Transcriber, aligners: tuple[Aligner, ...]) -> str:
        if engine == "openai" and not aligners and not made.capabilities().word_times:
            return "measured times of words: pip install 'dailies-media[speech]', which finds them in the sound"
        if engine == "pocketsphinx":
            return "better, and 99 languages: pip install 'dailies-media[speech]'"
        if engine == "faster-whisper" and self.whisper_model is None:
            return (
                "fewer errors: a larger model's folder in DAILIES_WHISPER_MODEL, or a server by DAILIES_OPENAI_API_KEY"
            )
        return ""
