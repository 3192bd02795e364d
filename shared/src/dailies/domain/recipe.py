"""The recipe: what a user wants from one source. A public format (docs/schemas/recipe.schema.json)."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, ValidationError, ValidationInfo, field_validator

from dailies.domain.edit_recipe import FOUND, LISTED, Aspect, FramingMode, Preset, Segments
from dailies.domain.errors import InvalidRecipe
from dailies.domain.fields import Channels, Height, Requested, Seconds
from dailies.domain.formats import LOSSLESS_FORMATS, AudioFormat, Quality
from dailies.domain.model import Model
from dailies.domain.picture_outputs import StoryboardOutput, ThumbnailOutput, TimelapseOutput, WaveformOutput

MAX_OUTPUTS = 16
MIN_SECONDS = 0.01
#: What a refusal lists and repeats at most: an answer must not outgrow the question.
_MAX_PROBLEMS, _MAX_WORD = 20, 80
# Twice the largest that says something: all outputs with all segments.
_MAX_CHARACTERS = 1 << 17

OutputName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$")]

#: A channel from two loudspeakers against the same from one: 10 log 2.
DUAL_MONO_LU = 3.01


class Normalize(Model):
    """Loudness normalisation (ITU-R BS.1770-4, EBU R 128): the encoded file meets both figures."""

    integrated_lufs: float = Field(-16.0, ge=-50, le=-5, description="target integrated loudness, LUFS, ± 0.1")
    true_peak_dbtp: float = Field(-1.0, ge=-9, le=0, description="ceiling that is never passed, dBTP")
    dual_mono: bool = Field(
        False,
        description="a mono file counts as it is heard, from two loudspeakers: 3 LU more than BS.1770 says of it",
    )

    def of_the_whole(self) -> Normalize:
        """Without what is asked of segments."""
        return Normalize.model_validate(self.model_dump(include=set(Normalize.model_fields)))

    def measured_in(self, channels: int) -> Normalize:
        """What a file of so many channels has to measure, at least -50 LUFS. Not to be asked twice."""
        dual = self.dual_mono and channels == 1
        lufs = max(-50.0, round(self.integrated_lufs - DUAL_MONO_LU, 2)) if dual else self.integrated_lufs
        return self.model_copy(update={"integrated_lufs": lufs, "dual_mono": dual})


class NormalizeVideo(Normalize):
    """That of a film, and of its segments against each other."""

    max_spread_lu: float | None = Field(
        None, ge=0.5, le=40, description="how far the loudnesses of segments may lie apart, LU; absent: 1.5"
    )


MetadataWish = Literal["keep", "strip", "all"]


class Trimmed(Requested):
    """A part of the source: ``start`` inclusive to ``end`` exclusive, seconds from the source's start."""

    start: Seconds | None = Field(None, description="seconds; the beginning when absent")
    end: Seconds | None = Field(None, description="seconds; the end when absent")
    normalize: Normalize | None = Field(None, description="nothing is normalised unless asked for")
    audio_track: int | None = Field(
        None, ge=0, le=63, description="audio track, counted from 0; the one a player would choose when absent"
    )

    metadata: MetadataWish = Field(
        "keep",
        description="tags, chapters and cover art, where the format has them; all: also the place, the time and the"
        " device of the recording, which are never kept otherwise",
    )

    @field_validator("end")
    @classmethod
    def _ends_after_start(cls, end: float | None, others: ValidationInfo) -> float | None:
        start = others.data.get("start") or 0.0
        if end is not None and end - start < MIN_SECONDS:
            raise ValueError(f"{end:g} must be at least {MIN_SECONDS:g} s after start ({start:g})")
        return end


