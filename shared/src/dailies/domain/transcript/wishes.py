"""What is asked of whoever hears the speech, whatever is made of its words. In a recipe's words."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from dailies.domain.model import Model


class Hearing(Model):
    """Hints to the speech engine, and what it writes."""

    prompt: str = Field("", max_length=1000, description="of speech: what it is about; a hint to the engine")
    vocabulary: tuple[Annotated[str, StringConstraints(min_length=1, max_length=60)], ...] = Field(
        (), max_length=100, description="of speech: names and terms that are said; hints to the engine"
    )
    translate: bool = Field(False, description="of speech, true: English, whatever is spoken; where the engine can")

    def hearing(self) -> dict[str, object]:
        """The fields of it that were asked for."""
        asked = {name: getattr(self, name) for name in Hearing.model_fields}
        return {name: value for name, value in asked.items() if value != Hearing.model_fields[name].default}
