"""Names for processes of this machine, and whether they still live."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

_PROC = Path("/proc")


class LocalOwners:
    """An owner is ``{boot}-{pid}-{start}-{random}``: a pid alone comes back, its start time does not."""

    def __init__(self) -> None:
        self._boot = _boot_id()
        self._me: tuple[int, str] | None = None

    def me(self) -> str:
        pid = os.getpid()
        if self._me is None or self._me[0] != pid:
            self._me = (pid, f"{self._boot}-{pid}-{_started(pid) or 0}-{secrets.token_hex(4)}")
        return self._me[1]

    def is_dead(self, owner: str) -> bool:
        parts = owner.split("-")
        if len(parts) != 4 or not parts[1].isdigit():
            return False
        boot, pid, start, _ = parts
        if boot != self._boot:
            return True
        if not _PROC.is_dir():
            return not _exists(int(pid))
        return str(_started(int(pid)) or "") != start


def _boot_id() -> str:
    try:
        return (_PROC / "sys/kernel/random/boot_id").read_text().strip().replace("-", "")[:12]
    except OSError:
        return "unknown"


def _started(pid: int) -> int | None:
    """Start time in clock ticks since boot (proc(5), field 22); None for a dead or zombie process."""
    try:
        fields = (_PROC / str(pid) / "stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return None
    return None if fields[0] in (b"Z", b"X") else int(fields[19])


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
