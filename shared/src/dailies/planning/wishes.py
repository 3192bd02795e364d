"""Resolves a recipe's outputs against the source, each once, and those first that others depend on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dailies.domain.errors import DailiesError, InvalidRecipe, PermanentError
from dailies.domain.recipe.fields import Output
from dailies.domain.recipe.recipe import Recipe
from dailies.domain.source.media_info import MediaInfo
from dailies.planning.beside import Beside
from dailies.planning.operation import Registry, Request


class Wishes:
    """The requests of a recipe's outputs."""

    def __init__(self, recipe: Recipe, info: MediaInfo, registry: Registry) -> None:
        self.outputs = recipe.outputs
        self._info = info
        self._registry = registry
        self._made: dict[str, Request] = {}
        self._asking: list[str] = []

    def output(self, name: str) -> Output:
        """In its kind's own model. Raises KeyError, InvalidRecipe."""
        return self._registry.for_output(self.outputs[name])[1]

    def file_name(self, name: str) -> str:
        """What the output is delivered as. Raises KeyError, InvalidRecipe."""
        deliverable, wish = self._registry.for_output(self.outputs[name])
        return deliverable.file_name(name, wish)

    def request(self, name: str) -> Request:
        """The step that makes the output. Raises what its kind's ``request`` does; InvalidRecipe for a circle."""
        if name not in self._made:
            if name in self._asking:
                circle = " → ".join([*self._asking[self._asking.index(name) :], name])
                raise InvalidRecipe(f"outputs.{name}: it depends on itself ({circle}).", field=f"outputs.{name}")
            self._asking.append(name)
            try:
                self._made[name] = self._resolved(name)
            finally:
                self._asking.pop()
        return self._made[name]

    def _resolved(self, name: str) -> Request:
        deliverable, wish = self._registry.for_output(self.outputs[name])
        field = f"outputs.{name}"
        # An output's own error says which it was, also where another one asked.
        try:
            beside: Callable[[str, Output, MediaInfo, Beside], Request] | None = getattr(
                deliverable, "request_beside", None
            )
            if beside is None:
                return deliverable.request(field, wish, self._info)
            found: Request = beside(field, wish, self._info, _Others(self, name))
            return found
        except DailiesError as error:
            error.details.setdefault("field", field)
            raise


def dispensable(output: Output, error: DailiesError) -> bool:
    """Whether a job goes on without an output that met the error."""
    return output.optional and isinstance(error, PermanentError) and error.of_output


@dataclass(frozen=True, slots=True)
class _Others:
    """All outputs but one."""

    wishes: Wishes
    own: str

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(name for name in self.wishes.outputs if name != self.own))

    def output(self, name: str) -> Output:
        return self.wishes.output(name)

    def request(self, name: str) -> Request:
        return self.wishes.request(name)

    def file_name(self, name: str) -> str:
        return self.wishes.file_name(name)
