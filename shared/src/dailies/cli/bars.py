"""The progress bar, on a terminal only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dailies.cli.console import Console
from dailies.domain.job import FileSource

Show = Callable[[Mapping[str, Any]], None]


@contextmanager
def progress_bars(console: Console, source: FileSource) -> Iterator[Show]:
    """Yields what takes each state of the progress document."""
    if not console.interactive:
        yield lambda _: None
        return
    # rich is needed on a terminal only, and costs a tenth of a second to import.
    from rich.console import Console as RichConsole
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("[bold]{task.description}"),
        BarColumn(bar_width=32),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[stage]}"),
    )
    with Progress(*columns, console=RichConsole(stderr=True), transient=True) as bars:
        task = bars.add_task(_shortened(Path(source.path).name), total=100, stage="")

        def show(document: Mapping[str, Any]) -> None:
            bars.update(task, completed=document["progress"], stage=str(document["stage"]))

        yield show


def _shortened(name: str) -> str:
    printable = "".join(letter if letter.isprintable() else "?" for letter in name)
    return printable if len(printable) <= 40 else printable[:20] + "…" + printable[-19:]
