"""What a row of the table says of a route, what its view is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from flask import Request, Response
from pydantic import BaseModel

from dailies.domain.call import Call
from dailies.domain.job.api_key import Scope
from dailies.engine.platform import Platform
from dailies.services.callers import Caller

Method = Literal["GET", "POST", "DELETE"]


@dataclass(frozen=True, slots=True)
class FormFile:
    """A file of a form, for as long as the call takes."""

    path: Path
    file_name: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """One call, read. ``new_id`` is set aside for what it makes, where it may be repeated."""

    platform: Platform
    caller: Caller
    request: Request
    path: Mapping[str, str]
    body: Any = None
    query: Any = None
    file: FormFile | None = None
    new_id: str | None = None

    @property
    def uid(self) -> str:
        return self.caller.uid


@dataclass(frozen=True, slots=True)
class Reply:
    """``body`` is of the route's own model; a ``response`` stands for itself."""

    body: BaseModel | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    response: Response | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """One row: what is asked for, with which models, by whom, and which service answers.

    ``path`` is OpenAPI's. ``form``: the body may also come as multipart/form-data, with this name of its file.
    ``media`` is of an answer that is no JSON; ``shown_once`` the field that is a secret. ``problems`` are the further
    statuses of refusals.
    """

    method: Method
    path: str
    view: Callable[[Asked], Reply]
    summary: str
    answers: type[BaseModel] | None = None
    status: int = 200
    scope: Scope | None = "jobs:read"
    body: type[Call] | None = None
    query: type[Call] | None = None
    form: str | None = None
    media: str | None = None
    shown_once: str | None = None
    problems: tuple[int, ...] = ()
    about: str = ""

    @property
    def name(self) -> str:
        """As an operation's id: its view's, in capitals within words."""
        first, *rest = self.view.__name__.split("_")
        return first + "".join(word.capitalize() for word in rest)
