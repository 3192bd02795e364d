"""The workers of a command that makes something."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    # Who asks for help has no worker.
    from dailies.adapters.local.workers.workers import Standby


@contextmanager
def employ(context: typer.Context, workers: int | None, *, alone: bool = True) -> Iterator[Standby | None]:
    """A worker on standby for a job that is ``alone``, and has one; the options are read by now, and right.

    Several share the processors: what each may use is known only when they are started.
    """
    if workers is not None:
        # A setting like any other: the worker processes inherit it.
        os.environ["DAILIES_WORKERS"] = str(workers)
    if workers is not None or not alone:
        yield None
        return
    with context.obj() as standby:
        yield standby
