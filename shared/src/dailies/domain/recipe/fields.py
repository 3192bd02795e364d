"""Types of recipe fields that several kinds of output share."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field

from dailies.domain.model import Model

MAX_SECONDS = 7 * 86_400.0

Seconds = Annotated[float, Field(ge=0, le=MAX_SECONDS)]


def _even(height: int) -> int:
    if height % 2:
        raise ValueError(f"{height} is odd and 4:2:0 video needs even sides: ask for {height - 1}")
    return height


#: Pixels; the width follows the aspect, and nothing is scaled up.
Height = Annotated[int, Field(ge=64, le=4320), AfterValidator(_even)]


#: BCP 47, as far as subtitles and speech need it: a language, and perhaps where it is spoken.
LanguageCode = Annotated[str, Field(pattern="^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})?$")]


def _no_truth(value: Any) -> Any:
    # Python's True equals 1, and a Literal compares; it refuses the word.
    return str(value) if isinstance(value, bool) else value


Channels = Annotated[Literal[1, 2], BeforeValidator(_no_truth)]


class Output(Model):
    """One thing that a recipe asks for. In a stored recipe it has the fields of its kind without their model."""

    model_config = ConfigDict(extra="allow")

    kind: str
    format: str
    optional: bool = Field(
        False, description="true: where it can't be made, the other outputs are delivered and the result says why not"
    )


class Requested(Output):
    """What every kind's own model begins with."""

    model_config = ConfigDict(extra="forbid")
