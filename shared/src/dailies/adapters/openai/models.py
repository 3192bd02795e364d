"""What OpenAI's speech models take and give, and what they cost; unknown ones are found out by asking."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Form = Literal["verbose_json", "json", "diarized_json"]

DEFAULT_MODEL = "gpt-transcribe"
"""OpenAI's own recommendation for recorded speech as of November 2026; text without times."""


@dataclass(frozen=True, slots=True)
class SpeechModel:
    """``form``: the fullest answer that may be asked for. ``usd_per_minute``: OpenAI's price; None: unknown.
    ``named_hints``: it takes ``keywords[]`` and ``languages[]`` in place of ``language``.
    """

    form: Form
    max_seconds: float = 900.0
    usd_per_minute: float | None = None
    named_hints: bool = False
    prompt: bool = True
    speakers: bool = False
    translates: bool = False


# platform.openai.com/docs/guides/speech-to-text and /pricing, November 2026. The GPT models refuse more than 1,400 s;
# all requests are capped at a quarter of an hour, as accuracy falls with length and a lost one costs that much.
_GPT = SpeechModel("json", usd_per_minute=0.006)
_KNOWN = {
    "gpt-transcribe": replace(_GPT, usd_per_minute=0.0045, named_hints=True),
    "gpt-4o-transcribe": _GPT,
    "gpt-4o-mini-transcribe": replace(_GPT, usd_per_minute=0.003),
    "gpt-4o-transcribe-diarize": replace(_GPT, form="diarized_json", prompt=False, speakers=True),
    "whisper-1": SpeechModel("verbose_json", usd_per_minute=0.006, translates=True),
}
_UNKNOWN = SpeechModel("verbose_json", translates=True)


def speech_model(name: str) -> SpeechModel:
    """By its name, also with a date behind it; what is not known may be asked for everything but speakers."""
    known = [model for model in _KNOWN if name == model or name.startswith(f"{model}-20")]
    return _KNOWN[max(known, key=len)] if known else _UNKNOWN
