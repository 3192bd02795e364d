"""The transcript's models refuse what no reader could use."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from dailies.domain.transcript.transcript import Segment, Transcript, Word, weakest


def _segment(text: str, start: float) -> Segment:
    return Segment(text=text, start=start, end=start + 1, words=(Word(text=text, start=start, end=start + 0.5),))


def _transcript(*segments: Segment) -> Transcript:
    return Transcript(language="en", segments=segments, engine="e", model="m")


def test_a_transcript_has_the_words_and_the_text_of_its_segments() -> None:
    transcript = _transcript(_segment("Good", 0), _segment("morning.", 2))
    assert transcript.text == "Good\nmorning."
    assert [word.start for word in transcript.words] == [0, 2]


def test_a_transcript_survives_json() -> None:
    transcript = _transcript(_segment("Good", 0))
    assert Transcript.model_validate_json(transcript.model_dump_json()) == transcript


@pytest.mark.parametrize("end", [0.9, float("nan"), -1.0])
def test_a_word_that_ends_before_it_starts_is_refused(end: float) -> None:
    with pytest.raises(ValidationError):
        Word(text="a", start=1.0, end=end)
    with pytest.raises(ValidationError):
        Segment(text="a", start=1.0, end=end)


def test_segments_out_of_order_are_refused() -> None:
    with pytest.raises(ValidationError, match="order"):
        _transcript(_segment("b", 2), _segment("a", 0))


def test_the_timing_of_a_whole_is_its_weakest_part() -> None:
    assert weakest(("measured", "estimated", "aligned")) == "estimated"
    assert weakest(()) == "measured"
