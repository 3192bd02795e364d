"""Speech is cut into requests that hold all of it once, in pauses, within the engine's limits."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from dailies.domain.transcript.activity import Activity
from dailies.domain.transcript.chunks import RATE_HZ, Chunk, Limits, chunked
from dailies.domain.transcript.spans import Span, merged, without

WHISPER = Limits(window_seconds=30, max_seconds=3600)
API = Limits(window_seconds=900, max_seconds=900, max_bytes=24_000_000)


def _activity(speech: list[Span], quiet: list[Span]) -> Activity:
    return Activity(
        seconds=speech[-1][1] if speech else 0, speech=tuple(speech), voiced=tuple(speech), quiet=tuple(quiet)
    )


def test_no_speech_makes_no_request() -> None:
    assert chunked(_activity([], []), WHISPER) == ()


def test_short_remarks_are_packed_into_one_window_without_the_silence_between_them() -> None:
    (chunk,) = chunked(_activity([(10, 14), (100, 105), (300, 302)], []), WHISPER)
    assert chunk.windows == ((0, 11 * RATE_HZ),)
    assert chunk.spans() == [(10, 14), (100, 105), (300, 302)]


def test_what_lies_near_keeps_its_silence() -> None:
    (chunk,) = chunked(_activity([(10, 14), (15.5, 20)], [(14, 15.5)]), WHISPER)
    assert chunk.spans() == [(10, 20)]


def test_long_speech_is_cut_in_the_longest_late_pause() -> None:
    (chunk,) = chunked(_activity([(0, 50)], [(10, 11), (26, 26.8), (28, 28.3)]), WHISPER)
    assert [end / RATE_HZ for _, end in chunk.windows] == [26.4, 50]


def test_speech_without_a_pause_is_cut_where_the_window_ends() -> None:
    (chunk,) = chunked(_activity([(0, 65)], []), WHISPER)
    assert [end / RATE_HZ for _, end in chunk.windows] == [30, 60, 65]


def test_an_api_gets_files_within_its_bytes() -> None:
    pauses = [(second - 0.25, second + 0.25) for second in range(7, 4000, 7)]
    chunks = chunked(_activity([(0, 4000)], pauses), API)
    assert len(chunks) == 6
    assert all(44 + 2 * chunk.samples <= API.max_bytes for chunk in chunks)
    assert all(len(chunk.windows) == 1 for chunk in chunks)


def test_times_of_a_file_are_times_of_the_source_on_either_side_of_a_splice() -> None:
    (chunk,) = chunked(_activity([(10, 14), (100, 105)], []), WHISPER)
    assert chunk.source_span(1.0, 1.5) == (11.0, 11.5)
    assert chunk.source_span(4.0, 4.5) == (100.0, 100.5)
    assert chunk.source_span(3.5, 4.4) == (13.5, 14.0)
    assert chunk.source_span(3.7, 4.5) == (100.0, 100.5)
    assert chunk.source_span(8.9, 99.0) == (104.9, 105.0)


def test_a_stretch_can_be_heard_by_itself() -> None:
    (chunk,) = chunked(_activity([(10, 14), (18, 40)], []), WHISPER)
    part = chunk.part(20.0, 26.0)
    assert (part.spans(), part.samples) == ([(20.0, 26.0)], 6 * RATE_HZ)
    assert part.source_span(1.0, 2.0) == (21.0, 22.0)
    assert chunk.part(13.0, 19.0).spans() == [(13.0, 14.0), (18.0, 19.0)]


spans = st.lists(
    st.tuples(st.integers(0, 20_000), st.integers(1, 3_000)).map(lambda pair: (pair[0] / 10, (pair[0] + pair[1]) / 10)),
    max_size=30,
).map(merged)


@given(spans, spans, st.sampled_from([WHISPER, API, Limits(5, 12), Limits(15, 3600, 600_000)]))
def test_all_speech_is_in_one_window_once_and_finds_its_way_back(
    speech: list[Span], quiet: list[Span], limits: Limits
) -> None:
    chunks = chunked(_activity(speech, quiet), limits)
    taken = [span for chunk in chunks for span in chunk.spans()]
    assert taken == sorted(taken)
    assert all(a[1] <= b[0] for a, b in pairwise(taken))
    assert sum(end - start for start, end in without(speech, merged(taken, gap=1e-3))) < 1e-3
    for chunk in chunks:
        assert chunk.samples <= limits.max_seconds * RATE_HZ + 1
        assert 44 + 2 * chunk.samples <= limits.max_bytes
        assert all(last - first <= limits.window_seconds * RATE_HZ + 2 for first, last in chunk.windows)
        assert (chunk.windows[0][0], chunk.windows[-1][1]) == (0, chunk.samples)
        _finds_back(chunk)


def _finds_back(chunk: Chunk) -> None:
    for take in chunk.takes:
        for sample in (take.first, (take.first + take.last) // 2):
            at = (take.at + sample - take.first) / RATE_HZ
            assert chunk.source_span(at, at)[0] == pytest.approx(sample / RATE_HZ, abs=0.5 / RATE_HZ)
