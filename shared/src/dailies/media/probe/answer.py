"""What the probe's child prints: gathered, read, and brought into the form that it is meant to have."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationError

_MOST_BYTES = 2**22
#: libav's rationals are of 32 bits. A number written with an exponent would fill our memory.
_Ratio = Annotated[str, Field(pattern=r"^-?\d{1,12}/-?\d{1,12}$")]
_Hex = Annotated[str, Field(pattern=r"^([0-9a-f]{2})*$")]
#: PyAV gives some as a number.
_Flag = bool | int
#: libav counts in 64 bits.
_Number = Annotated[int, Field(ge=-(2**63), lt=2**64)]


class _Form(BaseModel):
    # What isn't named here nobody reads.
    model_config = ConfigDict(extra="ignore", defer_build=True)


class _Chapter(_Form):
    start: float
    end: float
    title: str


class _Stream(_Form):
    """A stream; those of sound and pictures say whether they are ``decodable``, the others hardly anything."""

    index: Annotated[int, Field(ge=0, lt=2**31)]
    id: _Number = 0
    type: str | None
    codec: str | None
    profile: str | None
    language: str | None
    disposition: _Number


class _Track(_Stream):
    """``steps``: distances of frames in seconds, and how often each comes."""

    decodable: bool
    tried: _Number
    encrypted: _Flag
    not_numbers: _Flag = False
    bit_rate: _Number | None
    packets: _Number
    counted_seconds: float | None
    bytes: _Number
    skipped: _Number = 0
    header_start: float | None
    header_duration: float | None
    first: float | None
    end: float | None
    missing_from: float | None = None
    sample_rate: _Number | None = None
    channels: _Number | None = None
    layout: str | None = None
    sample_format: str | None = None
    extradata: _Hex | None = None
    width: _Number | None = None
    height: _Number | None = None
    sample_aspect_ratio: _Ratio | None = None
    average_rate: _Ratio | None = None
    guessed_rate: _Ratio | None = None
    interlaced: _Flag = False
    changes_size: _Flag = False
    pixel_format: str | None = None
    bit_depth: _Number | None = None
    primaries: _Number = 2
    transfer: _Number = 2
    matrix: _Number = 2
    range: _Number = 0
    rotation: float | None = None
    display_matrix: _Hex | None = None
    side_data: list[str] | None = None
    steps: list[tuple[float, Annotated[int, Field(ge=0, lt=2**31)]]] | None = None
    tick: float | None = None


def _sort(stream: Any) -> str:
    # It is asked again when the form is written out.
    track = "decodable" in stream if isinstance(stream, dict) else isinstance(stream, _Track)
    return "track" if track else "other"


class _Facts(_Form):
    format: str
    duration: float | None
    start: float | None
    stream_count: _Number = 0
    duration_from: Literal["header", "packets", "estimate"]
    clock_jumped: _Flag = False
    ended_by: str | None = None
    tags: list[tuple[str, str]] = []
    chapters: list[_Chapter] = []
    streams: list[Annotated[Annotated[_Track, Tag("track")] | Annotated[_Stream, Tag("other")], Discriminator(_sort)]]


class _TooMany(_Form):
    """A file of which nothing else is looked at."""

    stream_count: _Number


class _Failed(_Form):
    error: str


class Answer:
    """The child's document, as it comes; nothing of one that is too long, or has another form.

    The child reads what an attacker wrote, and is believed to be the attacker's.
    """

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self._pieces: list[str] = []
        self._total = 0

    def add(self, piece: str) -> None:
        self._total += len(piece)
        if self._total <= _MOST_BYTES:
            self._pieces.append(piece)

    def parsed(self) -> dict[str, Any] | None:
        """None when it is no answer. Text in it can be written as UTF-8, whatever the child says."""
        text = "".join(self._pieces)
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            return None
        if "\\ud" in text:  # halves of UTF-16 pairs, perhaps: what has them can be neither stored nor shown
            found = json.loads(json.dumps(found, ensure_ascii=False).encode("utf-8", "replace"))
        return in_form(found)


def in_form(found: Any) -> dict[str, Any] | None:
    """The facts, each of its type, without those that nobody reads; None where one that has to be there isn't."""
    if not isinstance(found, dict):
        return None
    form = _Failed if "error" in found else _Facts if "streams" in found else _TooMany
    try:
        return form.model_validate(found).model_dump(exclude_unset=True)
    except ValidationError:
        return None
