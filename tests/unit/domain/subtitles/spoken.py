"""Speech as a recogniser would time it: a breath after a comma, a pause after a stop."""

from __future__ import annotations

from dailies.domain.transcript.transcript import Word

_PAUSES = {".": 0.55, "?": 0.55, "!": 0.55, "。": 0.55, ",": 0.22, ";": 0.22, ":": 0.22}


def spoken(text: str, *, letters: float = 15.0, at: float = 0.0, speaker: str | None = None) -> list[Word]:
    """The words of ``text`` at ``letters`` a second."""
    words: list[Word] = []
    for part in text.split():
        lasts = max(0.08, len(part) / letters)
        words.append(Word(text=part, start=round(at, 2), end=round(at + lasts, 2), speaker=speaker))
        at += lasts + 0.03 + _PAUSES.get(part[-1], 0.0)
    return words
