"""Answers come back onto the source's clock, and what is wrong with them is seen."""

from __future__ import annotations

import pytest

from dailies.domain.transcript.activity import Activity
from dailies.domain.transcript.chunks import Chunk, Limits, chunked
from dailies.domain.transcript.joining import (
    Answer,
    Recogniser,
    doubtful,
    joined,
    majority,
    placed,
    translated,
    unheard,
)
from dailies.domain.transcript.spans import Span
from dailies.domain.transcript.transcript import Segment, Word

BY = Recogniser(engine="fake", model="m")
WHISPER = Limits(window_seconds=30, max_seconds=3600)
SPEECH: tuple[Span, ...] = ((10.0, 14.0), (100.0, 105.0))
ACTIVITY = Activity(seconds=200, speech=SPEECH, voiced=SPEECH, quiet=((0, 10), (14, 100), (105, 200)))


def _chunk(activity: Activity = ACTIVITY) -> Chunk:
    (chunk,) = chunked(activity, WHISPER)
    return chunk


def _words(*words: tuple[str, float, float]) -> Segment:
    made = tuple(Word(text=text, start=start, end=end) for text, start, end in words)
    return Segment(text=" ".join(word[0] for word in words), start=made[0].start, end=made[-1].end, words=made)


def _placed(*segments: Segment, timed: bool = True, language: str | None = "en", sure: float | None = 0.9) -> Answer:
    return placed(_chunk(), ACTIVITY, segments, timed=timed, language=language, language_confidence=sure)


def test_words_stand_where_they_were_said() -> None:
    answer = _placed(_words(("Good", 0.0, 1.5), ("morning.", 2.0, 3.5)), _words(("Bye.", 4.5, 9.0)))
    assert [(w.text, w.start, w.end) for s in answer.segments for w in s.words] == [
        ("Good", 10.0, 11.5), ("morning.", 12.0, 13.5), ("Bye.", 100.5, 105.0),
    ]  # fmt: skip
    transcript = joined(ACTIVITY, [answer], [], BY)
    assert transcript.text == "Good morning.\nBye."
    assert (transcript.language, transcript.language_confidence, transcript.timing) == ("en", 0.9, "measured")
    assert transcript.coverage == pytest.approx(1.0, abs=0.05)
    assert transcript.remarks == ()


def test_text_without_times_is_spread_over_the_speech_and_said_to_be() -> None:
    answer = _placed(Segment(text="one two three four five six", start=0.0, end=9.0), timed=False)
    words = [word for segment in answer.segments for word in segment.words]
    assert len(words) == 6
    assert all(any(a <= word.start <= word.end <= b for a, b in SPEECH) for word in words)
    assert joined(ACTIVITY, [answer], [], BY).timing == "estimated"


def test_speech_that_came_back_without_words_is_named_and_heard_again_alone() -> None:
    answer = _placed(_words(("Good", 0.0, 2.0), ("morning.", 2.0, 4.0)))
    ((start, end),) = unheard(_chunk(), ACTIVITY, answer)
    assert (start, end) == pytest.approx((99.7, 105.3))
    again = placed(_chunk(), ACTIVITY, [_words(("Bye.", 4.0, 9.0))], timed=True, language="en")
    assert joined(ACTIVITY, [answer], [again], BY).text == "Good morning.\nBye."


def test_what_has_no_words_even_then_is_said() -> None:
    answer = _placed(_words(("Good", 0.0, 2.0), ("morning.", 2.0, 4.0)))
    transcript = joined(ACTIVITY, [answer], [_placed()], BY)
    (remark,) = transcript.remarks
    assert remark.kind == "no_words"
    assert remark.start == pytest.approx(99.7)
    assert transcript.coverage == pytest.approx(4 / 9, abs=0.05)


def test_what_was_heard_twice_is_written_once() -> None:
    answer = _placed(_words(("Good", 0.0, 2.0), ("morning.", 2.0, 4.0)))
    again = placed(_chunk(), ACTIVITY, [_words(("Good", 0.0, 2.0), ("evening.", 2.0, 4.0))], timed=True, language="en")
    assert joined(ACTIVITY, [answer], [again], BY).text == "Good morning."


def test_silence_makes_an_empty_transcript() -> None:
    transcript = joined(Activity(seconds=60), [], [], BY)
    assert (transcript.segments, transcript.language, transcript.coverage) == ((), None, None)


def test_the_language_is_that_of_most_speech_and_a_guess_against_it_is_doubted() -> None:
    long = _placed(_words(("Guten", 0.0, 2.0), ("Morgen", 2.0, 4.0)), language="de", sure=0.99)
    intro = _placed(_words(("Hi", 4.0, 5.0)), language="en", sure=0.5)
    sure = _placed(_words(("Hi", 4.0, 5.0)), language="en", sure=0.95)
    assert majority([intro.guess, long.guess]) == "de"
    assert majority([]) is None
    assert doubtful(intro.guess, "de")
    assert not doubtful(sure.guess, "de")
    assert not doubtful(long.guess, "de")
    assert [remark.kind for remark in joined(ACTIVITY, [long, sure], [], BY).remarks][:1] == ["other_language"]


def test_an_answer_without_words_votes_for_no_language() -> None:
    assert _placed(language="cy").language is None


def test_a_weak_engine_says_so() -> None:
    weak = Recogniser(engine="pocketsphinx", model="en-us", word_error=0.25)
    (remark,) = joined(Activity(seconds=60), [], [], weak).remarks
    assert remark.kind == "weak_engine"
    assert "25%" in remark.message


def test_a_long_piece_becomes_sentences() -> None:
    text = "Dr. Who came. He said nothing! Then, at 3.5 he left."
    activity = Activity(seconds=40, speech=((0.0, 20.0),), voiced=((0.0, 20.0),))
    answer = placed(_chunk(activity), activity, [Segment(text=text, start=0.0, end=20.0)], timed=False, language="en")
    assert [segment.text for segment in answer.segments] == [
        "Dr. Who came.",
        "He said nothing!",
        "Then, at 3.5 he left.",
    ]


def test_a_translation_is_english_whatever_is_spoken() -> None:
    made = translated(joined(ACTIVITY, [_placed(_words(("Good", 0.0, 1.5)), language="nl")], [], BY))
    assert (made.language, made.translated, made.spoken_language) == ("en", True, "nl")
    silent = joined(ACTIVITY, [], [], BY)
    assert translated(silent) == silent


def test_what_is_heard_again_stands_in_the_hole_of_a_segment() -> None:
    """A loop leaves its first words and what came after it: between them the words were thrown away."""
    speech: tuple[Span, ...] = ((10.0, 30.0),)
    activity = Activity(seconds=40, speech=speech, voiced=speech)
    looped = Answer(
        segments=(_words(("and", 10.0, 10.4), ("so", 10.4, 10.8), ("home", 29.5, 30.0)),), timing="measured",
        language="en", language_confidence=0.9,
    )  # fmt: skip
    again = Answer(
        segments=(_words(("we", 11.0, 15.0), ("walked", 15.0, 29.4)),), timing="measured", language="en",
        language_confidence=0.9,
    )  # fmt: skip
    made = joined(activity, [looped], [again], BY)
    assert made.text == "and so\nwe walked\nhome"
    assert made.remarks == ()
