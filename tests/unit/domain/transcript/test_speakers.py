"""Voices that an engine told apart get the caller's names, or numbers."""

from __future__ import annotations

from dailies.domain.transcript.joining import Answer
from dailies.domain.transcript.speakers import nameless, speaker_name, with_voices
from dailies.domain.transcript.transcript import Segment, Word


def answer(*turns: tuple[str | None, str]) -> Answer:
    segments = []
    for place, (speaker, text) in enumerate(turns):
        word = Word(text=text, start=place, end=place + 1, speaker=speaker)
        segments.append(Segment(text=text, start=place, end=place + 1, words=(word,), speaker=speaker))
    return Answer(segments=tuple(segments), timing="estimated", language="en", language_confidence=None)


def names_in(answers: tuple[Answer, ...]) -> list[str | None]:
    assert all(word.speaker == one.speaker for made in answers for one in made.segments for word in one.words)
    return [one.speaker for made in answers for one in made.segments]


def test_voices_are_called_in_the_order_in_which_they_are_heard() -> None:
    made, remarks = with_voices([answer(("B", "x"), ("A", "y"), ("B", "z"), (None, "?"))], ["Ann"])
    assert names_in(made) == ["Ann", "Speaker 2", "Ann", None]
    assert remarks == ()


def test_voices_of_two_requests_are_never_taken_for_one() -> None:
    made, (remark,) = with_voices([answer(("A", "x")), answer(("A", "y"))])
    assert names_in(made) == ["Speaker 1", "Speaker 2"]
    assert remark.kind == "voices_by_part"


def test_a_stretch_alone_has_no_voice() -> None:
    assert names_in((nameless(answer(("A", "x"))),)) == [None]


def test_a_name_is_one_line_and_never_empty() -> None:
    assert speaker_name(0, ["Ann\n00:00:01,000 --> \x1b[2J"]) == "Ann 00:00:01,000 --> [2J"
    assert speaker_name(0, ["\x00"]) == "Speaker 1"
