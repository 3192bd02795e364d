"""What is masked is gone from words and text, and its time is said."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dailies.domain.transcript.fillers import without_fillers
from dailies.domain.transcript.masked import Finding, masked, unheard_spans
from dailies.domain.transcript.transcript import Masked, Segment, Timing, Transcript, Word


def _transcript(*texts: str, language: str = "en", timing: Timing = "measured") -> Transcript:
    segments, at = [], 0.0
    for text in texts:
        words = tuple(
            Word(text=word, start=at + number, end=at + number + 0.5) for number, word in enumerate(text.split())
        )
        at = words[-1].end + 0.5
        segments.append(Segment(text=text, start=words[0].start, end=words[-1].end, words=words))
    return Transcript(language=language, segments=tuple(segments), timing=timing, engine="e", model="m")


def _digits(text: str) -> Sequence[Finding]:
    return [Finding("phone", match.start(), match.end()) for match in re.finditer(r"\d[\d ]*\d", text)]


def test_all_words_of_a_number_become_one_that_names_its_kind() -> None:
    found = masked(_transcript("call (06 123 45) now.", "Or not."), _digits)
    assert found.text == "call ([phone]) now.\nOr not."
    assert [(word.text, word.start, word.end) for word in found.words][1] == ("([phone])", 1.0, 3.5)
    assert found.masked == (Masked(kind="phone", start=1.0, end=3.5),)
    assert "123" not in found.model_dump_json()


def test_a_number_that_goes_on_in_the_next_segment_is_masked_where_it_begins() -> None:
    found = masked(_transcript("call 06 12", "34 56", "78 now"), _digits)
    assert found.text == "call [phone]\nnow"
    assert len(found.segments) == 2
    assert found.masked[0].end == found.segments[1].words[0].start - 0.5


def test_two_numbers_that_share_a_word_are_both_masked() -> None:
    found = masked(_transcript("call 06 12/07 34/08 or (09/10)."), _digits)
    assert found.text == "call [phone]/[phone]/[phone] or ([phone]/[phone])."
    assert [word.start for word in found.words] == [0.0, 1.0, 4.0, 5.0]
    times = [(one.start, one.end) for one in found.masked]
    assert times == [(1.0, 2.5), (2.0, 3.5), (3.0, 3.5), (5.0, 5.5), (5.0, 5.5)]
    assert not re.search(r"\d", "".join(word.text for word in found.words))


def test_without_findings_it_is_as_it_was() -> None:
    transcript = _transcript("nothing to hide")
    assert masked(transcript, _digits) is transcript


def test_a_little_more_than_the_words_is_unheard_and_much_more_where_times_are_estimated() -> None:
    found = masked(_transcript("a 11 b c d 22"), _digits)
    assert unheard_spans(found) == [(0.8, 1.7), (4.8, 5.7)]
    assert unheard_spans(found.model_copy(update={"timing": "estimated"})) == [(0.0, 2.5), (4.0, 6.5)]


def test_sounds_of_thinking_go_and_words_stay() -> None:
    found, count = without_fillers(_transcript("Um, I, uh, like it.", "Hmm."))
    assert (found.text, count) == ("I, like it.", 3)
    assert found.segments[0].start == 1.0
    found, count = without_fillers(_transcript("\u00c4hm, um acht Uhr.", language="de"))
    assert (found.text, count) == ("Um acht Uhr.", 1)
    plain = _transcript("As it is.")
    assert without_fillers(plain) == (plain, 0)
