"""What an output is told of the others of its recipe."""

from __future__ import annotations

from typing import Protocol

from dailies.domain.recipe.fields import Output
from dailies.planning.operation import Request


class Beside(Protocol):
    """The other outputs of a recipe, for one that depends on them: each is resolved when it is asked for."""

    def names(self) -> tuple[str, ...]:
        """Of all others, in their own order: whoever writes a recipe in another gets the same."""

    def output(self, name: str) -> Output:
        """What is asked, in its kind's own model. Raises KeyError where there is none of that name."""

    def request(self, name: str) -> Request:
        """The step that makes it. Raises what its own resolution does; InvalidRecipe for a circle, KeyError."""

    def file_name(self, name: str) -> str:
        """What it is delivered as; ``NAME/…`` where it is several files. Raises KeyError."""


class Alone:
    """The Beside of an output that has no other."""

    def names(self) -> tuple[str, ...]:
        return ()

    def output(self, name: str) -> Output:
        raise KeyError(name)

    def request(self, name: str) -> Request:
        raise KeyError(name)

    def file_name(self, name: str) -> str:
        raise KeyError(name)


ALONE: Beside = Alone()
