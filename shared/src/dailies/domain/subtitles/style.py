"""How subtitles look, in a recipe's words."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from dailies.domain.model import Model

_COLOR = re.compile(r"#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{8})")
_FAMILY = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _-]{0,62}")


def _color(value: str) -> str:
    if not _COLOR.fullmatch(value):
        raise ValueError(f"{value[:20]!r} is no colour: write #RRGGBB or #RRGGBBAA, such as #ffffff")
    return value.lower()


def _family(value: str) -> str:
    if not _FAMILY.fullmatch(value):
        raise ValueError("a font's name has letters, digits, spaces, '-' and '_', 63 at most")
    return value


Color = Annotated[str, Field(json_schema_extra={"pattern": f"^{_COLOR.pattern}$"}), AfterValidator(_color)]
FontFamily = Annotated[str, Field(json_schema_extra={"pattern": f"^{_FAMILY.pattern}$"}), AfterValidator(_family)]
Positioning = Literal["bottom", "middle", "top", "bottom-left", "bottom-right", "top-left", "top-right"]
#: ASS's ``\an``: places as on a numeric keypad.
PLACES: dict[Positioning, int] = {
    "bottom-left": 1, "bottom": 2, "bottom-right": 3, "middle": 5, "top-left": 7, "top": 8, "top-right": 9,
}  # fmt: skip


class SubtitleStyle(Model):
    """Kept by ass and vtt; srt has none but italics and the place."""

    font_family: FontFamily = Field("Noto Sans", description="of ass and vtt, where the player has it")
    font_size: float = Field(5.0, ge=1, le=20, description="height of a line, percent of the picture's")
    font_color: Color = Field("#ffffff", description="#RRGGBB or #RRGGBBAA")
    background_color: Color | None = Field(None, description="of a box behind the text; an outline when absent")
    positioning: Positioning = Field("bottom", description="where on the picture")


def rgba(color: str) -> tuple[int, int, int, int]:
    """Red, green, blue and opacity of ``#RRGGBB`` or ``#RRGGBBAA``, 0-255."""
    red, green, blue, alpha = bytes.fromhex(f"{color[1:]}ff"[:8])
    return red, green, blue, alpha
