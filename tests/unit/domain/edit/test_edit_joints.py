"""A long edit in parts: where it is divided, and that a part knows nothing of the others."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from dailies.domain.edit.edit_joints import edit_joints, seconds_between
from dailies.domain.edit.edit_list import EditList, Joint, edit_list
from dailies.domain.recipe.edit_recipe import Segment

RATE = Fraction(25)
TIMES = [n / 25 for n in range(25 * 200)]

segments = st.lists(
    st.builds(
        lambda start, length, transition: Segment(
            start=start, end=start + length, transition=transition, transition_seconds=0.5
        ),
        start=st.integers(0, 100).map(float),
        length=st.integers(2, 90).map(float),
        transition=st.sampled_from(["cut", "fade", "crossfade"]),
    ),
    min_size=1,
    max_size=6,
)


def parts(film: EditList, joints: tuple[Joint, ...]) -> list[EditList]:
    places = [0, *(film.frame_at(joint) for joint in joints), film.frame_at(None)]
    return [film.part(begin, stop) for begin, stop in pairwise(places)]


def divided(wish: list[Segment], seconds: float = 10.0) -> list[EditList]:
    joints = edit_joints([segment.end - segment.start for segment in wish], seconds)
    return parts(edit_list(wish, TIMES, 200.0, RATE), joints)


def joint(segment: int, seconds: float = 0.0) -> Joint:
    return Joint(segment=segment, seconds=seconds)


def test_long_segments_are_divided_and_short_ones_gathered() -> None:
    """At the multiples from a segment's own start; a rest under a third stays with the last."""
    assert edit_joints([100], 45) == (joint(0, 45),)
    assert edit_joints([106], 45) == (joint(0, 45), joint(0, 90))
    assert edit_joints([60] * 3, 45) == (joint(1), joint(2))
    assert edit_joints([5] * 7, 45) == (joint(3), joint(6))
    assert edit_joints([5, 100, 3], 45) == (joint(1, 45), joint(2))
    assert edit_joints([10], 45) == ()
    assert edit_joints([], 45) == ()


def test_the_length_of_a_part_is_known_before() -> None:
    assert seconds_between([60, 100], None, joint(1)) == 60
    assert seconds_between([60, 100], joint(1), joint(1, 45)) == 45
    assert seconds_between([60, 100], joint(1, 45), None) == 55


@given(segments, st.sampled_from([3.0, 10.0, 45.0]))
def test_the_parts_of_a_film_are_the_film(wish: list[Segment], seconds: float) -> None:
    """Frame by frame: which of a segment's frames is shown where, alone or in a transition."""
    film = edit_list(wish, TIMES, 200.0, RATE)
    found = divided(wish, seconds)
    assert sum(part.frames for part in found) == film.frames
    assert [frame for part in found for frame in shown(part)] == shown(film)


def shown(film: EditList) -> list[tuple[tuple[float, int, str], ...]]:
    """For each frame of the film, what is seen: start of the segment, its frame, and how it comes or goes."""
    frames: list[tuple[tuple[float, int, str], ...]] = []
    for cut in film.cuts:
        for number in range(cut.frames):
            crossing = "crossing" if number < cut.overlap else ""
            coming = f"in {number}/{cut.fade_in}" if number < cut.fade_in else ""
            left = cut.frames - number
            going = f"out {left}/{cut.fade_out}" if left <= cut.fade_out else ""
            seen = (cut.start, cut.skipped + number, crossing + coming + going)
            if cut.at + number < len(frames):
                frames[cut.at + number] = (*frames[cut.at + number], seen)
            else:
                frames.append((seen,))
    return frames


def test_moving_an_end_changes_the_part_that_has_it_and_no_other() -> None:
    """A part is equal to what it was, so what was encoded of it is, too."""
    before = divided([Segment(start=0, end=35), Segment(start=50, end=80), Segment(start=90, end=97)])
    after = divided([Segment(start=0, end=34), Segment(start=50, end=80), Segment(start=90, end=97)])
    assert [one == other for one, other in zip(before, after, strict=True)] == [True] * 3 + [False] + [True] * 4


def test_a_segment_in_another_place_keeps_its_parts() -> None:
    one = divided([Segment(start=0, end=20), Segment(start=50, end=80)])
    other = divided([Segment(start=50, end=80), Segment(start=0, end=20)])
    assert sorted(map(repr, one)) == sorted(map(repr, other))


@pytest.mark.parametrize("transition", ["fade", "crossfade"])
def test_no_joint_is_inside_of_a_transition(transition: str) -> None:
    """Wherever the plan would have it: the film may have fewer and shorter segments than were planned for."""
    wish = [
        Segment.model_validate({"start": 20 * n, "end": 20 * n + 4, "transition": transition, "transition_seconds": 2})
        for n in range(3)
    ]
    film = edit_list(wish, TIMES, 200.0, RATE)
    for n in range(4):
        for seconds in (0, 0.5, 1, 2, 3, 3.9, 60):
            place = film.frame_at(joint(n, seconds))
            for cut in film.cuts:
                assert not cut.at < place < cut.at + max(cut.overlap, cut.fade_in)
                assert not cut.at + cut.frames - cut.fade_out < place < cut.at + cut.frames
    assert film.frame_at(joint(3)) == film.frames


def test_an_empty_part_has_no_frames() -> None:
    film = edit_list([Segment(start=0, end=4)], TIMES, 200.0, RATE)
    part = film.part(film.frame_at(joint(1)), film.frame_at(None))
    assert (part.frames, part.cuts) == (0, ())
