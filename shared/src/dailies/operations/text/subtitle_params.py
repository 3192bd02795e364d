"""The parameters of a file of subtitles, and how a film's own time becomes theirs."""

from __future__ import annotations

from typing import Literal

from pydantic import SerializeAsAny

from dailies.domain.model import Model
from dailies.domain.source.audio_selection import Window
from dailies.domain.source.media_info import MediaInfo, OtherStream
from dailies.domain.subtitles.rules import SubtitleRules
from dailies.domain.subtitles.style import SubtitleStyle
from dailies.domain.subtitles.subtitling import Speakers
from dailies.media.graphs.text.subtitle_tracks import STYLED_CODECS
from dailies.operations.steps.cuts import CutsParams
from dailies.operations.steps.highlights import HighlightParams
from dailies.operations.steps.scenes import ScenesParams
from dailies.operations.steps.subtitle_track import SubtitleTrackParams
from dailies.operations.text.subtitle_sources import two_letters

SUBTITLES = "subtitles"
Form = Literal["srt", "vtt", "ass"]
_WHOLE = Window()


class SubtitlesParams(Model):
    """Subtitles, resolved against the source, of a ``window`` of it or of an edit.

    They are those of a ``track``, or of what is said: ``speech`` has the parameters of the transcript's step.

    The edit's segments are those of ``cuts``, or found by ``highlights``, whose stream ``cut_stream`` is. ``rate``: the
    film's, frames per second. ``apart``: never two at once. ``scenes``: what tells the shots.
    """

    track: SubtitleTrackParams | None
    speech: SerializeAsAny[Model] | None = None
    speakers: Speakers = "dashes"
    karaoke: bool = False
    language: str | None
    form: Form
    rules: SubtitleRules
    style: SubtitleStyle | None = None
    window: Window = _WHOLE
    cuts: CutsParams | None = None
    highlights: HighlightParams | None = None
    cut_stream: int | None = None
    speed: float = 1.0
    apart: bool = False
    scenes: ScenesParams | None = None
    rate: str


def subtitles_of(stream: OtherStream, form: Form, info: MediaInfo) -> SubtitlesParams:
    """A text track as it is, of the whole source."""
    return SubtitlesParams(
        track=SubtitleTrackParams(stream=stream.index, styled=stream.codec in STYLED_CODECS),
        language=two_letters(stream.language),
        form=form,
        rules=SubtitleRules(),
        rate=_rate(info),
    )


def subtitles_of_speech(speech: Model, form: Form, info: MediaInfo) -> SubtitlesParams:
    """What is said, of the whole source, by the parameters of its transcript's step."""
    return SubtitlesParams(
        track=None,
        speech=speech,
        language=None,
        form=form,
        rules=SubtitleRules(),
        rate=_rate(info),
    )


def _rate(info: MediaInfo) -> str:
    """What gaps between subtitles are counted in; without pictures as in most films."""
    video = info.main_video()
    return "25/1" if video is None else video.steady_rate
