"""Full stops hold spread words at the pauses that they stand before."""

from __future__ import annotations

import time
from itertools import pairwise

from dailies.domain.transcript.spreading import spread_words


def test_a_sentence_that_is_spoken_fast_does_not_push_the_others_away() -> None:
    text = "aaaa aaaa aaaa aaaa aaaa aaaa. bbbb bbbb bbbb. cccc cccc cccc."
    spans = [(0.0, 4.5), (5.5, 9.0), (10.0, 13.0)]
    starts = {word.text[:1]: word.start for word in reversed(spread_words(text, spans))}
    assert starts == {"a": 0.0, "b": 5.5, "c": 10.0}


def test_without_marks_words_are_spread_evenly() -> None:
    words = spread_words("aa aa aa aa", [(0.0, 1.0), (5.0, 6.0)])
    assert [word.start for word in words] == [0.0, 0.5, 5.0, 5.5]


def test_a_full_stop_far_from_any_pause_is_no_anchor() -> None:
    words = spread_words("a. " * 3 + f"{'b' * 56} " * 3, [(0, 50), (51, 60)])
    assert [word.start for word in words[:3]] != [0, 0, 51]
    assert all(a.end <= b.start + 0.002 for a, b in pairwise(words))


def test_text_of_nothing_but_full_stops_takes_no_longer_than_others() -> None:
    began = time.process_time()
    spread_words("a. " * 20_000, [(float(place), place + 0.5) for place in range(600)])
    assert time.process_time() - began < 5
