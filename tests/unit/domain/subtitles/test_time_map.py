"""Subtitles follow their film: a trim, an edit, another speed."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from hypothesis import given, strategies as st

from dailies.domain.edit.edit_list import edit_list
from dailies.domain.recipe.edit_recipe import Segment
from dailies.domain.subtitles.cues import Cue, Span, cue
from dailies.domain.subtitles.edited import of_edit
from dailies.domain.subtitles.overlaps import one_at_a_time
from dailies.domain.subtitles.time_map import Piece, faster, follow, milliseconds, trimmed

RATE = Fraction(25)
TIMES = [float(n / RATE) for n in range(2000)]


def edited(*segments: Segment) -> tuple[Piece, ...]:
    return of_edit(edit_list(segments, TIMES, 80.0, RATE))


@st.composite
def films(draw: st.DrawFn) -> tuple[Cue, ...]:
    cues: list[Cue] = []
    at = 0
    for gap, lasts in draw(st.lists(st.tuples(st.integers(0, 4000), st.integers(100, 7000)), min_size=1, max_size=15)):
        cues.append(cue(at + gap, at + gap + lasts, f"number {len(cues)}"))
        at += gap + lasts
    return tuple(cues)


@given(films(), st.integers(0, 40_000), st.integers(1_000, 60_000))
def test_a_trim_shifts_exactly(cues: tuple[Cue, ...], start: int, lasts: int) -> None:
    """Whole cues by the start and no millisecond more; none is outside."""
    found = follow(cues, trimmed(start / 1000, (start + lasts) / 1000))
    whole = [each for each in cues if each.start_ms >= start and each.end_ms <= start + lasts]
    assert [each.moved(each.start_ms - start, each.end_ms - start) for each in whole] == [
        each for each in found if each.text in {other.text for other in whole}
    ]
    assert all(0 <= each.start_ms < each.end_ms <= lasts for each in found)


@given(films(), st.integers(1, 8))
def test_speed_divides_all_times(cues: tuple[Cue, ...], speed: int) -> None:
    found = follow(cues, faster(trimmed(0, None), Fraction(speed, 2)))

    def there(moment: int) -> int:
        return round(Fraction(2 * moment, speed))

    assert found == tuple(each.moved(there(each.start_ms), there(each.end_ms)) for each in cues)


segments = st.lists(
    st.builds(
        lambda start, lasts, transition: Segment(
            start=start / 25, end=(start + lasts) / 25, transition=transition, transition_seconds=0.48
        ),
        st.integers(0, 1700),
        st.integers(50, 250),
        st.sampled_from(["cut", "fade", "crossfade"]),
    ),
    min_size=1,
    max_size=6,
)


@given(films(), segments)
def test_in_an_edit_each_cue_is_as_far_from_its_pictures_as_in_the_source(
    cues: tuple[Cue, ...], parts: list[Segment]
) -> None:
    """What is whole in a segment is shifted by that segment's shift; nothing overlaps or is outside of the film."""
    edit = edit_list(parts, TIMES, 80.0, RATE)
    found = follow(cues, of_edit(edit))
    assert all(before.end_ms <= after.start_ms for before, after in pairwise(found))
    assert all(0 <= each.start_ms < each.end_ms <= round(edit.seconds * 1000) for each in found)
    shown = {(each.text, each.start_ms, each.end_ms) for each in found}
    for cut, part in zip(edit.cuts, parts, strict=True):
        shift = 1000 * cut.at // 25 - round(1000 * part.start)
        alone = (part.start * 1000 + 1000 * cut.overlap / 25, part.end * 1000 - 480)
        for each in cues:
            if alone[0] <= each.start_ms and each.end_ms <= alone[1]:
                assert (each.text, each.start_ms + shift, each.end_ms + shift) in shown


def test_a_cue_goes_on_across_a_joint_where_the_source_does() -> None:
    """Two segments that follow each other are no reason to blink."""
    found = follow((cue(1000, 5000, "on and on"),), edited(Segment(start=0, end=3), Segment(start=3, end=8)))
    assert found == (cue(1000, 5000, "on and on"),)


def test_a_crossfade_changes_subtitles_in_its_middle() -> None:
    found = follow(
        (cue(0, 5000, "first"), cue(20_000, 25_000, "second")),
        edited(Segment(start=0, end=4, transition="crossfade", transition_seconds=1), Segment(start=20, end=24)),
    )
    # 25 frames are shared, from 3 s on: the middle of them is half a frame before 3.5 s.
    assert found == (cue(0, 3500, "first"), cue(3500, 7000, "second"))


def test_of_a_cut_cue_the_words_that_are_heard_stay() -> None:
    words = (Span("one", start_ms=0, end_ms=400), Span(" two", start_ms=400, end_ms=800))
    spoken = Cue(0, 2000, (words, (Span("three", start_ms=1000, end_ms=1900),)))
    [found] = follow((spoken,), trimmed(0.5, None))
    assert found.text == "two\nthree"
    assert found.lines[1] == (replace(spoken.lines[1][0], start_ms=500, end_ms=1400),)
    [first] = follow((spoken,), trimmed(0, 0.9))
    assert first.text == "one two"


def test_a_flash_of_a_cue_is_left_out() -> None:
    assert follow((cue(0, 5000, "x"),), trimmed(4.9, None)) == ()
    assert follow((cue(0, 5000, "x"),), trimmed(4.7, None)) == (cue(0, 300, "x"),)


def test_a_part_may_come_twice_and_in_any_order() -> None:
    found = follow(
        (cue(1000, 2000, "a"), cue(6000, 7000, "b")),
        edited(Segment(start=5, end=8), Segment(start=0, end=3), Segment(start=5, end=8)),
    )
    assert [(each.text, each.start_ms) for each in found] == [("b", 1000), ("a", 4000), ("b", 7000)]


def test_floats_are_taken_for_what_they_say() -> None:
    assert milliseconds(0.1) == 100
    assert milliseconds(Fraction(1, 3)) == Fraction(1000, 3)


def test_what_is_shown_at_once_becomes_one() -> None:
    """A sign at the top and the words below, for tracks that show one at a time."""
    sign = replace(cue(1000, 4000, "SIGN"), align=8)
    both = cue(2000, 3000, "SIGN\nwords")
    found = one_at_a_time([cue(2000, 3000, "words"), sign])
    assert found == (sign.moved(1000, 2000), both, sign.moved(3000, 4000))


@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(1, 3000)), max_size=10))
def test_one_at_a_time_loses_no_moment(drawn: list[tuple[int, int]]) -> None:
    cues = [cue(start, start + lasts, f"n{number}") for number, (start, lasts) in enumerate(drawn)]
    found = one_at_a_time(cues)
    assert all(before.end_ms <= after.start_ms for before, after in pairwise(found))
    for each in cues:
        shown = sum(one.end_ms - one.start_ms for one in found if each.text in one.texts)
        assert shown == each.end_ms - each.start_ms
