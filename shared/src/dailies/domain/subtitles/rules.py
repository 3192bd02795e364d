"""The rules that subtitles are held to, in a recipe's words. Defaults are Netflix's for adults' programmes."""

from __future__ import annotations

from pydantic import Field

from dailies.domain.model import Model


class SubtitleRules(Model):
    """How long lines are, and how long they stay (Netflix Timed Text Style Guide, General Requirements)."""

    max_line_length: int = Field(42, ge=8, le=100, description="columns; a wide East Asian character counts two")
    max_lines_per_subtitle: int = Field(2, ge=1, le=4, description="one below the other")
    minimum_display_time: float = Field(5 / 6, ge=0.1, le=5, description="seconds")
    maximum_display_time: float = Field(7.0, ge=1, le=60, description="seconds")
    characters_per_second: float = Field(17.0, ge=5, le=60, description="reading speed; wide characters count two")
    gap_frames: int = Field(2, ge=0, le=24, description="between subtitles, frames of the film")
