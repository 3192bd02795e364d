"""Chapters as a file's header has them: on the source's clock, and within the source."""

from __future__ import annotations

import math
from typing import Any

import pytest

from dailies.domain.source.tags import Chapter
from dailies.media.probe.label_facts import chapters_of


def facts(*times: tuple[float, float], form: str = "matroska,webm", origin: str = "header") -> dict[str, Any]:
    chapters = [{"start": start, "end": end, "title": "T"} for start, end in times]
    return {"format": form, "duration_from": origin, "chapters": chapters}


def test_times_count_from_the_sources_start() -> None:
    """But those of an MP3, whose start is its encoder's delay."""
    assert chapters_of(facts((1.0, 3.0)), 1.5, 9.0) == (Chapter(start=0, end=1.5, title="T"),)
    assert chapters_of(facts((0.0, 3.0), form="mp3"), 0.025, 9.0) == (Chapter(start=0, end=3, title="T"),)


@pytest.mark.parametrize("far", [9e15, 1e300, math.inf, math.nan, -9e15])
def test_what_no_source_is_as_long_as_is_no_time(far: float) -> None:
    """FFmpeg takes a number of 64 bits, and the run that it is too long for would fail."""
    for duration, origin, last in ((8.0, "header", 8.0), (8.0, "estimate", 604_800.0), (None, "packets", 604_800.0)):
        found = chapters_of(facts((1.0, far), (far, far), (2.0, 3.0), origin=origin), 0.0, duration)
        assert Chapter(start=2, end=3, title="T") in found
        assert all(0 <= chapter.start < chapter.end <= last for chapter in found)
