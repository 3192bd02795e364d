"""The recipe's outputs that are made of pictures alone."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from dailies.domain.recipe.fields import Height, Requested

ImageFormat = Literal["jpeg", "png", "webp"]


class Coloured(Requested):
    """What every output made of the source's pictures may ask."""

    hdr: Literal["refuse", "tonemap"] = Field("refuse", description="what to do with a PQ, HLG or Dolby Vision source")


class Pictured(Coloured):
    """As above, with the size of the picture."""

    height: Height | None = Field(None, description="pixels, even; width follows the aspect; never scaled up")