class AudioOutput(Trimmed):
    """One audio file: the chosen audio track, trimmed, normalised and encoded."""

    kind: Literal["audio"] = "audio"
    format: AudioFormat
    quality: Quality | None = Field(
        None,
        description="bit rates per format in docs/formats.md; absent: the stream is copied when nothing else"
        " is asked and its codec fits, otherwise high",
    )
    channels: Channels | None = Field(
        None, description="1: mono, 2: stereo; absent: the source's, as far as the format carries them"
    )

    @field_validator("quality")
    @classmethod
    def _lossless_needs_a_lossless_format(cls, quality: Quality | None, others: ValidationInfo) -> Quality | None:
        form = others.data.get("format")
        if quality == "lossless" and form is not None and form not in LOSSLESS_FORMATS:
            raise ValueError(
                f"{form} is a lossy format and can't be lossless:"
                f" ask for {' or '.join(sorted(LOSSLESS_FORMATS))}, or for quality high"
            )
        return quality


class VideoOutput(Trimmed):
    """One video file: H.264 and AAC in MP4, SDR BT.709, ready to stream (faststart).

    With ``segments`` it is an edit: those parts of the source one after the other, instead of ``start`` to ``end``.
    """

    kind: Literal["video"] = "video"
    format: Literal["mp4"] = "mp4"
    normalize: NormalizeVideo | None = Field(None, description="nothing is normalised unless asked for")
    quality: Literal["low", "medium", "high"] | None = Field(
        None,
        description="x264 CRF 28, 23 or 18; absent: the pictures are copied when nothing is asked of them and"
        " they are H.264 BT.709 already, otherwise medium",
    )
    height: Height | None = Field(None, description="pixels, even; width follows the aspect; never scaled up")
    hdr: Literal["refuse", "tonemap"] = Field("refuse", description="what to do with a PQ, HLG or Dolby Vision source")
    aspect: Aspect | None = Field(None, description="width to height of the film, such as 9:16; the source's if absent")
    framing: FramingMode = Field(
        "auto", description="to get the aspect: crop, pad (black bars), or auto: crop where half of the picture is kept"
    )
    crf: int | None = Field(None, ge=0, le=51, description="x264's constant rate factor, instead of quality")
    preset: Preset | None = Field(None, description="x264's; absent: fast")
    segments: Segments | None = Field(
        None,
        validate_default=True,
        description='parts of the source in order, or {"auto": {"count", "min", "max"}}: the best are found',
    )

    @field_validator("segments")
    @classmethod
    def _instead_of_a_trim(cls, segments: Any, others: ValidationInfo) -> Any:
        if segments is not None and (others.data.get("start") is not None or others.data.get("end") is not None):
            raise ValueError("segments have starts and ends of their own: leave out the output's start and end")
        return segments

    @field_validator("segments")
    @classmethod
    def _that_a_spread_lies_between(cls, segments: Any, others: ValidationInfo) -> Any:
        normalize = others.data.get("normalize")
        if segments is None and normalize is not None and normalize.max_spread_lu is not None:
            raise ValueError("normalize.max_spread_lu lies between segments: give segments or leave it out")
        return segments

    @field_validator("crf")
    @classmethod
    def _instead_of_quality(cls, crf: int | None, others: ValidationInfo) -> int | None:
        if crf is not None and others.data.get("quality") is not None:
            raise ValueError("give either quality or crf: both set the constant rate factor")
        return crf


class AbrOutput(Requested):
    """Adaptive streaming: HLS with H.264 in several sizes and AAC, in CMAF files of one track each."""

    kind: Literal["abr"] = "abr"
    format: Literal["hls"] = "hls"
    sides: tuple[Height, ...] | None = Field(
        None,
        min_length=1,
        max_length=6,
        description="shorter side of each rendition, pixels, even (1080 is 1080p); one above the source becomes the"
        " source's; absent: 1080, 720, 480 and 360",
    )
    segment_seconds: float = Field(6.0, ge=2, le=10, description="length of a segment; Apple asks for 6")
    quality: Literal["low", "medium", "high"] = Field(
        "medium", description="x264 CRF 28, 23 or 18 under a ceiling for each size; AAC of 96, 128 or 192 kbit/s"
    )
    normalize: Normalize | None = Field(None, description="nothing is normalised unless asked for")
    audio_track: int | None = Field(
        None, ge=0, le=63, description="audio track, counted from 0; the one a player would choose when absent"
    )
    hdr: Literal["refuse", "tonemap"] = Field("refuse", description="what to do with a PQ, HLG or Dolby Vision source")


