"""The recipe's words for an edit: which parts of the source, in which order, and how one becomes the next."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag, ValidationInfo, field_validator

from dailies.domain.model import Model
from dailies.domain.recipe.fields import MAX_SECONDS, Seconds

#: Each segment is an input of its own with a decoder of its own.
MAX_SEGMENTS = 24
#: Of what a highlight reel promises (the QC litmus of an edit).
MAX_CLIPS, CLIP_SECONDS = 5, (15.0, 60.0)
#: Shorter than this a segment is a flash, and none of its transitions fits.
MIN_SEGMENT_SECONDS = 0.1

#: The union members of ``segments``, which a user's path does not have.
LISTED, FOUND = "listed segments", "found segments"

Transition = Literal["cut", "fade", "crossfade"]
Preset = Literal["ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow"]
FramingMode = Literal["crop", "pad", "auto"]


class Segment(Model):
    """A part of the source, ``start`` inclusive to ``end`` exclusive. Segments may overlap and come in any order."""

    start: Seconds
    end: Seconds
    transition: Transition = Field(
        "cut",
        description="into the next segment: cut, fade (through black) or crossfade (both at once; the film is shorter"
        " by it). The last segment's fade ends in black, its crossfade has nothing to cross into and is a cut",
    )
    transition_seconds: float = Field(0.5, ge=0.04, le=10)
    score: float | None = Field(None, ge=0, le=1, description="why it was chosen, 0–1: carried into the result")

    @field_validator("end")
    @classmethod
    def _ends_after_start(cls, end: float, others: ValidationInfo) -> float:
        start = others.data.get("start")
        if start is not None and end - start < MIN_SEGMENT_SECONDS:
            raise ValueError(f"{end:g} must be at least {MIN_SEGMENT_SECONDS:g} s after start ({start:g})")
        return end


class HighlightWish(Model):
    """How many clips to find, and how long each may be, in seconds."""

    count: int = Field(MAX_CLIPS, ge=1, le=MAX_CLIPS)
    min: float = Field(CLIP_SECONDS[0], ge=1, le=MAX_SECONDS)
    max: float = Field(CLIP_SECONDS[1], ge=1, le=MAX_SECONDS)
    transition: Transition = Field("cut", description="between the clips")

    @field_validator("max")
    @classmethod
    def _not_below_min(cls, longest: float, others: ValidationInfo) -> float:
        shortest = others.data.get("min")
        if shortest is not None and longest < 1.2 * shortest:
            raise ValueError(f"{longest:g} leaves no room to end clips at pauses: ask for at least 1.2 × min")
        return longest


class FoundSegments(Model):
    """Segments that are found by ear and eye: speech, dynamics, scene changes, silence."""

    auto: HighlightWish


def _which(value: Any) -> str:
    return FOUND if isinstance(value, (dict, FoundSegments)) else LISTED


Segments = Annotated[
    Annotated[tuple[Segment, ...], Field(min_length=1, max_length=MAX_SEGMENTS), Tag(LISTED)]
    | Annotated[FoundSegments, Tag(FOUND)],
    Discriminator(_which),
]


def _sides(aspect: str) -> str:
    found = _ASPECT.fullmatch(aspect)
    if found is None or not 0.25 <= int(found[1]) / int(found[2]) <= 4:
        raise ValueError(
            f"{aspect[:20]!r} is no shape of a film: ask for width to height from 1:4 to 4:1, such as 9:16"
        )
    return aspect


_ASPECT = re.compile(r"([1-9][0-9]{0,3}):([1-9][0-9]{0,3})")
#: Width to height of the picture, ``"9:16"``.
Aspect = Annotated[str, Field(json_schema_extra={"pattern": f"^{_ASPECT.pattern}$"}), AfterValidator(_sides)]
