"""What is asked of whoever hears the speech, whatever is made of its words. In a recipe's words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from dailies.domain.model import Model

SpeakersFrom = Literal["channels", "voices"]
"""What speakers are told apart by: the channel that each has, or their voices."""
_CHANNELS = 2


def check_names(speakers: SpeakersFrom | None, names: Sequence[str], field: str) -> None:
    """Raises ValueError for names of nobody. ``field``: what the recipe calls ``speakers``."""
    if names and speakers is None:
        raise ValueError(f"speaker_names are for speakers who are told apart: ask for {field}")
    if speakers == "channels" and len(names) > _CHANNELS:
        raise ValueError(f"{len(names)} speaker_names are too many for two channels")


class Hearing(Model):
    """Hints to the speech engine, and what it writes."""

    prompt: str = Field("", max_length=1000, description="of speech: what it is about; a hint to the engine")
    vocabulary: tuple[Annotated[str, StringConstraints(min_length=1, max_length=60)], ...] = Field(
        (), max_length=100, description="of speech: names and terms that are said; hints to the engine"
    )
    translate: bool = Field(False, description="of speech, true: English, whatever is spoken; where the engine can")

    speaker_names: tuple[Annotated[str, StringConstraints(min_length=1, max_length=40)], ...] = Field(
        (),
        max_length=20,
        description="of speech: what the speakers are called, in the order of their channels, or in that in which their"
        " voices are first heard",
    )

    def hearing(self) -> dict[str, object]:
        """The fields of it that were asked for."""
        asked = {name: getattr(self, name) for name in Hearing.model_fields}
        return {name: value for name, value in asked.items() if value != Hearing.model_fields[name].default}
