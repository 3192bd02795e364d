"""The step kinds, one file each, which has the kind's name: ``edit-chunk`` is ``edit_chunk.EditChunkOperation``.

Those that a recipe can ask for are in ``deliverables/``, the ones on the way to them in ``steps/``; what several have
in common is beside them, by subject.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from types import ModuleType
from typing import TYPE_CHECKING, Any

from dailies.domain.errors import InvalidRecipe, Misconfigured

if TYPE_CHECKING:
    from dailies.media.toolbox import Toolbox
    from dailies.planning.operation import Operation
    from dailies.ports.transcriber import SpeechChoice

#: Of the entry points by which other packages add kinds.
GROUP = "dailies.kinds"
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_ROOM = f"{__name__}.deliverables"


class Kinds(Mapping[str, "type[Any]"]):
    """The operation's class of each kind that a recipe can ask for, imported when it is asked for.

    Further ones come from other packages, by an entry point of the group ``dailies.kinds``: the kind and its module.
    """

    def __getitem__(self, kind: str) -> type[Any]:
        if kind in self.own:
            return _operation_in(import_module(f"{_ROOM}.{kind}"), kind)
        return _operation_in(import_module(self._others[kind]), kind)

    def example(self, kind: str) -> Mapping[str, Any]:
        """A recipe that asks for the kind and may be asked of any source that has what it is made of."""
        found: Mapping[str, Any] = vars(import_module(self[kind].__module__))["EXAMPLE"]
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(sorted({*self.own, *self._others}))

    def __len__(self) -> int:
        return len({*self.own, *self._others})

    @cached_property
    def own(self) -> frozenset[str]:
        """By the files alone: none is imported."""
        return frozenset(module.name for module in iter_modules(import_module(_ROOM).__path__))

    @cached_property
    def _others(self) -> dict[str, str]:
        """Looked for only where a kind is none of ours, or all are listed: it reads what is installed."""
        from importlib.metadata import entry_points

        found = {point.name: point.module for point in entry_points(group=GROUP) if _NAME.fullmatch(point.name)}
        return {kind: module for kind, module in found.items() if _step(kind) is None}


KINDS = Kinds()


def no_speech() -> SpeechChoice:
    """For those who have no settings to choose an engine by."""
    raise Misconfigured("There is no speech recogniser here.", code="no_engine")


@dataclass(frozen=True, slots=True)
class Ports:
    """What operations are made with: each class states the names of those that it takes, in order, as ``ports``.

    ``speech`` chooses the engine when one is asked.
    """

    toolbox: Toolbox
    speech: Callable[[], SpeechChoice] = no_speech


def operation_of(kind: str, ports: Ports) -> Operation:
    """The kind's operation with the ports that it states, imported now: no job needs them all.

    Raises InvalidRecipe for a kind whose package is not here any more, or asks for a port that there is not.
    """
    from dailies.operations.film.straight import on_one_clock

    found = _found(kind)
    made: Operation = found(*(_port(kind, name, ports) for name in getattr(found, "ports", ("toolbox",))))
    made.run = on_one_clock(made.run, ports.toolbox)  # type: ignore[assignment, method-assign] # none needs to know of such sources
    return made


def _port(kind: str, name: str, ports: Ports) -> object:
    if name not in Ports.__slots__:
        raise InvalidRecipe(f"The kind {kind} needs {name!r}, which this version of dailies has not: install another.")
    return getattr(ports, name)


def _step(kind: str) -> type[Any] | None:
    """The step of ours on the way to a deliverable; None where that is no name of one."""
    name = f"{__name__}.steps.{kind.replace('-', '_')}"
    return None if find_spec(name) is None else _operation_in(import_module(name), kind)


def _found(kind: str) -> type[Any]:
    try:
        return _step(kind) or KINDS[kind]
    except KeyError:
        raise InvalidRecipe(f"The kind {kind} is not installed here: install the package that has it.") from None


def _operation_in(module: ModuleType, kind: str) -> type[Any]:
    name = "".join(word.capitalize() for word in kind.split("-"))
    found: type[Any] = vars(module)[f"{name}Operation"]
    return found
