"""Text without times is spread over the speech."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, strategies as st

from dailies.domain.transcript.spans import merged
from dailies.domain.transcript.spreading import split_words, spread_words


def test_longer_words_take_longer_and_pauses_are_left_out() -> None:
    words = spread_words("abc abc abcdefg", [(10.0, 12.0), (20.0, 22.0)])
    assert [(word.start, word.end) for word in words] == [(10.0, 10.75), (11.0, 11.75), (20.0, 21.75)]


def test_text_without_spaces_is_a_word_a_character_with_its_punctuation() -> None:
    assert split_words("今日は、晴れ。 OK") == ["今", "日", "は、", "晴", "れ。", "OK"]
    assert split_words("l'été — déjà") == ["l'été", "—", "déjà"]


def test_nothing_over_nothing_is_nothing() -> None:
    assert spread_words("", [(0, 1)]) == ()
    assert spread_words("text", []) == ()


@given(
    st.text(max_size=200),
    st.lists(st.tuples(st.integers(0, 999), st.integers(1, 99)), min_size=1, max_size=9).map(
        lambda pairs: merged((start / 10, (start + size) / 10) for start, size in pairs)
    ),
)
def test_words_follow_each_other_within_the_speech(text: str, spans: list[tuple[float, float]]) -> None:
    words = spread_words(text, spans)
    assert [word.text for word in words] == split_words(text)
    for word in words:
        assert spans[0][0] - 1e-3 <= word.start <= word.end <= spans[-1][1] + 1e-3
    assert all(a.end <= b.start + 2e-3 for a, b in pairwise(words))
