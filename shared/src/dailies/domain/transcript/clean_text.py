"""Makes one line of text of what an engine wrote. Pure."""

from __future__ import annotations

import re
import unicodedata

# What no line of text may hold: controls (NUL and escape sequences among them), lone surrogates, and the marks that
# turn the direction of all that follows.
_FORBIDDEN = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_CATEGORIES = frozenset({"Cc", "Cs"})
_SPACES = re.compile(r"\s+")


def clean_text(text: str) -> str:
    """``text`` on one line: controls become spaces, spaces in a row one, none at the ends; in composed form (NFC)."""
    kept = "".join(
        " " if character in _FORBIDDEN or unicodedata.category(character) in _CATEGORIES else character
        for character in text
    )
    return unicodedata.normalize("NFC", _SPACES.sub(" ", kept).strip())
