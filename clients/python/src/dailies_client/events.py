"""Reads server-sent events line by line."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

ENDED = frozenset({"completed", "failed", "cancelled", "expired"})


@dataclass(frozen=True, slots=True)
class Event:
    """One of a job's events, numbered by ``id``; or its progress document: ``name`` is progress, ``id`` None."""

    name: str
    data: dict[str, Any]
    id: int | None = None

    @property
    def progress(self) -> int | None:
        """Percent, where the event tells it."""
        found = self.data.get("progress") if self.name == "progress" else None
        return int(found) if isinstance(found, int | float) else None

    @property
    def ends_job(self) -> bool:
        return self.name.startswith("job.") and self.name.removeprefix("job.") in ENDED


@dataclass(slots=True)
class EventLines:
    """Takes a stream's lines and gives the events; ``retry`` is the seconds that the server asks for."""

    retry: float = 1.0
    _name: str = ""
    _id: int | None = None
    _data: list[str] = field(default_factory=list)

    def take(self, line: str) -> Event | None:
        """The event that ends with this line, if one does."""
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._name = value
        elif name == "id" and value.isdigit():
            self._id = int(value)
        elif name == "retry" and value.isdigit():
            self.retry = int(value) / 1000
        return None if line else self._ended()

    def _ended(self) -> Event | None:
        data, name, number = "\n".join(self._data), self._name, self._id
        self._data, self._name, self._id = [], "", None
        return Event(name or "message", json.loads(data), number) if data else None
