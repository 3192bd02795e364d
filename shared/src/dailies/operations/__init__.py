"""The step kinds, one file each, which has the kind's name: ``edit-chunk`` is ``edit_chunk.EditChunkOperation``.

Those that a recipe can ask for are in ``deliverables/``; the others are steps on the way to them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dailies.media.toolbox import Toolbox
    from dailies.planning.operation import Operation

_ROOM = f"{__name__}.deliverables"


class Kinds(Mapping[str, "type[Any]"]):
    """The operation's class of each kind that a recipe can ask for, imported when it is asked for."""

    def __getitem__(self, kind: str) -> type[Any]:
        if kind not in self._names:
            raise KeyError(kind)
        return _operation_in(import_module(f"{_ROOM}.{kind}"), kind)

    def example(self, kind: str) -> Mapping[str, Any]:
        """A recipe that asks for the kind and may be asked of any source that has what it is made of."""
        found: Mapping[str, Any] = vars(import_module(self[kind].__module__))["EXAMPLE"]
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    @cached_property
    def _names(self) -> list[str]:
        """By the files alone: none is imported."""
        return sorted(module.name for module in iter_modules(import_module(_ROOM).__path__))


KINDS = Kinds()


def operation_of(kind: str, toolbox: Toolbox) -> Operation:
    """The kind's operation with the tools it needs, imported now: no job needs them all. Raises ModuleNotFoundError."""
    from dailies.operations.straight import on_one_clock
    from dailies.planning.operation import Placement

    found = KINDS.get(kind)
    if found is None:
        found = _operation_in(import_module(f"{__name__}.{kind.replace('-', '_')}"), kind)
    made: Operation = found(toolbox)
    if made.placement is Placement.LIGHT:
        return made
    made.run = on_one_clock(made.run, toolbox)  # type: ignore[assignment, method-assign] # none needs to know of such sources
    return made


def _operation_in(module: ModuleType, kind: str) -> type[Any]:
    name = "".join(word.capitalize() for word in kind.split("-"))
    found: type[Any] = vars(module)[f"{name}Operation"]
    return found
