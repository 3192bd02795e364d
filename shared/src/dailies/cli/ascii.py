"""What stands for letters that a terminal's encoding lacks: an error handler of codecs."""

from __future__ import annotations

import codecs

#: The handler's name.
SPELLED_OUT = "dailies.spelled_out"
_STANDS_FOR = {
    "✔": "ok", "✘": "x", "·": "-", "–": "-", "—": "-", "−": "-", "×": "x", "…": "...", "→": "->", "≤": "<=", "≥": ">=",
    "±": "+/-", "°": " degrees", "“": '"', "”": '"', "━": "-", "╸": "-", "╺": "-",
}  # fmt: skip


def _spell_out(error: UnicodeError) -> tuple[str, int]:
    """Our own signs in letters that every encoding has; what a stranger's name has, as its number."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letters = error.object[error.start : error.end]
    return "".join(_STANDS_FOR.get(letter) or _escaped(letter) for letter in letters), error.end


def _escaped(letter: str) -> str:
    return letter.encode("ascii", "backslashreplace").decode()


codecs.register_error(SPELLED_OUT, _spell_out)
