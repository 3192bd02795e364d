"""The step kinds, one file each, which has the kind's name: ``edit-chunk`` is ``edit_chunk.EditChunkOperation``."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dailies.media.toolbox import Toolbox
    from dailies.planning.operation import Operation


def operation_of(kind: str, toolbox: Toolbox) -> Operation:
    """The kind's operation with the tools it needs, imported now: no job needs them all. Raises ModuleNotFoundError."""
    from dailies.operations.straight import on_one_clock

    module = import_module(f"{__name__}.{kind.replace('-', '_')}")
    name = "".join(word.capitalize() for word in kind.split("-"))
    made: Operation = vars(module)[f"{name}Operation"](toolbox)
    made.run = on_one_clock(made.run, toolbox)  # type: ignore[assignment, method-assign] # none needs to know of such sources
    return made
