"""The recipe: what a user wants from one source. A public format (docs/schemas/recipe.schema.json)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, Protocol

from pydantic import (
    Field,
    SerializeAsAny,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_validator,
)

from dailies.domain.errors import InvalidRecipe
from dailies.domain.model import Model
from dailies.domain.recipe.edit_recipe import FOUND, LISTED
from dailies.domain.recipe.fields import Output, Requested, Seconds
from dailies.domain.wording import ended, fields_at, likeliest_first, nearest, sentence_of

MAX_OUTPUTS = 16
MIN_SECONDS = 0.01
#: What a refusal lists and repeats at most: an answer must not outgrow the question.
_MAX_PROBLEMS, _MAX_WORD = 20, 80
# Twice the largest that says something: all outputs with all segments.
_MAX_CHARACTERS = 1 << 17
# In the context of a validation: the table of kinds.
_KINDS = "kinds"

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


class Kind(Protocol):
    """What a recipe can ask for: ``output`` has its fields."""

    output: ClassVar[type[Output]]


def _of_its_kind(value: Any, validate: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
    """The output in its kind's own model, where the kinds are given: a stored recipe was validated before."""
    kinds: Mapping[str, type[Kind]] | None = (info.context or {}).get(_KINDS)
    if kinds is None or not isinstance(value, dict):
        return validate(value)
    if "kind" not in value:
        raise ValueError(f'the field "kind" is missing: {", ".join(kinds)}')
    kind = value["kind"]
    if not isinstance(kind, str) or kind not in kinds:
        known = ", ".join(map(repr, kinds))
        meant = nearest(kind, kinds) if isinstance(kind, str) and len(kind) <= _MAX_WORD else None
        hint = f"did you mean {meant!r}? There are" if meant else "choose one of"
        raise ValueError(f"unknown kind {_short(str(kind))!r}: {hint} {known}")
    return kinds[kind].output.model_validate_json(json.dumps(value), strict=True)


_Asked = Annotated[SerializeAsAny[Output], WrapValidator(_of_its_kind)]


class Recipe(Model):
    """Named outputs of one source."""

    outputs: dict[OutputName, _Asked] = Field(min_length=1, max_length=MAX_OUTPUTS)
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


def parse_recipe(document: Any, kinds: Mapping[str, type[Kind]]) -> Recipe:
    """Validate ``document`` (a decoded JSON value); ``true`` and ``"1"`` are no numbers, ``720.0`` is an integer.

    Of ``kinds`` only those are looked up that the document names.

    Raises InvalidRecipe whose message starts with the path of the first wrong field
    (``outputs.podcast.quality: …``); ``details["problems"]`` lists the first twenty.
    """
    text = _text(document)
    try:
        # As JSON, whose arrays are tuples also where types are exact.
        return Recipe.model_validate_json(text, strict=True, context={_KINDS: kinds})
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=True, include_input=False)
        problems = [
            {"field": _path(problem["loc"], document), "problem": _sentence(problem, document, kinds)}
            for problem in likeliest_first(found)[:_MAX_PROBLEMS]
        ]
        first = problems[0]
        where = first["field"] or "recipe"
        raise InvalidRecipe(ended(f"{where}: {first['problem']}"), field=where, problems=problems) from error


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
    """Without what pydantic adds to a user's path: a key's mark, and the chosen member of a union."""
    parts: list[str] = []
    node = document
    for part in location:
        if part == "[key]":
            continue
        if _is_leaf(node):
            break  # a field of several types: the rest names the one that was tried
        known = (isinstance(node, dict) and part in node) or (isinstance(node, list) and isinstance(part, int))
        if not known and part in (LISTED, FOUND):
            continue
        parts.append(_short(str(part)))
        node = node[part] if known else None
    return ".".join(parts)


def _short(word: str) -> str:
    return word if len(word) <= _MAX_WORD else f"{word[: _MAX_WORD - 1]}…"


def _is_leaf(node: Any) -> bool:
    return node is not None and not isinstance(node, (dict, list))


def _sentence(problem: Mapping[str, Any], document: Any, kinds: Mapping[str, type[Kind]]) -> str:
    where = problem["loc"]
    if "[key]" in where:
        return "a name has 1–63 letters, digits, '-' or '_' and starts with a letter or digit"
    return sentence_of(problem, _fields_beside(where, document, kinds))


def _fields_beside(where: Sequence[str | int], document: Any, kinds: Mapping[str, type[Kind]]) -> set[str]:
    """The fields that the object may have in which something at ``where`` is wrong."""
    if where[:1] != ("outputs",) or len(where) < 3:
        return set(Recipe.model_fields)
    output = document["outputs"].get(where[1])
    kind = output.get("kind") if isinstance(output, dict) else None
    return fields_at(kinds[kind].output, where[2:-1]) if isinstance(kind, str) and kind in kinds else set()
