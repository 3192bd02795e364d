"""Segments on the film's clock: exact frames, transitions, refusals with the field's name."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest

from dailies.domain.edit.edit_list import EditList, check_segments, edit_list, nominal_rate
from dailies.domain.errors import InvalidRecipe, SourceRefused
from dailies.domain.recipe.edit_recipe import Segment

NTSC = Fraction(30000, 1001)


def times(rate: Fraction, count: int, start: float = 0.0) -> list[float]:
    return [start + float(n / rate) for n in range(count)]


def segment(start: float, end: float, transition: str = "cut", seconds: float = 0.5) -> Segment:
    return Segment.model_validate(
        {"start": start, "end": end, "transition": transition, "transition_seconds": seconds}
    )  # fmt: skip


def placed(segments: list[Segment], shown: list[float], rate: Fraction) -> EditList:
    return edit_list(segments, shown, shown[-1] + float(1 / rate), rate)


@pytest.mark.parametrize("rate", [Fraction(24000, 1001), Fraction(25), NTSC, Fraction(30), Fraction(60000, 1001)])
def test_a_segment_has_the_frames_between_its_ends(rate: Fraction) -> None:
    """The first at or after the start, none at or after the end; the source's own times, however rounded."""
    exact = times(rate, 600)
    for shown in (exact, [round(time, 3) for time in exact]):
        cut = placed([segment(float(100 / rate), float(160 / rate))], shown, rate).cuts[0]
        assert (cut.frames, cut.start, cut.end) == (60, shown[100], shown[160])
        between = placed([segment(float(100.5 / rate), float(159.5 / rate))], shown, rate).cuts[0]
        assert (between.start, between.frames) == (shown[101], 59)


def test_the_last_segment_may_run_to_the_end_and_past_it() -> None:
    rate = Fraction(25)
    cut = placed([segment(3, 99)], times(rate, 100), rate).cuts[0]
    assert cut.frames == 25
    assert cut.end == pytest.approx(4.0)


def test_frames_and_samples_never_drift_apart() -> None:
    """200 cuts of odd lengths: the sound of each begins within half a sample of its picture."""
    shown = times(NTSC, 3000)
    edit = placed([segment(n * 0.37, n * 0.37 + 0.333) for n in range(200)], shown, NTSC)
    assert edit.frames == sum(cut.frames for cut in edit.cuts)
    for before, after in pairwise(edit.cuts):
        assert after.at == before.at + before.frames
        assert abs(edit.samples(after.at, 44_100) / 44_100 - float(after.at / NTSC)) <= 0.5 / 44_100 + 1e-9


def test_crossfades_overlap_and_fades_do_not() -> None:
    """A crossfade makes the film shorter by itself; a fade through black leaves its length."""
    rate = Fraction(30)
    shown = times(rate, 600)
    edit = placed([segment(0, 3, "crossfade", 1), segment(5, 8, "fade", 1), segment(10, 12)], shown, rate)
    assert [(cut.at, cut.frames, cut.overlap, cut.fade_in, cut.fade_out) for cut in edit.cuts] == [
        (0, 90, 0, 0, 0),
        (60, 90, 30, 0, 15),
        (150, 60, 0, 15, 0),
    ]
    assert edit.seconds == 7
    assert edit.alone(0) == (0.0, 2.0)
    assert edit.alone(1) == (3.0, 4.5)
    assert edit.alone(2) == (5.5, 7.0)


def test_a_last_fade_ends_in_black_and_a_last_crossfade_is_a_cut() -> None:
    rate = Fraction(30)
    shown = times(rate, 600)
    assert placed([segment(0, 3, "fade", 1)], shown, rate).cuts[0].fade_out == 15
    assert placed([segment(0, 3, "crossfade", 1)], shown, rate).frames == 90


def test_a_still_is_shown_for_as_long_as_was_asked_for() -> None:
    """A slide from 1 to 9 s and another from 10 to 15 s, in a recording of moving pictures."""
    rate = Fraction(30)
    shown = [*times(rate, 31), *times(rate, 31, start=9.0)]
    wishes = [segment(0.5, 6), segment(4, 6), segment(6, 9.5), segment(12, 14.5), segment(12, 99)]
    edit = edit_list(wishes, shown, 15.0, rate)
    assert [edit.window(number) for number in range(5)] == [
        pytest.approx(window) for window in ((0.5, 6), (4, 6), (6, 9.5), (12, 14.5), (12, 15))
    ]
    assert [cut.frames for cut in edit.cuts] == [165, 60, 105, 75, 90]
    # The slide began before them.
    assert [cut.start for cut in edit.cuts] == pytest.approx([0.5, 1, 1, 10, 10])
    assert [cut.longest for cut in edit.cuts] == pytest.approx([8.0, 8.0, 8.0, 5.0, 5.0])


def test_a_phone_that_drops_frames_shows_no_stills() -> None:
    """Fewer than five frames are missing: a segment begins with a frame of its own."""
    shown = [time for n, time in enumerate(times(Fraction(30), 300)) if n % 40 not in (20, 21, 22, 23)]
    edit = placed([segment(2.02, 3.35)], shown, Fraction(30))
    assert edit.cuts[0].skipped == 0
    assert edit.window(0) == pytest.approx((64 / 30, 104 / 30))


def test_a_segment_without_a_frame_is_refused() -> None:
    with pytest.raises(SourceRefused, match="no frame between 9 and 12 s") as refused:
        placed([segment(9, 12)], times(Fraction(30), 60), Fraction(30))
    assert refused.value.error_code == "empty_window"


@pytest.mark.parametrize(
    ("segments", "field"),
    [
        ([segment(0, 5), segment(50, 75)], "outputs.reel.segments.1.end"),
        ([segment(60, 65), segment(0, 5)], "outputs.reel.segments.0.start"),
        ([segment(0, 0.4, "crossfade"), segment(5, 9)], "outputs.reel.segments.0.transition_seconds"),
        ([segment(0, 5, "crossfade", 2), segment(7, 8.5)], "outputs.reel.segments.1.transition_seconds"),
        ([segment(0, 5), segment(59.7, 60.2, "fade", 1)], "outputs.reel.segments.1.transition_seconds"),
    ],
)
def test_what_cannot_be_cut_is_refused_by_name(segments: list[Segment], field: str) -> None:
    """Outside of the source, or shorter than its transitions."""
    with pytest.raises(InvalidRecipe) as refused:
        check_segments(segments, 60.0, 0.6, "outputs.reel")
    assert refused.value.details["field"] == field
    assert refused.value.message.startswith(field)


def test_segments_may_overlap_go_back_and_touch_the_end() -> None:
    check_segments([segment(40, 60.3), segment(0, 30), segment(20, 45)], 60.0, 0.6, "outputs.reel")
    check_segments([segment(0, 1e5)], None, 0.6, "outputs.reel")


def test_the_films_rate_is_the_sources() -> None:
    """A constant rate is kept; of a variable one the rate it counts in; over 60 every other frame."""
    assert nominal_rate(times(NTSC, 100), "30000/1001", variable=False) == NTSC
    dropped = [time for n, time in enumerate(times(Fraction(30), 300)) if n % 7 != 3]
    assert nominal_rate(dropped, "180/7", variable=True) == 30
    assert nominal_rate(times(Fraction(120), 300), "120/1", variable=False) == 60
    assert nominal_rate(times(Fraction(25), 100), None, variable=False) == 25
    assert nominal_rate([0.0], None, variable=True) == 30
