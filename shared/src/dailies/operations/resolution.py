"""Resolves an output of the recipe against the source: which track, which window, which step parameters."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import SerializeAsAny, field_validator

from dailies.domain.errors import InvalidRecipe, SourceRefused
from dailies.domain.model import Model
from dailies.domain.recipe.recipe import Normalize
from dailies.domain.source.audio_selection import AudioSelection, Window
from dailies.domain.source.media_info import AudioStream, MediaInfo
from dailies.media.graphs.film.encoding import VIDEO_PRESET, AudioEncoding
from dailies.media.graphs.pictures.picture import PictureParams
from dailies.operations.sound.loudness_probe import MEASURE, Sound
from dailies.operations.steps.level import LevelParams
from dailies.operations.tagging import TagParams, cover_request
from dailies.planning.operation import Request
from dailies.planning.plan import PROBE, NoParams

#: Audio and video outputs of one source are encoded in one run.
FUSE = "render"
LEVEL = "level"
_TOLERANCE_SECONDS = 0.5
_TOLERANCE_RATIO = 0.01


class AudioPart(Model):
    selection: AudioSelection
    encoding: AudioEncoding
    source_rate_hz: int
    normalize: Normalize | None

    @field_validator("normalize")
    @classmethod
    def _of_the_whole(cls, normalize: Normalize | None) -> Normalize | None:
        """An edit and a plain output share the steps that level them."""
        return None if normalize is None else normalize.of_the_whole()


class PicturePart(Model):
    """``params`` None: the stream is copied. ``rate``: the film's, frames per second.

    ``reach``: how long before a moment the picture may have come that is on screen then, in seconds.

    ``one_piece`` says why a long film was not divided into chunks. ``burnt``: the subtitles that are drawn
    into the pictures, and their font.
    """

    stream: int
    params: PictureParams | None
    quality: str | int
    preset: str = VIDEO_PRESET
    rate: str = "30/1"
    reach: float = 0.0
    one_piece: str | None = None
    burnt: SerializeAsAny[Model] | None = None


class RenderParams(Model):
    """One output, resolved against the source."""

    muxer: str
    extension: str
    media_type: str
    window: Window
    audio: AudioPart | None
    picture: PicturePart | None
    tags: TagParams | None = None


def needs_of(params: RenderParams) -> Mapping[str, Request]:
    """The probe, the level when the output is normalised, and the cover that it carries."""
    needs = {PROBE: Request(PROBE, NoParams()), **cover_request(params.tags)}
    if params.audio is not None and params.audio.normalize is not None:
        sound = sound_of(params, params.audio)
        needs[LEVEL] = Request(LEVEL, LevelParams(sound=sound, window=params.window, normalize=params.audio.normalize))
        needs[MEASURE] = Request(MEASURE, sound.measured())
    if params.picture is not None and params.picture.burnt is not None:
        from dailies.operations.text.burnt import burnt_request

        needs |= burnt_request(params.picture.burnt)
    return needs


def sound_of(params: RenderParams, audio: AudioPart) -> Sound:
    """What levelling has to know of an output's audio. A pilot of a video's audio needs no video muxer."""
    return Sound(
        selection=audio.selection,
        source_rate_hz=audio.source_rate_hz,
        encoding=audio.encoding,
        muxer="ipod" if params.picture is not None else params.muxer,
    )


def resolve_window(start: float | None, end: float | None, info: MediaInfo, field: str) -> Window:
    """The trim on this source. Raises InvalidRecipe for one that lies outside of it."""
    duration = info.duration_seconds if info.duration_from != "estimate" else None
    begin = start or 0.0
    if duration is not None:
        if begin >= duration:
            raise InvalidRecipe(
                f"{field}.start: {begin:g} s is past the source's end ({duration:.2f} s).", field=f"{field}.start"
            )
        if end is not None and end > duration + tolerance(duration):
            raise InvalidRecipe(
                f"{field}.end: {end:g} s is past the source's end ({duration:.2f} s): leave it out to keep the rest.",
                field=f"{field}.end",
            )
        if end is not None and end >= duration:
            end = None
    return Window(start=begin, end=end)


def choose_audio(info: MediaInfo, track: int | None, field: str) -> AudioStream | None:
    """The audio track to use, None when the source has none. Raises InvalidRecipe, SourceRefused."""
    if track is not None:
        if track >= len(info.audio):
            raise InvalidRecipe(
                f"{field}.audio_track: there is no track {track}, the source has {len(info.audio)}.",
                field=f"{field}.audio_track",
            )
        chosen: AudioStream | None = info.audio[track]
    else:
        chosen = info.main_audio()
    if chosen is not None and not chosen.decodable:
        raise SourceRefused(
            f"The audio track can't be decoded ({chosen.codec}): it is damaged or of an unsupported kind.",
            code="unsupported_codec",
            field=field,
        )
    return chosen


def tolerance(seconds: float) -> float:
    """How far a duration may be off: 0.5 s or 1 %, whichever is more."""
    return max(_TOLERANCE_SECONDS, _TOLERANCE_RATIO * seconds)
