"""How wide text is, in columns: wide East Asian characters count two, marks none (UAX 11). Pure."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_JOINER = "\u200d"
_WIDE = frozenset("WF")
#: Emoji's skin tones and variation selectors belong to the character before.
_MODIFIERS = (0x1F3FB, 0x1F3FF)
_FLAGS = (0x1F1E6, 0x1F1FF)
# Scripts written without spaces between words: kana, Han, their punctuation, Thai, Lao, Myanmar, Khmer.
_UNSPACED = (
    (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3000, 0x30FF), (0x31F0, 0x31FF), (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0xFF00, 0xFF9F), (0x20000, 0x3FFFF),
)  # fmt: skip


@lru_cache(maxsize=4096)
def _columns(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf", "Cc"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in _WIDE else 1


def columns(text: str) -> int:
    """The width of ``text`` in columns of half an em."""
    return len(text) if text.isascii() else sum(map(_columns, text))


@lru_cache(maxsize=4096)
def unspaced(character: str) -> bool:
    """Whether it is of a script that puts no spaces between words."""
    return any(low <= ord(character) <= high for low, high in _UNSPACED)


def glued(left: str, right: str) -> bool:
    """Whether no space belongs between two words that follow each other."""
    return bool(left and right) and (unspaced(left[-1]) or unspaced(right[0]))


def clusters(text: str) -> list[str]:
    """The characters as a reader counts them: marks, joiners and flags stay together (after UAX 29)."""
    found: list[str] = []
    for character in text:
        if found and _extends(found[-1], character):
            found[-1] += character
        else:
            found.append(character)
    return found


def _extends(before: str, character: str) -> bool:
    code = ord(character)
    if unicodedata.category(character)[0] == "M" or character == _JOINER or before[-1] == _JOINER:
        return True
    if _MODIFIERS[0] <= code <= _MODIFIERS[1]:
        return True
    return _FLAGS[0] <= code <= _FLAGS[1] and len(before) == 1 and _FLAGS[0] <= ord(before) <= _FLAGS[1]


def chopped(text: str, most: int) -> list[str]:
    """``text`` in pieces of at most ``most`` columns, cut between characters; one that is wider stands alone."""
    pieces, width = [""], 0
    for cluster in clusters(text):
        more = columns(cluster)
        if pieces[-1] and width + more > most:
            pieces.append("")
            width = 0
        pieces[-1] += cluster
        width += more
    return pieces
