"""The public formats as models that know every kind: for schemas, which the engine's own models leave open."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Annotated, Any

from pydantic import Field, create_model

from dailies.domain.job.result import JobResult, OutputResult
from dailies.domain.recipe.recipe import OutputName, Recipe
from dailies.operations import KINDS


def recipe_model(kinds: Iterable[str] = KINDS) -> type[Recipe]:
    """The recipe with each kind's own model, told apart by ``kind``."""
    models: Any = reduce(or_, [KINDS[kind].output for kind in kinds])
    output: Any = Annotated[models, Field(discriminator="kind")]
    outputs: Any = (dict.__class_getitem__((OutputName, output)), Recipe.model_fields["outputs"])
    return create_model("Recipe", __base__=Recipe, __doc__=Recipe.__doc__, outputs=outputs)


def result_model(kinds: Iterable[str] = KINDS) -> type[JobResult]:
    """The result as it is written: an output's facts stand beside its other fields, and ``kind`` tells which."""
    shared = {name: field for name, field in OutputResult.model_fields.items() if name != "facts"}
    fields: Any = {name: (field.annotation, field) for name, field in shared.items()}
    facts = [KINDS[kind].facts for kind in kinds]
    models: Any = reduce(or_, [create_model(model.__name__, __base__=model, **fields) for model in facts])
    outputs: Any = (dict.__class_getitem__((str, Annotated[models, Field(discriminator="kind")])), ...)
    return create_model("JobResult", __base__=JobResult, outputs=outputs)


def exact(schema: Any) -> Any:
    """The JSON Schema as it is meant, of what pydantic says.

    Where keys have a pattern, others are refused: ``patternProperties`` alone would let them pass. A document is told
    apart by its ``kind``, which the model has a default of for whoever builds one.
    """
    if isinstance(schema, list):
        return [exact(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: exact(value) for name, value in schema.items()}
    match found:
        case {"patternProperties": {**patterns}} if len(patterns) == 1:
            [(pattern, values)] = patterns.items()
            del found["patternProperties"]
            found |= {"propertyNames": {"pattern": pattern}, "additionalProperties": values}
        case {"properties": {"kind": {"const": _}}}:
            found["required"] = sorted({"kind", *found.get("required", ())})
    return found
