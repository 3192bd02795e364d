"""What a screen shows of a text that is being made: short, and nothing but text."""

from __future__ import annotations

import unicodedata

import pytest

from dailies.domain.subtitles.live_text import MOST_CHARACTERS, last_of
from tests.unit.domain.subtitles.attacks import ATTACKS


def test_the_last_words_are_kept_whole() -> None:
    text = ""
    for number in range(200):
        text = last_of(text, f"word{number}")
    assert len(text) <= MOST_CHARACTERS
    assert text.startswith("… word")
    assert text.endswith("word198 word199")
    assert last_of("", "short  and\nsweet") == "short and sweet"


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("before", ["", "said before " * 40])
def test_no_text_is_an_order_or_without_an_end(before: str, attack: str) -> None:
    """No controls, no escapes, no turned direction, no heap of marks; as many characters as a document may have."""
    shown = last_of(before, ATTACKS[attack])
    assert len(shown) <= MOST_CHARACTERS
    assert shown.splitlines() == ([shown] if shown else [])
    assert {unicodedata.category(character) for character in shown}.isdisjoint({"Cc", "Cs"})
    assert not set(shown) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068")
    assert shown.encode()
