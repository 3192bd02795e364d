"""Progress for people: bars on a terminal, now and then a line without one, nothing where nobody wants it."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

from dailies.cli.console import Console
from dailies.cli.options import OUTPUT
from dailies.cli.progress_meter import Meter, left_text, speed_text

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

# What takes less (everything was cached) has no bar, and does not pay for importing rich.
_PATIENCE_SECONDS = 0.3
#: Between two lines about one file where there is no terminal: the log of a build shows that it lives.
LINE_SECONDS = 5.0
_REFRESH_SECONDS = 0.25
_LONGEST_NAME, _SHORTEST_NAME = 40, 12
# What the columns beside name and bar take: 100%, 12.3×, 1:23:45 left, the stage, and the gaps between them.
_BESIDE = 4 + 5 + 12 + 10 + 5
_SHORTEST_BAR, _LONGEST_BAR = 8, 32
# Steps and states are the engine's words.
_STAGES = {
    "queued": "waiting",
    "processing": "starting",
    "completed": "delivering",
    "probe": "looking",
    "measure": "measuring",
    "level": "levelling",
    OUTPUT: "encoding",
}


class Tracked:
    """One file under way; safe to tell from any thread."""

    def __init__(self, name: str, meter: Meter | None = None) -> None:
        self.name = "".join(letter if letter.isprintable() else "?" for letter in name)
        self.meter = meter or Meter()
        self.stage = self.text = ""
        self.told_at = time.monotonic()
        self._heard = ""
        self._lock = threading.Lock()

    def reading(self, done: int, size: int) -> None:
        """``done`` of the source's bytes are hashed."""
        with self._lock:
            self.meter.reading(done, size)
            self.stage = "reading"

    def lasts(self, seconds: float | None) -> None:
        """The source's duration is known."""
        with self._lock:
            self.meter.media_seconds = seconds

    def processing(self, document: Mapping[str, Any]) -> None:
        """Takes each state of the progress document."""
        stage = str(document["stage"])
        with self._lock:
            self.meter.processing(document["progress"])
            self._hear(document.get("text") or "")
            # The second of a kind is called level-2.
            self.stage = _STAGES.get(stage.partition("-")[0], stage)

    def _hear(self, text: str) -> None:
        if text != self._heard:
            from dailies.domain.subtitles.plain_text import plain_line  # of few jobs

            self._heard = text
            self.text = plain_line(f"{self.text} {text}")

    def take_text(self) -> str:
        """What was heard and not taken yet; its terminal gets no commands from it."""
        with self._lock:
            text, self.text = self.text, ""
        return text

    def line(self) -> str:
        """``talk.mp4: 45%, 3.1×, 0:12 left, encoding``."""
        with self._lock:
            facts = [f"{self.meter.percent:.0f}%", *filter(None, self._pace()), *filter(None, [self.stage])]
        return f"{self.name}: {', '.join(facts)}"

    def columns(self) -> dict[str, Any]:
        with self._lock:
            speed, left = self._pace()
            return {"completed": self.meter.percent, "speed": speed, "left": left, "stage": self.stage}

    def _pace(self) -> tuple[str, str]:
        return speed_text(self.meter.speed()), left_text(self.meter.seconds_left())


