"""Where the text of subtitles comes from: a track of the source, or what is said in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from dailies.domain.errors import DailiesError, InvalidRecipe
from dailies.domain.recipe.edit_recipe import FoundSegments
from dailies.domain.source.media_info import MediaInfo
from dailies.domain.subtitles.rules import SubtitleRules
from dailies.domain.subtitles.subtitling import Speakers
from dailies.media.graphs.text.subtitle_tracks import TEXT_CODECS
from dailies.operations.deliverables.transcript import TranscriptOperation, TranscriptOutput
from dailies.operations.resolution import choose_audio
from dailies.operations.speech.answers import TranscriptParams
from dailies.operations.speech.masking import all_masked
from dailies.operations.steps.scenes import ScenesParams
from dailies.operations.text.subtitle_params import Form, SubtitlesParams, subtitles_of, subtitles_of_speech
from dailies.operations.text.subtitle_sources import choose_text_track, two_letters
from dailies.planning.beside import Beside
from dailies.planning.wishes import dispensable
from dailies.ports.transcriber import SpeechChoice

Speech = Callable[[], SpeechChoice]


@dataclass(frozen=True, slots=True)
class SpokenWish:
    """Which words are asked for. ``hearing``: what is asked of them (domain/transcript/wishes.py)."""

    language: str | None
    audio_track: int | None
    hearing: Mapping[str, object] = field(default_factory=dict)

    def met_by(self, other: TranscriptOutput) -> bool:
        """Whether those are the other's. A translation is none of what is said."""
        own = {"translate": False, **self.hearing}
        return self.language in (None, other.language) and all(
            getattr(other, name) == value for name, value in own.items()
        )


class TextWish(Protocol):
    """What is asked of the text, whatever is made of it (domain/subtitles/wishes.py), with its rules."""

    @property
    def subtitle_track(self) -> int | None: ...
    @property
    def language(self) -> str | None: ...
    @property
    def text_from(self) -> Literal["track", "speech"] | None: ...
    @property
    def speakers(self) -> Speakers: ...
    @property
    def shot_changes(self) -> bool | None: ...
    def hearing(self) -> dict[str, object]: ...
    def model_dump(self, *, include: set[str]) -> dict[str, Any]: ...


def film_text(
    field: str,
    wish: TextWish,
    form: Form,
    info: MediaInfo,
    *,
    speech: Speech,
    beside: Beside,
    audio_track: int | None,
) -> SubtitlesParams:
    """The subtitles of the whole source: what is said, where that is wished for, or where there is no track of text.

    ``audio_track``: in which it is said. Raises SourceRefused ``no_subtitles`` or ``no_audio``, InvalidRecipe.
    """
    heard = wish.text_from == "speech" or bool(wish.hearing())
    if wish.text_from is None and wish.subtitle_track is None and not heard:
        heard = not any(stream.codec in TEXT_CODECS for stream in info.other)
    if heard:
        words = spoken(field, SpokenWish(two_letters(wish.language), audio_track, wish.hearing()), info, speech, beside)
        found = subtitles_of_speech(words, form, info)
    else:
        found = subtitles_of(choose_text_track(info, wish.subtitle_track, wish.language, field), form, info)
    scenes = _scenes(field, wish, info, beside) if heard else None
    rules = SubtitleRules.model_validate(wish.model_dump(include=set(SubtitleRules.model_fields)))
    return found.model_copy(update={"rules": rules, "speakers": wish.speakers, "scenes": scenes})


def _scenes(field: str, wish: TextWish, info: MediaInfo, beside: Beside) -> ScenesParams | None:
    """What looks at the source's shots: asked for, or needed by another output that finds its segments."""
    stream = info.main_video()
    if stream is None and wish.shot_changes:
        place = f"{field}.shot_changes"
        raise InvalidRecipe(f"{place}: the source has no pictures: leave it out.", field=place)
    if stream is None or wish.shot_changes is False:
        return None
    if wish.shot_changes:
        return ScenesParams(stream=stream.index, exact=True)
    found = any(isinstance(getattr(beside.output(name), "segments", None), FoundSegments) for name in beside.names())
    return ScenesParams(stream=stream.index) if found else None


def spoken(field: str, wish: SpokenWish, info: MediaInfo, speech: Speech, beside: Beside) -> TranscriptParams:
    """The words of the job's own transcript of that track, with all that was asked of it, else those of one like it."""
    found = job_transcript(field, wish, info, beside)
    if found is not None:
        return found
    own = {"language": wish.language, "audio_track": wish.audio_track, "mask": all_masked(beside), **wish.hearing}
    try:
        made = TranscriptOperation(speech).request(field, TranscriptOutput.model_validate(own), info).params
    except DailiesError as error:
        # Of subtitles the field ``speakers`` is how they look.
        if error.details.get("field") == f"{field}.speakers":
            error.details["field"] = f"{field}.speakers_from"
        raise
    if not isinstance(made, TranscriptParams):
        raise TypeError("a transcript's step has a transcript's parameters")
    return made


def job_transcript(field: str, wish: SpokenWish, info: MediaInfo, beside: Beside) -> TranscriptParams | None:
    """The parameters, as JSON, of the transcript that the recipe has of that track, in that language if one is named.

    None where it has none that meets the wish, or does without.
    """
    own = choose_audio(info, wish.audio_track, field)
    for name in beside.names():
        other = beside.output(name)
        if not isinstance(other, TranscriptOutput) or not wish.met_by(other):
            continue
        try:
            params = beside.request(name).params
        except DailiesError as error:
            if dispensable(other, error):
                continue
            raise
        if isinstance(params, TranscriptParams) and own == choose_audio(info, other.audio_track, field):
            return params.model_copy(update={"format": "json"})
    return None
