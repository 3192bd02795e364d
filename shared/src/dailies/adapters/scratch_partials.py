"""Partial files of a machine that keeps nothing when its process ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from dailies.ports.partials import Kept, Partial, Partials


class ScratchPartials(Partials):
    """One in each scratch folder: what a killed worker had is gone with its disk, and the next begins anew."""

    def take_up(self, name: str, scratch: Path) -> Partial:
        path = scratch / f"fetched-{name}"
        path.touch(mode=0o600)
        return _ScratchPartial(path)

    def collect(self, wanted: Callable[[str], bool]) -> Kept:
        return Kept()


class _ScratchPartial(Partial):
    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        self.note: Mapping[str, str] = {}

    def keep(self, size: int, note: Mapping[str, str]) -> None:
        self.size, self.note = size, dict(note)

    def drop(self) -> None:
        self.path.unlink(missing_ok=True)

    def close(self) -> None:
        return None