Output = Annotated[
    AudioOutput | VideoOutput | AbrOutput | ThumbnailOutput | StoryboardOutput | TimelapseOutput | WaveformOutput,
    Field(discriminator="kind"),
]

KINDS = ("audio", "video", "abr", "thumbnail", "storyboard", "timelapse", "waveform")


class Recipe(Model):
    """Named outputs of one source."""

    outputs: dict[OutputName, Output] = Field(min_length=1, max_length=MAX_OUTPUTS)
    budget_usd: float | None = Field(
        None,
        gt=0,
        le=10_000,
        description="of the job on Cloud Run: refused when the estimate is over it, stopped when it runs over it",
    )

    @field_validator("outputs")
    @classmethod
    def _names_differ_in_more_than_case(cls, outputs: dict[str, Any]) -> dict[str, Any]:
        if len({name.casefold() for name in outputs}) < len(outputs):
            raise ValueError("two names differ only in case: their files would collide on some file systems")
        return outputs


def parse_recipe(document: Any) -> Recipe:
    """Validate ``document`` (a decoded JSON value); ``true`` and ``"1"`` are no numbers, ``720.0`` is an integer.

    Raises InvalidRecipe whose message starts with the path of the first wrong field
    (``outputs.podcast.quality: …``); ``details["problems"]`` lists the first twenty.
    """
    text = _text(document)
    try:
        # As JSON, whose arrays are tuples also where types are exact.
        return Recipe.model_validate_json(text, strict=True)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=True, include_input=False)
        problems = [
            {"field": _path(problem["loc"], document), "problem": _sentence(problem)}
            for problem in found[:_MAX_PROBLEMS]
        ]
        first = problems[0]
        where = first["field"] or "recipe"
        raise InvalidRecipe(f"{where}: {first['problem']}.", field=where, problems=problems) from error


def _text(document: Any) -> str:
    try:
        text = json.dumps(_with_integers(document))
    except RecursionError as error:
        raise InvalidRecipe("recipe: it is nested too deeply.", field="recipe") from error
    if len(text) > _MAX_CHARACTERS:
        raise InvalidRecipe(
            f"recipe: it has {len(text)} characters and {_MAX_CHARACTERS} are accepted: shorten it.", field="recipe"
        )
    return text


def _with_integers(value: Any) -> Any:
    """``720.0`` as the integer that JSON Schema takes it for: some clients' numbers are all floats."""
    if isinstance(value, dict):
        return {key: _with_integers(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with_integers(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _path(location: tuple[int | str, ...], document: Any) -> str:
    """Pydantic puts the chosen union member between name and field; a user's path has no such part."""
    parts: list[str] = []
    node = document
    for part in location:
        if part == "[key]":
            continue
        if _is_leaf(node):
            break  # a field of several types: the rest names the one that was tried
        known = (isinstance(node, dict) and part in node) or (isinstance(node, list) and isinstance(part, int))
        if not known and (part in (LISTED, FOUND) or (isinstance(node, dict) and node.get("kind") == part)):
            continue
        parts.append(_short(str(part)))
        node = node[part] if known else None
    return ".".join(parts)


def _short(word: str) -> str:
    return word if len(word) <= _MAX_WORD else f"{word[: _MAX_WORD - 1]}…"


def _is_leaf(node: Any) -> bool:
    return node is not None and not isinstance(node, (dict, list))


def _sentence(problem: Any) -> str:
    kind = problem["type"]
    if kind == "extra_forbidden":
        return "unknown field: remove it or check its spelling"
    if kind == "missing":
        return "required field is missing"
    if kind == "value_error":
        return str(problem["ctx"]["error"])
    if kind == "union_tag_invalid":
        return f"unknown kind {_short(problem['ctx']['tag'])!r}: choose one of {problem['ctx']['expected_tags']}"
    if kind == "union_tag_not_found":
        return f'the field "kind" is missing: {", ".join(KINDS)}'
    if "[key]" in problem["loc"]:
        return "a name has 1–63 letters, digits, '-' or '_' and starts with a letter or digit"
    message: str = problem["msg"]
    return message[0].lower() + message[1:]
