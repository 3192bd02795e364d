"""Words of a server are the words of its text."""

from __future__ import annotations

import json

import pytest

from dailies.adapters.openai.answers import read_answer


def _words(text: str, *words: str) -> list[tuple[str, float, float]]:
    listed = [{"word": word, "start": number, "end": number + 0.5} for number, word in enumerate(words)]
    heard = read_answer(json.dumps({"text": text, "words": listed}).encode(), 60.0, "en", 0.0)
    assert heard.timing == "measured"
    return [(word.text, word.start, word.end) for segment in heard.segments for word in segment.words]


def test_a_word_with_a_hyphen_is_one_and_punctuation_is_the_texts() -> None:
    assert _words("He was ill-disposed, sir.", "He", "was", "ill", "disposed", "sir") == [
        ("He", 0.0, 0.5), ("was", 1.0, 1.5), ("ill-disposed,", 2.0, 3.5), ("sir.", 4.0, 4.5),
    ]  # fmt: skip
    assert [word for word, _, _ in _words("L'été, déjà", "L'", "été", "déjà")] == ["L'été,", "déjà"]
    assert [word for word, _, _ in _words("ill-disposed", " ill", "-disposed")] == ["ill-disposed"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("something else was said", ["one", "two"]),
        ("one two three", ["one", "two"]),
        ("one two", ["one", "two", "three"]),
        # A language without spaces keeps the times of its parts.
        ("東京に行く", ["東京", "に", "行く"]),
    ],
)
def test_words_stay_as_they_are_where_the_text_is_another(text: str, words: list[str]) -> None:
    assert [word for word, _, _ in _words(text, *words)] == words


def test_a_dash_that_nobody_speaks_is_no_word() -> None:
    assert [word for word, _, _ in _words("so \u2014 yes", "so", "yes")] == ["so", "yes"]
