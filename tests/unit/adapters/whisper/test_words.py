"""Whisper's pieces become words."""

from __future__ import annotations

from types import SimpleNamespace

from dailies.adapters.whisper.transcriber import _segments


def heard(*pieces: str) -> list[str]:
    words = [
        SimpleNamespace(word=piece, start=0.1 * place, end=0.1 * place + 0.1, probability=0.9)
        for place, piece in enumerate(pieces)
    ]
    [segment] = _segments([SimpleNamespace(words=words, text="".join(pieces), start=0.0, end=2.0)], 10.0, 20.0)
    assert [word.start for word in segment.words] == sorted(word.start for word in segment.words)
    assert segment.words[-1].end == round(10 + 0.1 * len(pieces), 3)
    return [word.text for word in segment.words]


def test_a_piece_without_a_space_is_of_the_word_before() -> None:
    assert heard(" an", " ill", "-disposed", " man", ".") == ["an", "ill-disposed", "man."]
    assert heard(" 1", ",000", " it", "'s") == ["1,000", "it's"]


def test_where_no_spaces_are_written_each_word_stays_one() -> None:
    assert heard("今天", "天气", "好", "。") == ["今天", "天气", "好。"]
