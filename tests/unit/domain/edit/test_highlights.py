"""Which clips are found, and why."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from itertools import pairwise

import pytest

from dailies.domain.edit.highlights import Evidence, cut_places, find_highlights
from dailies.domain.edit.speech import ENVELOPE_HZ, pauses, speech_seconds
from dailies.domain.loudness.loudness import Blocks

TEN_MINUTES = 600


def evidence(talk: tuple[int, int] = (200, 300), scenes: tuple[float, ...] = ()) -> Evidence:
    """Ten minutes of murmur; somebody speaks from ``talk`` to ``talk``, with a pause every six seconds."""
    dice = random.Random(7)
    inside = [talk[0] <= n / 10 < talk[1] for n in range(TEN_MINUTES * 10)]
    lufs = [-20 + dice.uniform(-8, 4) if speaking else -45 + dice.uniform(-1, 1) for speaking in inside]
    return Evidence(
        seconds=float(TEN_MINUTES),
        blocks=Blocks.of(lufs[: TEN_MINUTES * 10 - 3]),
        speech=[talk[0] <= n < talk[1] for n in range(TEN_MINUTES)],
        pauses=[n + 0.4 for n in range(talk[0], talk[1], 6)],
        scenes=scenes,
    )


def test_clips_are_where_somebody_speaks_and_end_at_pauses() -> None:
    found = find_highlights(evidence(), 3, 15, 60)
    assert len(found) == 3
    assert all(clip.start >= 200 and clip.end <= 302 for clip in found)
    assert all(15 <= clip.end - clip.start <= 60 for clip in found)
    natural, _ = cut_places(evidence(), 45)
    assert all(clip.start in natural for clip in found)
    assert sum(clip.end in natural for clip in found) >= 2


def test_clips_lie_apart_and_in_the_order_of_the_source() -> None:
    found = find_highlights(evidence(talk=(0, 600)), 5, 15, 60)
    assert len(found) == 5
    assert all(before.end + 2 <= after.start for before, after in pairwise(found))


def test_every_score_is_the_sum_of_its_terms() -> None:
    for clip in find_highlights(evidence(scenes=(210.5, 222.0, 250.2)), 5, 15, 30):
        assert {term.name for term in clip.terms} == {"speech", "dynamics", "scenes", "silence", "bounds"}
        assert sum(term.weight for term in clip.terms) == pytest.approx(1, abs=1e-3)
        assert sum(term.points for term in clip.terms) == pytest.approx(100 * clip.score, abs=0.05)
        assert all(0 <= term.value <= 1 and term.measured for term in clip.terms)


def test_the_same_evidence_gives_the_same_clips() -> None:
    assert find_highlights(evidence(), 5, 15, 60) == find_highlights(evidence(), 5, 15, 60)


def test_scenes_draw_clips_where_there_is_no_sound() -> None:
    """Terms that can't be measured drop out with their weight."""
    silent = Evidence(seconds=300.0, blocks=None, speech=None, pauses=(), scenes=[100.0, 104.0, 108.0, 112.0])
    [clip] = find_highlights(silent, 1, 15, 20)
    assert clip.start < 104 < clip.end
    assert {term.name for term in clip.terms} == {"scenes", "bounds"}
    assert sum(term.weight for term in clip.terms) == pytest.approx(1, abs=1e-3)


def test_a_source_shorter_than_a_clip_has_none_and_one_just_as_long_has_one() -> None:
    short = Evidence(seconds=14.9, blocks=None, speech=None, pauses=(), scenes=())
    assert find_highlights(short, 5, 15, 60) == ()
    just = Evidence(seconds=15.0, blocks=None, speech=None, pauses=(), scenes=())
    assert [(clip.start, clip.end) for clip in find_highlights(just, 5, 15, 60)] == [(0.0, 15.0)]


@pytest.mark.parametrize(("shortest", "longest"), [(2, 3), (4, 4.8), (1, 1.5), (15, 18)])
def test_there_are_clips_of_whatever_length_where_nothing_offers_a_cut(shortest: float, longest: float) -> None:
    """Even of lengths that lie closer together than the places where one would cut."""
    plain = Evidence(seconds=100.0, blocks=None, speech=None, pauses=(), scenes=())
    found = find_highlights(plain, 5, shortest, longest)
    assert len(found) == 5
    assert all(shortest <= clip.end - clip.start <= longest for clip in found)


def test_a_day_long_source_has_a_bounded_number_of_places() -> None:
    day = Evidence(seconds=86_400.0, blocks=None, speech=None, pauses=[n * 0.7 for n in range(120_000)], scenes=())
    _, places = cut_places(day, 45)
    assert len(places) <= 20_000


def envelope(kind: str, seconds: int = 20) -> list[float]:
    """Levels of 50 ms in dBFS: syllables with pauses, a held chord, noise, silence."""
    dice = random.Random(3)
    levels = []
    for n in range(seconds * ENVELOPE_HZ):
        time = n / ENVELOPE_HZ
        if kind == "speech":
            syllable = 0.55 + 0.45 * math.sin(2 * math.pi * 4.3 * time + math.sin(time))
            levels.append(-60.0 if time % 5 > 4.4 else 20 * math.log10(0.1 * syllable + 1e-3))
        elif kind == "chord":
            levels.append(20 * math.log10(0.1 * (1 + 0.1 * math.sin(2 * math.pi * 2 * time))))
        elif kind == "noise":
            levels.append(-20 + dice.gauss(0, 0.5))
        else:
            levels.append(-math.inf)
    return levels


def test_speech_is_told_by_its_syllables() -> None:
    assert sum(speech_seconds(envelope("speech"))) >= 18
    for other in ("chord", "noise", "silence"):
        assert sum(speech_seconds(envelope(other))) == 0
    assert speech_seconds([]) == []


def test_pauses_are_found_in_their_middle() -> None:
    assert pauses(envelope("speech")) == pytest.approx([4.7, 9.7, 14.7, 19.7], abs=0.15)
    assert pauses(envelope("chord")) == []
    assert pauses([]) == []


def test_no_clip_is_cut_within_a_word_and_sentences_are_places_to_cut() -> None:
    """Whatever offers itself: pauses that lie within words move to their ends, and so do forced places."""
    spoken = evidence(scenes=(225.05,))
    words = [(round(200 + 0.4 * n, 3), round(200 + 0.4 * n + 0.37, 3)) for n in range(250)]
    told = replace(spoken, words=words, sentences=[212.385, 231.985])
    natural, places = cut_places(told, 45)
    inside = [place for place in places for start, end in words if start < place < end]
    assert inside == []
    assert {212.385, 231.985} <= set(natural)
    assert places == sorted(set(places))
    clips = find_highlights(told, 3, 15, 60)
    assert len(clips) == 3
    assert not any(start < edge < end for clip in clips for edge in (clip.start, clip.end) for start, end in words)
