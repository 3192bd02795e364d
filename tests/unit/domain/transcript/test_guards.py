"""What an engine wrote is held against what can be heard."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from dailies.domain.transcript.activity import Activity
from dailies.domain.transcript.guards import covered, missed, without_loops, without_pauses, without_phantoms
from dailies.domain.transcript.spans import Span
from dailies.domain.transcript.transcript import Segment, Word


def _said(text: str, start: float = 0.0, each: float = 0.4) -> Segment:
    words = tuple(
        Word(text=word, start=start + each * place, end=start + each * (place + 1))
        for place, word in enumerate(text.split())
    )
    return Segment(text=text, start=start, end=words[-1].end, words=words)


def _activity(seconds: float, voiced: list[Span], quiet: list[Span] | None = None) -> Activity:
    return Activity(seconds=seconds, speech=tuple(voiced), voiced=tuple(voiced), quiet=tuple(quiet or ()))


def test_a_loop_is_said_once_and_remarked() -> None:
    loop = _said("and then we go " * 12 + "home")
    (kept,), (remark,) = without_loops([loop])
    assert kept.text == "and then we go home"
    assert remark.kind == "loop_removed"
    assert (remark.start, remark.end) == pytest.approx((1.6, 19.2))


def test_a_loop_over_several_segments_leaves_none_empty() -> None:
    segments = [_said("I love you so much.", start) for start in range(0, 20, 2)]
    kept, remarks = without_loops(segments)
    assert [segment.text for segment in kept] == ["I love you so much."]
    assert len(remarks) == 1


@pytest.mark.parametrize("text", ["no no no no no no no", "We will, we will rock you. We will, we will rock you.", "a"])
def test_what_people_repeat_stays(text: str) -> None:
    assert without_loops([_said(text)]) == ((_said(text),), ())


def test_phantoms_over_little_speech_go_and_the_same_words_over_speech_stay() -> None:
    thanks = _said("Thanks for watching!", 10.0, each=1.0)
    silent = _activity(60, [(10.0, 10.5)], [(10.5, 20.0)])
    spoken = _activity(60, [(10.0, 13.0)])
    assert without_phantoms([thanks], silent)[0] == ()
    assert without_phantoms([thanks], silent)[1][0].kind == "phantom_removed"
    assert without_phantoms([thanks], spoken) == ((thanks,), ())


def test_a_phantom_between_two_talks_is_held_against_its_own_time() -> None:
    """Their last and first words are no sound of it."""
    activity = _activity(60, [(10.0, 13.0), (14.8, 18.0)], [(13.0, 14.8)])
    before, after = _said("a b c d e f", 10.0, each=0.5), _said("a b c d e f", 14.8, each=0.5)
    thanks = _said("Thanks for watching!", 13.0, each=0.6)
    assert without_phantoms([before, thanks, after], activity)[0] == (before, after)
    # A word that an engine puts beside its sound is no phantom where nobody else says it.
    late = _said("Thanks for watching!", 13.2, each=0.1)
    assert without_phantoms([_said("a b c d", 10.0, each=0.5), late], activity)[0][-1] == late


def test_any_text_where_nothing_is_heard_goes() -> None:
    assert without_phantoms([_said("The quarterly figures", 30)], _activity(60, [(0, 10)]))[0] == ()


def test_other_text_over_little_speech_stays() -> None:
    segment = _said("The quarterly figures", 10.0, each=1.0)
    assert without_phantoms([segment], _activity(60, [(10.0, 10.5)]))[0] == (segment,)


def test_coverage_is_the_share_of_speech_with_words() -> None:
    activity = _activity(100, [(0, 10), (50, 60)])
    assert covered(activity, _said("a b c d", 0, each=2.5).words) == pytest.approx(0.515, abs=0.02)
    assert covered(activity, ()) == 0.0
    assert covered(_activity(100, []), ()) is None


def test_a_missed_stretch_is_named_from_end_to_end() -> None:
    activity = _activity(100, [(0, 10), (50, 60)])
    assert missed(activity, _said("a b c d", 0, each=2.5).words) == ((49.7, 60.3),)
    assert missed(activity, ()) == ((0.0, 10.3), (49.7, 60.3))


def test_a_cough_is_not_missed() -> None:
    assert missed(_activity(100, [(5, 7)]), ()) == ()


def test_a_word_lies_on_one_side_of_a_pause() -> None:
    word = Word(text="Der", start=0.0, end=2.0)
    assert without_pauses(word, [(0.0, 0.6), (1.5, 3.0)]) == Word(text="Der", start=0.6, end=1.5)
    # A pause within: it lies where there is more of it, as engines begin a word where the one before it ended.
    assert without_pauses(word, [(0.2, 1.0)]) == Word(text="Der", start=1.0, end=2.0)
    assert without_pauses(word, [(1.4, 1.7)]) == Word(text="Der", start=0.0, end=1.4)
    assert without_pauses(word, [(0.0, 4.0)]) == word


@given(st.lists(st.sampled_from(["a", "b", "c d", "e f g"]), min_size=1, max_size=120))
def test_loops_lose_no_first_saying_and_keep_the_order(parts: list[str]) -> None:
    segment = _said(" ".join(parts))
    kept, _ = without_loops([segment])
    words = [word for one in kept for word in one.words]
    assert set(words) <= set(segment.words)
    assert words == sorted(words, key=lambda word: word.start)
    assert {word.text for word in words} == {word.text for word in segment.words}
    assert words[0] == segment.words[0]
