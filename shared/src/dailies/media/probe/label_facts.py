"""From the tags and chapters that the probe's child printed to the domain's. Pure; trusts no value to be sane."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from dailies.domain.recipe.fields import MAX_SECONDS
from dailies.domain.source.tags import Chapter, clean_chapters, clean_tags, private_tags


def tags_of(facts: Mapping[str, Any]) -> dict[str, str]:
    return clean_tags((name, value) for name, value in facts.get("tags", ()))


def private_tags_of(facts: Mapping[str, Any]) -> dict[str, str]:
    return private_tags((name, value) for name, value in facts.get("tags", ()))


def chapters_of(facts: Mapping[str, Any], start: float, duration: float | None) -> tuple[Chapter, ...]:
    """On the source's clock, whose first time is ``start`` in the file; what begins before it begins with it.

    A header may say anything: what lies behind the ``duration`` is none, nor what is cut to nothing by it.
    """
    last = duration if duration is not None and facts["duration_from"] != "estimate" else MAX_SECONDS
    # An MP3's chapters count from its first sound, not from the encoder's delay in front of it.
    begin = 0.0 if facts["format"] == "mp3" else start
    times = [(each["start"] - begin, each["end"] - begin, each["title"]) for each in facts.get("chapters", ())]
    return clean_chapters(
        Chapter(start=max(0.0, round(opens, 6)), end=round(min(closes, last), 6), title=title)
        for opens, closes, title in times
        if math.isfinite(opens) and math.isfinite(closes)
    )
