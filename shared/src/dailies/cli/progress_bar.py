"""The progress bar, on a terminal only."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from dailies.cli.console import Console
from dailies.cli.options import OUTPUT

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

# What takes less (everything was cached) has no bar, and does not pay for importing rich.
_PATIENCE_SECONDS = 0.3
_LONGEST_NAME = 40
# Stages that have no step's name say little to a person.
_STAGES = {"queued": "waiting", "processing": "starting", OUTPUT: "encoding"}


class ProgressBar:
    """One line on stderr for as long as the block runs; nothing at all where nobody watches."""

    def __init__(self, console: Console, file: Path) -> None:
        self._name = _shortened(file.name)
        self._lock = threading.Lock()
        self._percent = 0.0
        self._stage = ""
        self._bars: Progress | None = None
        self._task: TaskID | None = None
        self._timer = threading.Timer(_PATIENCE_SECONDS, self._begin) if console.interactive else None

    def __enter__(self) -> Self:
        if self._timer is not None:
            self._timer.daemon = True
            self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._timer is None:
            return
        self._timer.cancel()
        with self._lock:
            self._timer = None
            if self._bars is not None:
                self._bars.stop()
                self._bars = None

    def reading(self, done: int, size: int) -> None:
        """``done`` of the source's bytes are hashed."""
        self._show(100 * done / size if size else 0, "reading")

    def processing(self, document: Mapping[str, Any]) -> None:
        """Takes each state of the progress document."""
        stage = str(document["stage"])
        self._show(document["progress"], _STAGES.get(stage, stage))

    def _show(self, percent: float, stage: str) -> None:
        if self._timer is None:
            return
        with self._lock:
            self._percent, self._stage = percent, stage
            if self._bars is not None and self._task is not None:
                self._bars.update(self._task, completed=percent, stage=stage)

    def _begin(self) -> None:
        from rich.console import Console as RichConsole
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}", style="bold", markup=False),
            BarColumn(bar_width=32),
            TextColumn("{task.percentage:>3.0f}%"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[stage]}", style="dim", markup=False),
        )
        with self._lock:
            if self._timer is None:
                return
            self._bars = Progress(*columns, console=RichConsole(stderr=True), transient=True)
            self._task = self._bars.add_task(self._name, total=100, completed=int(self._percent), stage=self._stage)
            self._bars.start()


def _shortened(name: str) -> str:
    printable = "".join(letter if letter.isprintable() else "?" for letter in name)
    half = _LONGEST_NAME // 2
    return printable if len(printable) <= _LONGEST_NAME else f"{printable[:half]}…{printable[1 - half :]}"
