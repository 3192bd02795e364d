"""Who says what, by the channel that each has: turns in order, echoes left out."""

from __future__ import annotations

import pytest

from dailies.domain.transcript.sides import Side, together
from dailies.domain.transcript.transcript import Remark, Segment, Transcript, Word

LOUD, SOFT, SILENT = -20.0, -45.0, -120.0


def said(text: str, start: float, each: float = 0.3, pause: tuple[int, float] = (0, 0.0)) -> Segment:
    """A word after the other; after so many of them a pause of so many seconds."""
    words = []
    for place, word in enumerate(text.split()):
        begin = start + each * place + (pause[1] if pause[0] and place >= pause[0] else 0.0)
        words.append(Word(text=word, start=round(begin, 3), end=round(begin + each - 0.05, 3)))
    return Segment(text=text, start=words[0].start, end=words[-1].end, words=tuple(words))


def side(*segments: Segment, level: float = LOUD, coverage: float = 1.0, remarks: tuple[Remark, ...] = ()) -> Side:
    transcript = Transcript(
        language="en", segments=segments, speech_seconds=10.0, coverage=coverage, engine="e", model="m",
        cost_usd=0.01, remarks=remarks,
    )  # fmt: skip
    return Side(transcript, [level] * 60)


def lines(transcript: Transcript) -> list[str]:
    return transcript.dialogue.splitlines()


def test_turns_are_in_their_order_and_words_have_their_speaker() -> None:
    made = together(
        [side(said("Good morning.", 1), said("Fine.", 9)), side(said("Hello, how are you?", 4))], ["Ann", "Bob"]
    )
    assert lines(made) == ["Ann: Good morning.", "Bob: Hello, how are you?", "Ann: Fine."]
    assert [word.speaker for word in made.words] == ["Ann"] * 2 + ["Bob"] * 4 + ["Ann"]
    assert made.speakers == ("Ann", "Bob")


def test_a_turn_is_taken_in_the_pause_of_another() -> None:
    """What is only spoken over stays in one piece."""
    asked = said("Are you there? I can not hear you.", 1, pause=(3, 2.0))
    assert lines(together([side(asked), side(said("Yes.", 2.5))])) == [
        "Speaker 1: Are you there?", "Speaker 2: Yes.", "Speaker 1: I can not hear you.",
    ]  # fmt: skip
    assert lines(together([side(said("I can not hear you.", 1)), side(said("Hm.", 1.4))])) == [
        "Speaker 1: I can not hear you.", "Speaker 2: Hm.",
    ]  # fmt: skip


def test_what_a_channel_has_of_the_other_softer_is_left_out() -> None:
    spoken = said("We have lived in Sussex for years.", 1)
    echo = said("we have lived in sussex for ears", 1.3)
    for sides in (
        [side(spoken), side(echo, said("Really?", 9), level=SOFT)],
        [side(echo, said("Really?", 9), level=SOFT), side(spoken)],
    ):
        made = together(sides, ["A", "B"])
        assert [line.partition(": ")[2] for line in lines(made)] == ["We have lived in Sussex for years.", "Really?"]
        assert [remark.kind for remark in made.remarks] == ["echo_removed"]


def test_the_end_of_a_word_is_its_echo_too() -> None:
    """As Whisper hears it in a softer copy: the word begins where it is loud enough."""
    spoken, late = said("He is ill-disposed.", 1, each=0.9), said("ill-disposed.", 3.4)
    made = together([side(spoken), side(late, said("Really?", 9), level=SOFT)], ["A", "B"])
    assert lines(made) == ["A: He is ill-disposed.", "B: Really?"]


@pytest.mark.parametrize("start", [1.0, 6.0])
def test_two_who_say_the_same_are_both_heard(start: float) -> None:
    """One after the other, or a word at once."""
    word = "Yes." if start == 1.0 else "We have lived in Sussex."
    made = together([side(said(word, 1)), side(said(word, start))])
    assert len(lines(made)) == 2
    assert made.remarks == ()


def test_one_sound_on_both_channels_is_nobodys() -> None:
    spoken = said("We have lived in Sussex for years.", 1)
    for sides in ([side(spoken), side(spoken)], [side(spoken)]):
        made = together(sides, ["A", "B"])
        assert lines(made) == ["We have lived in Sussex for years."]
        assert [remark.kind for remark in made.remarks] == ["same_sound"]


def test_figures_are_of_both_sides_and_remarks_name_theirs() -> None:
    weak = Remark(kind="weak_engine", message="A better engine would do.")
    missing = Remark(kind="no_words", message="No words.", start=3, end=6)
    made = together([side(said("Hello.", 1), remarks=(weak,)), side(coverage=0.5, remarks=(weak, missing))], ["A"])
    assert (made.coverage, made.speech_seconds, made.cost_usd) == (0.75, 20.0, 0.02)
    assert [remark.message for remark in made.remarks] == ["A better engine would do.", "Speaker 2: No words."]


def test_nobody_speaks_on_either() -> None:
    made = together([side(), side()])
    assert made.segments == ()
    assert made.speakers == ()
