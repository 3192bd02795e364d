"""How written English is spoken, well enough to be found in sound: figures, signs, unknown words. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_PIECES = re.compile(r"[a-z]+(?:'[a-z]+)*'?|\d+|[%&$€£+@]")
_SIGNS = {"%": "percent", "&": "and", "$": "dollars", "€": "euros", "£": "pounds", "+": "plus", "@": "at"}
_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_HUNDRED, _THOUSAND = 100, 1000
#: Letters to phones of CMU's set, the longest first: near enough for a name, whose neighbours hold it in its place.
_PHONES = {
    "tion": "SH AH N", "igh": "AY", "sch": "SH", "tch": "CH", "ough": "AO", "ch": "CH", "sh": "SH", "th": "TH",
    "ph": "F", "wh": "W", "ck": "K", "ng": "NG", "qu": "K W", "ee": "IY", "ea": "IY", "oo": "UW", "ou": "AW",
    "ow": "OW", "ai": "EY", "ay": "EY", "oi": "OY", "oy": "OY", "au": "AO", "aw": "AO", "er": "ER", "ir": "ER",
    "ur": "ER", "ar": "AA R", "or": "AO R", "a": "AE", "b": "B", "c": "K", "d": "D", "e": "EH", "f": "F", "g": "G",
    "h": "HH", "i": "IH", "j": "JH", "k": "K", "l": "L", "m": "M", "n": "N", "o": "AA", "p": "P", "q": "K", "r": "R",
    "s": "S", "t": "T", "u": "AH", "v": "V", "w": "W", "x": "K S", "y": "IY", "z": "Z",
}  # fmt: skip
_LONGEST = max(map(len, _PHONES))


def spoken_words(word: str) -> list[str]:
    """The words that are said for one that is written: ``ill-disposed``, ``$5``, ``1984``; none for a dash."""
    plain = unicodedata.normalize("NFKD", word.casefold().replace("\u2019", "'"))
    found: list[str] = []
    for piece in _PIECES.findall("".join(c for c in plain if not unicodedata.combining(c))):
        if piece.isdigit():
            found += _number(piece)
        else:
            found.append(_SIGNS.get(piece, piece.strip("'")))
    return found


def _number(figures: str) -> list[str]:
    value = int(figures) if len(figures) <= len("0000") else _THOUSAND * _HUNDRED
    if figures[0] == "0" or value >= 10 * _THOUSAND:
        return [_ONES[int(one)] for one in figures]
    if value < _HUNDRED:
        return _small(value)
    if value < _THOUSAND or value % _THOUSAND < _HUNDRED:
        unit, name = (_HUNDRED, "hundred") if value < _THOUSAND else (_THOUSAND, "thousand")
        return [*_small(value // unit), name, *(_small(value % unit) if value % unit else ())]
    # A year, or what is read like one.
    return [*_small(value // _HUNDRED), *(_small(value % _HUNDRED) if value % _HUNDRED else ("hundred",))]


def _small(value: int) -> list[str]:
    if value < len(_ONES):
        return [_ONES[value]]
    return [_TENS[value // 10 - 2], *([_ONES[value % 10]] if value % 10 else ())]


def phones_of(word: str) -> Iterator[str]:
    """A pronunciation for a word of letters that has none."""
    place = 0
    letters = word.replace("'", "")
    while place < len(letters):
        size = next((size for size in range(_LONGEST, 0, -1) if letters[place : place + size] in _PHONES), 1)
        yield from _PHONES.get(letters[place : place + size], "AH").split()
        place += size
