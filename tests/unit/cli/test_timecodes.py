"""Times as they are typed."""

from __future__ import annotations

import pytest
import typer

from dailies.cli.timecodes import seconds_of


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0), ("62.5", 62.5), ("1:02.5", 62.5), ("90:00", 5400), ("1:01:02.25", 3662.25), ("0:00:00", 0),
        (" 1:02 ", 62), ("-1", -1), ("1e2", 100),
    ],
)  # fmt: skip
def test_seconds_and_timecodes_are_times(text: str, seconds: float) -> None:
    """A time below zero is one: the recipe refuses it, in its words."""
    assert seconds_of(text) == seconds


@pytest.mark.parametrize(
    "text", ["soon", "1:2", "1:60", "1:60:00", "1:02:3", ":30", "1:02,5", "nan", "inf", "", "-1:00"]
)
def test_what_is_no_time_is_refused_with_an_example(text: str) -> None:
    """The sentence says how one is written."""
    with pytest.raises(typer.BadParameter, match="is no time"):
        seconds_of(text)
