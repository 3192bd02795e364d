"""The parameters of subtitles that are drawn into a film."""

from __future__ import annotations

from dailies.domain.model import Model
from dailies.domain.subtitles.style import SubtitleStyle
from dailies.operations.text.subtitle_params import SUBTITLES, SubtitlesParams
from dailies.planning.operation import Request


class Burnt(Model):
    """The subtitles that are drawn into a film, and their font's release."""

    font: str
    subtitles: SubtitlesParams


def burnt_of(wish: SubtitleStyle, subtitles: SubtitlesParams) -> Burnt:
    """Subtitles in a film's time, in the style that is wished for.

    Raises Misconfigured ``not_installed`` where the font isn't there.
    """
    from dailies.media.run.fonts import font_release

    style = SubtitleStyle.model_validate(wish.model_dump(include=set(SubtitleStyle.model_fields)))
    return Burnt(font=font_release(), subtitles=subtitles.model_copy(update={"style": style}))


def burnt_request(burnt: Model) -> dict[str, Request]:
    """The step that the subtitles come from, by its role."""
    if not isinstance(burnt, Burnt):
        raise TypeError("what is burnt in are subtitles and a font")
    return {SUBTITLES: Request(SUBTITLES, burnt.subtitles)}
