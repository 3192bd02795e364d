"""Times as people write them: seconds, or a timecode."""

from __future__ import annotations

import math
import re

import typer

_TIMECODE = re.compile(r"(?:(?P<hours>\d{1,5}):(?=\d\d:))?(?P<minutes>\d{1,6}):(?P<seconds>\d\d(?:\.\d+)?)")


def seconds_of(text: str) -> float:
    """The seconds of ``62.5``, ``1:02.5`` or ``1:01:02.5``. Raises typer.BadParameter.

    A number below zero is one, and refused where the recipe is read, in its words.
    """
    found = _TIMECODE.fullmatch(text.strip())
    if found is None:
        try:
            seconds = float(text)
        except ValueError:
            seconds = float("nan")
        if not math.isfinite(seconds):
            raise typer.BadParameter(f"{text!r} is no time: write seconds (62.5) or a timecode (1:02.5, 1:01:02.5)")
        return seconds
    hours, minutes, seconds = int(found["hours"] or 0), int(found["minutes"]), float(found["seconds"])
    if seconds >= 60 or (found["hours"] is not None and minutes >= 60):
        raise typer.BadParameter(f"{text!r} is no time: 60 seconds are a minute, and 60 minutes an hour")
    return hours * 3600 + minutes * 60 + seconds
