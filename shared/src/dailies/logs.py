"""Logs: JSON lines on stderr for machines, a short human form on a terminal.

structlog comes with the first line that is written: with rich and asyncio behind it, it takes a third of a worker's
start, and most workers and functions have nothing to say.
"""

from __future__ import annotations

import functools
import logging
import os
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

_bound: ContextVar[dict[str, object]] = ContextVar("dailies_log", default={})  # noqa: B039 - replaced, never changed


def printable(text: str) -> str:
    """The text without what would steer a terminal (ECMA-48): names and metadata of files are strangers' words."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "�" for letter in text)


def bind(**values: object) -> None:
    """From here on, every line of this context has these values."""
    _bound.set({**_bound.get(), **values})


@contextmanager
def bound(**values: object) -> Iterator[None]:
    """Inside, every line of this context has these values."""
    before = _bound.set({**_bound.get(), **values})
    try:
        yield
    finally:
        _bound.reset(before)


@dataclass(frozen=True)
class Logger:
    """``DAILIES_LOG`` is the level from which lines are written: debug, info, warning or error. The default is warning:
    what a user has to know comes as errors and results, not as logs."""

    name: str

    def info(self, event: str, **values: object) -> None:
        self._write("info", event, values)

    def warning(self, event: str, **values: object) -> None:
        self._write("warning", event, values)

    def error(self, event: str, **values: object) -> None:
        self._write("error", event, values)

    def exception(self, event: str, **values: object) -> None:
        """An error with the traceback of the exception that is being handled."""
        self._write("error", event, {**values, "exc_info": True})

    def _write(self, level: str, event: str, values: dict[str, object]) -> None:
        levels = logging.getLevelNamesMapping()
        least = levels.get((os.environ.get("DAILIES_LOG") or "warning").upper(), logging.WARNING)
        if levels[level.upper()] >= least:
            _write_line(level, event, {"logger": self.name, **_bound.get(), **values})


def _write_line(level: str, event: str, values: dict[str, object]) -> None:
    import structlog

    # It writes a line and its end at once, print() where stderr isn't buffered one after the other: with several
    # workers on one stderr, other lines would come between.
    writer = structlog.wrap_logger(structlog.WriteLogger(sys.stderr), processors=_processors())
    getattr(writer, level)(event, **values)


@functools.cache
def _processors() -> list[Any]:
    import structlog

    in_cloud = "K_SERVICE" in os.environ or "CLOUD_RUN_JOB" in os.environ
    human = sys.stderr.isatty() and not in_cloud
    return [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        *([_for_cloud_logging] if in_cloud else []),
        *([_for_terminals, structlog.dev.ConsoleRenderer()] if human else [structlog.processors.JSONRenderer()]),
    ]


def _for_terminals(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {name: printable(value) if isinstance(value, str) else value for name, value in line.items()}


def _for_cloud_logging(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The names that Cloud Logging shows and filters by (https://cloud.google.com/logging/docs/structured-logging)."""
    line["severity"] = line.pop("level").upper()
    line["message"] = line.pop("event")
    return line
