"""Known words take the times at which something else heard them."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, strategies as st

from dailies.domain.transcript.activity import Activity
from dailies.domain.transcript.aligning import carried_times, with_times
from dailies.domain.transcript.chunks import Limits, chunked
from dailies.domain.transcript.joining import Answer, placed
from dailies.domain.transcript.spans import Span
from dailies.domain.transcript.transcript import Segment, Word


def _heard(text: str, start: float = 0.0, each: float = 0.5) -> list[Word]:
    return [
        Word(text=word, start=start + each * place, end=start + each * place + 0.4)
        for place, word in enumerate(text.split())
    ]


def test_words_that_both_have_take_their_times_whatever_their_spelling() -> None:
    spans = carried_times(["He", "was", "ill-disposed,", "CAF\u00c9!"], _heard("he was illdisposed cafe"))
    assert spans == [(0.0, 0.4), (0.5, 0.9), (1.0, 1.4), (1.5, 1.9)]


def test_words_that_only_one_has_share_the_time_between_their_neighbours() -> None:
    spans = carried_times("the old man and the sea".split(), _heard("the oldmanner and the sea"))
    assert spans is not None
    assert spans[0] == (0.0, 0.4)
    assert 0.5 <= spans[1][0] < spans[2][0] < 0.9
    assert spans[3] == (1.0, 1.4)


def test_what_was_heard_beyond_the_text_moves_nothing() -> None:
    assert carried_times(["two", "three"], _heard("one two three four")) == [(0.5, 0.9), (1.0, 1.4)]


def test_a_language_without_spaces_is_held_against_the_letters() -> None:
    heard = [Word(text="\u6771\u4eac", start=1.0, end=2.0), Word(text="\u306b", start=3.0, end=3.4)]
    spans = carried_times(["\u6771", "\u4eac", "\u306b\u3002"], heard)
    assert spans is not None
    assert [start for start, _ in spans] == [1.0, 1.5, 3.0]


def test_another_text_is_not_aligned() -> None:
    assert carried_times("something else was said here".split(), _heard("he was not an ill disposed man")) is None
    assert carried_times([], _heard("a")) is None
    assert carried_times(["a"], []) is None


_TEXT = st.lists(st.sampled_from("the cat sat on a mat , .".split()), min_size=1, max_size=30)


@given(_TEXT, _TEXT)
def test_starts_never_fall_and_nothing_ends_before_it_starts(words: list[str], heard: list[str]) -> None:
    spans = carried_times(words, _heard(" ".join(heard)))
    if spans is not None:
        assert len(spans) == len(words)
        assert all(a[0] <= b[0] for a, b in pairwise(spans))
        assert all(start <= end for start, end in spans)


#: Somebody speaks from 2 to 6 and from 10 to 14 seconds.
_ACTIVITY = Activity(
    seconds=20.0, speech=((1.8, 6.2), (9.8, 14.2)), voiced=((2.0, 6.0), (10.0, 14.0)),
    quiet=((0.0, 2.0), (6.0, 10.0), (14.0, 20.0)),
)  # fmt: skip


def _answer() -> Answer:
    (chunk,) = chunked(_ACTIVITY, Limits(30.0, 900.0))
    said = Segment(text="one two three four", start=0.0, end=8.8)
    return placed(chunk, _ACTIVITY, [said], timed=False, language="en", usd=0.5)


def _aligned(spans: list[Span]) -> Answer | None:
    (chunk,) = chunked(_ACTIVITY, Limits(30.0, 900.0))
    return with_times(chunk, _ACTIVITY, _answer(), spans)


def test_times_of_the_file_become_the_sources_without_its_pauses() -> None:
    # The file holds 4.4 s of either stretch; the third word is mostly in the second.
    found = _aligned([(0.0, 1.0), (2.0, 2.5), (4.3, 5.1), (6.0, 6.5)])
    assert found is not None
    assert (found.timing, found.usd) == ("aligned", 0.5)
    assert [(word.start, word.end) for word in found.words] == [(2.0, 2.8), (3.8, 4.3), (10.0, 10.5), (11.4, 11.9)]
    assert (found.segments[0].start, found.segments[-1].end) == (2.0, 11.9)


def test_words_where_nothing_is_heard_are_not_believed() -> None:
    assert _aligned([(0.0, 0.1), (0.0, 0.1), (0.1, 0.15), (0.15, 0.18)]) is None


def test_a_word_that_swallowed_others_is_cut_short_so_that_they_are_missed() -> None:
    found = _aligned([(0.2, 0.5), (0.5, 4.0), (4.7, 5.1), (6.0, 6.5)])
    assert found is not None
    assert found.words[1].end - found.words[1].start < 1.5
