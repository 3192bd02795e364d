"""How long a subtitle stays."""

from __future__ import annotations

from fractions import Fraction

import pytest

from dailies.domain.subtitles.cues import cue
from dailies.domain.subtitles.measure import coverage, measure
from dailies.domain.subtitles.rules import SubtitleRules
from dailies.domain.subtitles.subtitling import subtitle
from dailies.domain.subtitles.timing import Clock, Spoken, display_times

from .spoken import spoken

RULES = SubtitleRules()


def times(*spoken: tuple[int, int, int], clock: Clock | None = None) -> list[tuple[int, int]]:
    return display_times([Spoken(*each) for each in spoken], RULES, clock or Clock())


def test_a_short_word_stays_long_enough_to_be_read() -> None:
    assert times((1000, 1100, 3)) == [(1000, 1833)]
    assert times((1000, 1500, 34)) == [(1000, 3000)]


def test_none_is_shown_longer_than_seven_seconds() -> None:
    assert times((0, 9000, 20)) == [(0, 7000)]


def test_two_frames_are_between_two_subtitles_and_half_a_second_is_closed() -> None:
    """80 ms at 25 frames a second, 84 at 24000/1001 rounded up."""
    assert times((0, 1000, 20), (1500, 2500, 20))[0] == (0, 1420)
    ntsc = Clock(Fraction(24000, 1001))
    assert times((0, 1000, 20), (1500, 2500, 20), clock=ntsc)[0] == (0, 1416)
    assert times((0, 1000, 20), (3000, 3500, 20))[0] == (0, 1400)


@pytest.mark.parametrize(
    ("start", "wanted"),
    [(9800, 10000), (10200, 10000), (9600, 9520), (9400, 9400), (10400, 10000), (10500, 10500)],
)
def test_a_subtitle_begins_with_its_shot(start: int, wanted: int) -> None:
    """Within 7 frames before it and 12 behind it moves to the cut; before it, it keeps 12 frames or none."""
    assert times((start, start + 1000, 17), clock=Clock(shots=[10000]))[0][0] == wanted


def test_a_subtitle_ends_before_the_next_shot() -> None:
    assert times((8000, 9700, 17), clock=Clock(shots=[10000])) == [(8000, 9920)]
    assert times((8000, 10600, 17), clock=Clock(shots=[10700])) == [(8000, 10620)]
    # What is still said goes on behind the cut, long enough to be seen there.
    assert times((8000, 10350, 17), clock=Clock(shots=[10000]))[0][1] >= 10480


def test_speech_within_the_rules_is_subtitled_within_the_rules() -> None:
    text = "We choose to go to the moon in this decade and do the other things, not because they are easy. " * 20
    cues = subtitle(spoken(text), "en", RULES)
    facts = measure(cues, RULES, Clock())
    assert {rule.rule: rule.share for rule in facts.rules} == {
        "max_line_length": 1, "max_lines_per_subtitle": 1, "minimum_display_time": 1, "maximum_display_time": 1,
        "characters_per_second": 1, "gap_frames": 1,
    }  # fmt: skip
    assert facts.words == len(text.split())
    assert facts.worst_characters_per_second <= 17


def test_who_speaks_too_fast_is_said() -> None:
    """No rule of reading can be kept where there is no time: the certificate has the share."""
    facts = measure(subtitle(spoken("Everything at once. " * 40, letters=40), "en", RULES), RULES, Clock())
    [speed] = [rule for rule in facts.rules if rule.rule == "characters_per_second"]
    assert speed.share < 0.5
    assert speed.worst == pytest.approx(facts.worst_characters_per_second, abs=0.1)
    assert facts.overlaps == 0


def test_coverage_counts_the_words_that_arrived() -> None:
    """In their order, through dashes and names; of scripts without spaces too."""
    text = "Are you coming? Not yet. Are you sure?"
    cues = subtitle(
        [*spoken(text, speaker="Ann"), *spoken("Quite.", at=9, speaker="Bob")], "en", RULES, speakers="labels"
    )
    assert coverage([*text.split(), "Quite."], cues) == 1
    assert coverage([*text.split(), "absolutely", "Quite."], cues) == pytest.approx(9 / 10)
    assert coverage([], cues) == 1
    assert coverage(["吾輩は", "猫である。"], [cue(0, 1000, "吾輩は猫\nである。")]) == 1
