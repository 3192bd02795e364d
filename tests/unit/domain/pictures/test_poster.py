"""What makes the best poster."""

from __future__ import annotations

import pytest

from dailies.domain.pictures.poster import FRAME_BYTES, HEIGHT, WIDTH, Look, best, candidate_times, look


def board(low: int, high: int, square: int) -> bytes:
    """A checkerboard: the smaller its squares, the more edges."""
    return bytes(
        high if (x // square + y // square) % 2 else low for y in range(HEIGHT) for x in range(WIDTH)
    )  # fmt: skip


def seen(first: bytes, second: bytes) -> Look:
    found = look(first + second)
    assert found is not None
    return found


SHARP, SOFT = board(40, 200, 4), board(40, 200, 40)
BLACK = bytes(FRAME_BYTES)


def test_a_sharp_still_picture_beats_black_soft_and_changing_ones() -> None:
    """Black, few edges, a cut right after it: each loses to a sharp picture that stays."""
    looks = {
        1.0: seen(BLACK, BLACK),
        2.0: seen(SOFT, SOFT),
        3.0: seen(SHARP, BLACK),
        4.0: seen(SHARP, SHARP),
        5.0: seen(SHARP, SHARP),
    }
    assert looks[1.0].score == 0
    assert best(looks) == 4.0


def test_an_empty_or_burnt_picture_scores_nothing() -> None:
    """White has no content."""
    assert seen(b"\xff" * FRAME_BYTES, b"\xff" * FRAME_BYTES).score == 0
    assert look(b"") is None


def test_the_last_frame_of_a_film_can_be_judged() -> None:
    """It has none after it, so nothing changes."""
    alone = look(SHARP)
    assert alone is not None
    assert alone.change == 0


def test_candidates_avoid_the_ends() -> None:
    """Titles and fades are there. Without a duration the first frame has to do."""
    times = candidate_times(60.0)
    assert (times[0], times[-1], len(times)) == (2.5, 57.5, 12)
    assert candidate_times(None) == [0.0]


@pytest.mark.parametrize(("duration", "count"), [(0.3, 3), (2.5, 5), (6.0, 12), (7200.0, 12)])
def test_a_short_film_has_fewer_candidates(duration: float, count: int) -> None:
    """Pictures less than half a second apart are much alike, and each costs a seek."""
    assert len(candidate_times(duration)) == count
