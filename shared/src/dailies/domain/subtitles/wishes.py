"""What a film asks of subtitles: where their text comes from, and how they look. In a recipe's words."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from dailies.domain.recipe.fields import LanguageCode
from dailies.domain.subtitles.rules import SubtitleRules
from dailies.domain.subtitles.style import SubtitleStyle
from dailies.domain.subtitles.subtitling import Speakers
from dailies.domain.transcript.wishes import Hearing, SpeakersFrom, check_names


class TextTrack(Hearing, SubtitleRules):
    """The film's subtitles: those of a text track of the source, or what is said, divided by the rules."""

    subtitle_track: int | None = Field(
        None, ge=0, le=63, description="subtitle track, counted from 0; the first that is text when absent"
    )
    language: LanguageCode | None = Field(
        None, description="of the track or of what is said, such as nl; whichever it is when absent"
    )
    text_from: Literal["track", "speech"] | None = Field(
        None, description="absent: a track of text where the source has one, what is said where it hasn't"
    )
    speakers: Speakers = Field(
        "dashes", description="of speech: dashes before two in one subtitle; labels: their names where they change"
    )
    shot_changes: bool | None = Field(
        None,
        description="of speech: true has all frames looked at, and no subtitle begins or ends shortly beside a cut;"
        " absent: where another output has found them already; false: wherever they are",
    )

    speakers_from: SpeakersFrom | None = Field(
        None,
        description="of speech: channels: who is on which of two; voices: told apart by the engine, where it can;"
        " absent: as the recipe's transcript has them",
    )

    @model_validator(mode="after")
    def _names_somebody(self) -> Self:
        check_names(self.speakers_from, self.speaker_names, "speakers_from")
        return self

    def hearing(self) -> dict[str, object]:
        """What is asked of the words, as the fields of a transcript."""
        asked = super().hearing()
        return asked if self.speakers_from is None else {**asked, "speakers": self.speakers_from}

    @field_validator("subtitle_track", "text_from")
    @classmethod
    def _heard(cls, wish: Any, others: ValidationInfo) -> Any:
        asked = [name for name in Hearing.model_fields if others.data.get(name)]
        if asked and wish not in (None, "speech"):
            raise ValueError(f"{asked[0]} is for what is said, not for a track of text: leave one of them out")
        return wish


class BurnIn(SubtitleStyle, TextTrack):
    """The film's subtitles, and how they look. The font is ours, whatever is installed."""

    font_family: Literal["Noto Sans"] = Field("Noto Sans", description="Latin, Greek, Cyrillic and Devanagari")
