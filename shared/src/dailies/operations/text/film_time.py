"""What of the source a film shows, and when: the time that its subtitles are in."""

from __future__ import annotations

from typing import Any

from dailies.domain.model import Model
from dailies.domain.source.media_info import MediaInfo
from dailies.operations.resolution import RenderParams
from dailies.operations.steps.assemble import AssembleParams
from dailies.operations.steps.edit_resolution import EditParams
from dailies.operations.steps.text_track import TextTrackParams
from dailies.operations.text.subtitle_params import SubtitlesParams


def in_time_of(film: Model, text: SubtitlesParams, info: MediaInfo) -> SubtitlesParams | None:
    """Subtitles of the whole source as those of the film whose step's parameters these are.

    None for what has no time of its own, such as a picture.
    """
    if isinstance(film, TextTrackParams):
        return in_time_of(film.film, text, info)
    if isinstance(film, EditParams):
        found = film.highlights
        cuts = None if found is not None else film.cuts(film.segments)
        update: dict[str, Any] = {"cuts": cuts, "highlights": found, "cut_stream": film.picture.stream}
        if found is not None and text.speech is not None and text.scenes is None:
            update["scenes"] = found.scenes
    elif isinstance(film, AssembleParams):
        update = {"window": film.film.window}
    elif isinstance(film, RenderParams):
        update = {"window": film.window}
    else:
        return _of_other_films(film, text, info)
    return text.model_copy(update=update)


def _of_other_films(film: Model, text: SubtitlesParams, info: MediaInfo) -> SubtitlesParams | None:
    """Of those that show all of the source."""
    from dailies.operations.abr.abr_ladder import AbrParams
    from dailies.operations.deliverables.timelapse import TimelapseParams
    from dailies.operations.steps.abr_text import AbrTextParams

    if isinstance(film, (AbrParams, AbrTextParams)):
        return text
    if isinstance(film, TimelapseParams):
        speed = film.speed
        if speed is None and film.duration and info.duration_seconds:
            speed = info.duration_seconds / film.duration
        return None if speed is None else text.model_copy(update={"speed": speed})
    return None
