"""Partial files in a folder of the store, each locked by whoever writes to it."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from dailies.adapters.local.faults import writing
from dailies.adapters.local.objects.durable_files import replacing
from dailies.ports.partials import Kept, Partial, Partials

_PART = ".part"
_NOTE = ".json"


class LocalPartials(Partials):
    """``folder/{name}-{n}.part`` with ``….json`` beside it: how much of it is safe, and the note.

    The system lets go of the lock when its process ends, however it ends. Who was taken for dead and isn't goes on
    writing to a file that nobody else has.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def take_up(self, name: str, scratch: Path) -> Partial:
        with writing(self._folder):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        there = sorted(self._folder.glob(f"{name}-*{_PART}"))
        for path in there:
            found = _LocalPartial.locked(path)
            if found is not None:
                return found
        taken = {path.name for path in there}
        number = next(n for n in range(len(there) + 1) if f"{name}-{n}{_PART}" not in taken)
        with writing(self._folder):
            path = self._folder / f"{name}-{number}{_PART}"
            path.touch(mode=0o600)
        # Another may have been faster: then there is one more by now.
        return _LocalPartial.locked(path) or self.take_up(name, scratch)

    def collect(self, wanted: Callable[[str], bool]) -> Kept:
        freed = kept = 0
        for path in self._folder.glob(f"*{_PART}"):
            with suppress(OSError):
                size = path.stat().st_size
                found = None if wanted(path.name.rpartition("-")[0]) else _LocalPartial.locked(path)
                if found is None:
                    kept += size
                else:
                    found.drop()
                    freed += size
        return Kept(freed, kept)


class _LocalPartial(Partial):
    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor: int | None = descriptor
        self._beside = path.with_suffix(_NOTE)
        self.size, self.note = 0, {}
        # A note that can't be read says nothing of what is safe.
        with suppress(OSError, ValueError, KeyError, TypeError):
            noted = json.loads(self._beside.read_text(encoding="utf-8"))
            if noted["size"] <= os.fstat(descriptor).st_size:
                self.size, self.note = int(noted["size"]), dict(noted["note"])

    @classmethod
    def locked(cls, path: Path) -> _LocalPartial | None:
        """None where somebody else writes to it, or it is gone."""
        try:
            descriptor = os.open(path, os.O_RDWR)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if path.stat().st_ino == os.fstat(descriptor).st_ino:
                return cls(path, descriptor)
        except OSError:
            os.close(descriptor)
            return None
        os.close(descriptor)
        return None

    def keep(self, size: int, note: Mapping[str, str]) -> None:
        if self._descriptor is None:
            raise ValueError("the partial file is closed")
        with writing(self.path):
            os.fsync(self._descriptor)
        with replacing(self._beside) as sink:
            sink.write(json.dumps({"size": size, "note": dict(note)}).encode())
        self.size, self.note = size, dict(note)

    def drop(self) -> None:
        self._beside.unlink(missing_ok=True)
        self.path.unlink(missing_ok=True)
        self.close()

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