class Display(Protocol):
    """Shows what is under way for as long as its block runs."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def begin(self, name: str) -> Tracked:
        """A file is under way."""

    def end(self, tracked: Tracked) -> None:
        """It is not any more."""

    def pause(self) -> Any:
        """A context in which others may print."""


def display_for(console: Console, total: int = 1) -> Display:
    """Of ``total`` files that come one after the other or together."""
    if console.quiet or sys.stderr is None:
        return _Nothing()
    return Bars(total) if console.interactive else Lines(console)


class _Nothing:
    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def begin(self, name: str) -> Tracked:
        return Tracked(name)

    def end(self, tracked: Tracked) -> None:
        return None

    @contextmanager
    def pause(self) -> Iterator[None]:
        yield


class _Watching(_Nothing):
    """Looks at what is under way, again and again, in a thread of its own."""

    def __init__(self, first_seconds: float, seconds: float) -> None:
        self.under_way: list[Tracked] = []
        self.ended = 0
        self.lock = threading.RLock()
        self._over = threading.Event()
        self._first_seconds, self._seconds = first_seconds, seconds
        self._thread = threading.Thread(target=self._watch, name="progress", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        with self.lock:
            self.close()

    def begin(self, name: str) -> Tracked:
        tracked = Tracked(name)
        with self.lock:
            self.under_way.append(tracked)
        return tracked

    def end(self, tracked: Tracked) -> None:
        with self.lock:
            self.under_way.remove(tracked)
            self.ended += 1

    @contextmanager
    def pause(self) -> Iterator[None]:
        with self.lock:
            self.close()
            yield

    def show(self) -> None:
        """Show the present state; the caller holds the lock."""

    def close(self) -> None:
        """Take away what is shown; the caller holds the lock."""

    def _watch(self) -> None:
        wait = self._first_seconds
        while not self._over.wait(wait):
            wait = self._seconds
            with self.lock:
                if not self._over.is_set():
                    self.show()


class Lines(_Watching):
    """A line on stderr every few seconds for each file under way."""

    def __init__(self, console: Console) -> None:
        super().__init__(LINE_SECONDS / 5, LINE_SECONDS / 5)
        self._console = console

    def show(self) -> None:
        now = time.monotonic()
        for tracked in self.under_way:
            if text := tracked.take_text():
                self._console.say(f"{tracked.name}: {text}")
            if now - tracked.told_at >= LINE_SECONDS:
                tracked.told_at = now
                self._console.say(tracked.line())


class Bars(_Watching):
    """A line on the terminal for each file under way, and one for all of them; gone at the end."""

    def __init__(self, total: int) -> None:
        super().__init__(_PATIENCE_SECONDS, _REFRESH_SECONDS)
        self._total = total
        self._bars: Progress | None = None
        self._tasks: dict[Tracked, TaskID] = {}
        self._all: TaskID | None = None
        self._name_width = _LONGEST_NAME

    def show(self) -> None:
        bars = self._shown()
        for tracked in self.under_way:
            if tracked not in self._tasks:
                name = shortened(tracked.name, self._name_width)
                self._tasks[tracked] = bars.add_task(name, total=100, **tracked.columns())
            bars.update(self._tasks[tracked], **tracked.columns())
            if text := tracked.take_text():
                # Above the bars, where it stays.
                bars.console.print(text, markup=False, highlight=False, emoji=False)
        for tracked in set(self._tasks) - set(self.under_way):
            bars.remove_task(self._tasks.pop(tracked))
        if self._all is not None:
            done = self.ended + sum(tracked.meter.percent for tracked in self.under_way) / 100
            bars.update(self._all, completed=100 * done / self._total, stage=f"{self.ended} done")
        bars.refresh()

    def close(self) -> None:
        if self._bars is not None:
            self._bars.stop()
            self._bars = self._all = None
            self._tasks.clear()

    def _shown(self) -> Progress:
        if self._bars is not None:
            return self._bars
        from rich.console import Console as RichConsole
        from rich.progress import BarColumn, Progress, TextColumn
        from rich.table import Column

        terminal = RichConsole(stderr=True)
        beside = terminal.width - _BESIDE
        bar = max(_SHORTEST_BAR, min(_LONGEST_BAR, beside // 2))
        self._name_width = max(_SHORTEST_NAME, min(_LONGEST_NAME, beside - bar))
        columns = (
            TextColumn("{task.description}", style="bold", markup=False, table_column=_one_line(Column)),
            BarColumn(bar_width=bar),
            TextColumn("{task.percentage:>3.0f}%", table_column=_one_line(Column)),
            TextColumn("{task.fields[speed]:>5}", markup=False, table_column=_one_line(Column)),
            TextColumn("{task.fields[left]:>9}", markup=False, table_column=_one_line(Column)),
            TextColumn("{task.fields[stage]}", style="dim", markup=False, table_column=_one_line(Column)),
        )
        self._bars = Progress(*columns, console=terminal, transient=True, auto_refresh=False)
        if self._total > 1:
            self._all = self._bars.add_task(f"{self._total} files", total=100, speed="", left="", stage="")
        self._bars.start()
        return self._bars


def _one_line(column: Any) -> Any:
    return column(no_wrap=True, overflow="ellipsis")


def shortened(name: str, longest: int) -> str:
    """The name's two ends, where it is longer."""
    half = longest // 2
    return name if len(name) <= longest else f"{name[: longest - half]}…{name[1 - half :]}"
