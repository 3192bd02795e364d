"""Voices that an engine told apart get the caller's names, or numbers."""

from __future__ import annotations

from dailies.domain.transcript.joining import Answer
from dailies.domain.transcript.speakers import by_label, known_voices, speaker_name, with_voices
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


def test_a_voice_that_comes_later_may_be_another_s() -> None:
    """Who is known again keeps the name; who isn't gets one, and a remark says so."""
    made, remarks = with_voices([answer(("A", "x"), ("B", "y")), answer(("B", "z"), ("A", "!"))])
    assert (names_in(made), remarks) == (["Speaker 1", "Speaker 2", "Speaker 2", "Speaker 1"], ())
    made, (remark,) = with_voices([answer(("A", "x")), answer(("1:A", "y"))])
    assert names_in(made) == ["Speaker 1", "Speaker 2"]
    assert remark.kind == "voices_by_part"


def test_another_request_s_labels_are_those_of_the_first_or_their_own() -> None:
    segments = answer(("voice-0", "x"), ("A", "y"), (None, "z")).segments
    labels = {"voice-0": "B"}
    assert [one.speaker for one in by_label(segments, labels, "3:")] == ["B", "3:A", None]
    # Of a stretch alone nobody new is heard.
    assert [one.speaker for one in by_label(segments, labels, None)] == ["B", None, None]


def test_a_voice_is_known_by_its_longest_stretch() -> None:
    """Of five seconds at most, within what the request held; too short a word is no sample."""
    turns = [("A", 0.0, 3.0), ("B", 3.0, 4.5), ("A", 10.0, 30.0), ("C", 50.0, 60.0), (None, 60.0, 70.0)]
    segments = [Segment(text="x", start=start, end=end, speaker=label) for label, start, end in turns]
    found = known_voices(segments, [(0.0, 12.5), (20.0, 58.0)], 4)
    assert [(one.label, one.start, one.end) for one in found] == [("A", 0.0, 3.0), ("C", 50.0, 55.0)]
    assert [one.label for one in known_voices(segments, [(0.0, 70.0)], 1)] == ["A"]
    assert known_voices([], [], 4) == ()


def test_a_name_is_one_line_and_never_empty() -> None:
    assert speaker_name(0, ["Ann\n00:00:01,000 --> \x1b[2J"]) == "Ann 00:00:01,000 --> [2J"
    assert speaker_name(0, ["\x00"]) == "Speaker 1"
