"""ISO 639-1 codes of languages that engines call by name or by tag. Pure."""

from __future__ import annotations

import re

# The names that Whisper's servers write (openai/whisper, tokenizer.py), of the languages with two letters.
_NAMES = {
    "afrikaans": "af", "arabic": "ar", "bulgarian": "bg", "catalan": "ca", "chinese": "zh", "croatian": "hr",
    "czech": "cs", "danish": "da", "dutch": "nl", "english": "en", "estonian": "et", "finnish": "fi", "french": "fr",
    "german": "de", "greek": "el", "hebrew": "he", "hindi": "hi", "hungarian": "hu", "icelandic": "is",
    "indonesian": "id", "italian": "it", "japanese": "ja", "korean": "ko", "latvian": "lv", "lithuanian": "lt",
    "malay": "ms", "mandarin": "zh", "norwegian": "no", "persian": "fa", "polish": "pl", "portuguese": "pt",
    "romanian": "ro", "russian": "ru", "serbian": "sr", "slovak": "sk", "slovenian": "sl", "spanish": "es",
    "swedish": "sv", "tamil": "ta", "thai": "th", "turkish": "tr", "ukrainian": "uk", "urdu": "ur", "vietnamese": "vi",
    "welsh": "cy",
}  # fmt: skip
_TAG = re.compile(r"([a-z]{2,3})(?:[-_].*)?")


def language_code(name: str) -> str | None:
    """``en`` for ``en``, ``en-GB`` and ``English``; None for what is no language."""
    lower = name.strip().lower()
    if lower in _NAMES:
        return _NAMES[lower]
    found = _TAG.fullmatch(lower)
    return found[1] if found else None
