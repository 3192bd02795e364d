"""What is written is found in the sound as it is spoken."""

from __future__ import annotations

import pytest

from dailies.adapters.pocketsphinx.spelling import phones_of, spoken_words


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("Dashwood,", "dashwood"),
        ("ill-disposed", "ill disposed"),
        ("don\u2019t", "don't"),
        ("'tis", "tis"),
        ("caf\u00e9", "cafe"),
        ("$5", "dollars five"),
        ("50%", "fifty percent"),
        ("1984", "nineteen eighty four"),
        ("1900", "nineteen hundred"),
        ("2005", "two thousand five"),
        ("342", "three hundred forty two"),
        ("007", "zero zero seven"),
        ("123456789", "one two three four five six seven eight nine"),
        ("\u2014", ""),
        ("\u6771\u4eac", ""),
    ],
)
def test_words_are_spelt_as_they_are_spoken(written: str, spoken: str) -> None:
    assert " ".join(spoken_words(written)) == spoken


def test_every_word_of_letters_has_a_pronunciation() -> None:
    assert list(phones_of("quilter")) == "K W IH L T ER".split()
    assert list(phones_of("x")) == ["K", "S"]
