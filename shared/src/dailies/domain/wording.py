"""What pydantic finds wrong with a document, in words for whoever wrote it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

_NUMBER, _WHOLE, _TRUTH = "must be a number", "must be a whole number", "must be true or false"
_TEXT, _OBJECT, _LIST = "must be text", "must be an object", "must be a list"
#: By pydantic's types of errors, with the fields of their context.
_SENTENCES = {
    "bool_parsing": _TRUTH,
    "bool_type": _TRUTH,
    "dict_type": _OBJECT,
    "finite_number": "must be a finite number",
    "float_parsing": _NUMBER,
    "float_type": _NUMBER,
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "int_from_float": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": "must be a smaller number",
    "int_type": _WHOLE,
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "list_type": _LIST,
    "literal_error": "must be {expected}",
    "missing": "required field is missing",
    "model_attributes_type": _OBJECT,
    "model_type": _OBJECT,
    "string_pattern_mismatch": "must look like {pattern}",
    "string_too_long": "must have at most {max_length} letters",
    "string_too_short": "must have at least {min_length} letters",
    "string_type": _TEXT,
    "too_long": "must have at most {max_length} entries",
    "too_short": "must have at least {min_length}",
    "tuple_type": _LIST,
    "value_error": "{error}",
}
_UNKNOWN = "extra_forbidden"
_LISTED_FIELDS = 12


def sentence_of(problem: Mapping[str, Any], fields: Iterable[str] = ()) -> str:
    """What is wrong, to stand behind the field's path and a colon.

    ``problem`` is one of a ValidationError's; ``fields`` are those that the object with an unknown one may have.
    """
    if problem["type"] == _UNKNOWN:
        return _unknown_field(str(problem["loc"][-1]), list(fields))
    context: Mapping[str, Any] = problem.get("ctx", {})
    known = _SENTENCES.get(problem["type"])
    if known is None:
        message = str(problem["msg"])
        return message[:1].lower() + message[1:]
    return known.format(**{name: _plain(value) for name, value in context.items()})


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The one of ``known`` that was most likely meant."""
    from difflib import get_close_matches  # for mistakes alone

    found = get_close_matches(word, list(known), 1)
    return found[0] if found else None


def fields_at(model: type[BaseModel], location: Sequence[str | int]) -> set[str]:
    """The fields of what lies at ``location`` in a document of ``model``; of all that may lie there."""
    models = {model}
    for part in location:
        known = [fields_of(found) for found in models]
        fields = [found[part] for found in known if isinstance(part, str) and part in found]
        # The number of an entry, or what pydantic calls a member of a union.
        models = {found for field in fields for found in _models_in(field.annotation)} if fields else models
    return {name for found in models for name in fields_of(found)}


def fields_of(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """A model's fields by the names that documents have."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def likeliest_first(problems: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """An unknown field comes before what is missing: it may be that, misspelt."""
    return sorted(problems, key=lambda problem: problem["type"] != _UNKNOWN)


def ended(sentence: str) -> str:
    """With the full stop that it needs."""
    return sentence if sentence.endswith(("?", ".", "!")) else f"{sentence}."


def _unknown_field(name: str, fields: list[str]) -> str:
    meant = nearest(name, fields)
    if meant is not None:
        return f"unknown field, did you mean {meant!r}?"
    if 0 < len(fields) <= _LISTED_FIELDS:
        return f"unknown field: there are {', '.join(sorted(fields))}"
    return "unknown field: remove it or check its spelling"


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
