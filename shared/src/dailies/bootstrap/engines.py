"""Which engine stands behind a port that several vendors fill."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dailies.settings import Settings

if TYPE_CHECKING:
    from dailies.ports.transcriber import SpeechChoice


def speech_choice(settings: Settings) -> SpeechChoice:
    """The speech engine that the settings name, or the best that is there. Raises Misconfigured without any."""
    from dailies.adapters.speech_engine import SpeechEngines

    key = settings.openai_api_key
    engines = SpeechEngines(
        cache=settings.home / "cache",
        whisper_model=settings.whisper_model,
        threads=settings.threads,
        key=None if key is None else key.get_secret_value(),
        base_url=settings.openai_base_url,
        model=settings.openai_speech_model,
        usd_per_minute=settings.openai_usd_per_minute,
    )
    return engines.choose(None if settings.speech_engine == "auto" else settings.speech_engine)
