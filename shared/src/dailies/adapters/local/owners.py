"""Names for the processes that use a store, and whether they still live.

A living owner holds a lock on the file of its name. The system lets go of it when the process ends, however it ends,
and says the same to all who share the folder: a process's number means nothing in another container.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import secrets
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from dailies.adapters.local.faults import writing
from dailies.adapters.local.objects.durable_files import made_once

_STORE = ".store"
_PARTS = 4


class LocalOwners:
    """An owner is ``{store}-{pid}-{random}-{random}``. ``folder`` has a file for each that lives, or was killed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._me: tuple[int, str] | None = None

    def me(self) -> str:
        pid = os.getpid()
        if self._me is None or self._me[0] != pid:
            self._me = (pid, self._begin(pid))
        return self._me[1]

    def is_dead(self, owner: str) -> bool:
        parts = owner.split("-")
        if len(parts) != _PARTS or not all(part.isalnum() for part in parts) or parts[0] != self._store:
            # Of another store, which is not known here.
            return False
        path = self._folder / owner
        try:
            with path.open("rb") as lock:
                # Shared: several may ask at once.
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
                path.unlink(missing_ok=True)
        except FileNotFoundError:
            # It ended in order, or somebody has asked before.
            return True
        except OSError:
            return False
        return True

    @cached_property
    def _store(self) -> str:
        """The store's own name: in a shared folder of outputs there may be parts of other stores' deliveries."""
        return made_once(self._folder / _STORE, lambda: secrets.token_hex(6).encode()).decode()

    def _begin(self, pid: int) -> str:
        name = f"{self._store}-{pid}-{secrets.token_hex(4)}-{secrets.token_hex(4)}"
        path, hidden = self._folder / name, self._folder / f".{name}"
        with writing(path):
            # Open, and the lock held, for as long as the process lives; nobody sees it before it is locked.
            lock = os.open(hidden, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            fcntl.flock(lock, fcntl.LOCK_EX)
            hidden.rename(path)
        atexit.register(_end, path, pid)
        return name


def _end(path: Path, pid: int) -> None:
    if os.getpid() == pid:
        with suppress(OSError):
            path.unlink()
