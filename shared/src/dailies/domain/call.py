"""What a call brings, whichever door it comes through: exact types, and a refusal that names the wrong field."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from dailies.domain.errors import InvalidRequest
from dailies.domain.wording import ended, fields_at, likeliest_first, sentence_of

# Of a field's name in an answer: a caller may have invented it.
_MAX_WORD = 80


class Call(BaseModel):
    """What a call is given: exact types, and no field that nobody reads."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)


JobId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{1,64}$")]
C = TypeVar("C", bound=Call)


def decode(kind: type[C], data: Any, whole: str = "data", *, texts: bool = False) -> C:
    """Raises InvalidRequest that names the first wrong field; ``whole`` is what all of it is called.

    ``texts``: the values are texts of what they are to be, as in a query.
    """
    try:
        return kind.model_validate(data, strict=False if texts else None)
    except ValidationError as error:
        problem = likeliest_first(error.errors(include_url=False, include_input=False))[0]
        where = ".".join(str(part)[:_MAX_WORD] for part in problem["loc"]) or whole
        said = sentence_of(problem, fields_at(kind, problem["loc"][:-1]))
        raise InvalidRequest(ended(f"{where}: {said}"), field=where) from error
