"""Scratch folders: ``scratch/{owner}…``, removed by their process, or by the next one if it was killed."""

from __future__ import annotations

import errno
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dailies.domain.errors import StorageFull, TransientError
from dailies.engine.platform import Platform

# An owner's name has four parts; what follows tells several folders of one process apart.
_OWNER_PARTS = 4
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextmanager
def own_scratch(platform: Platform) -> Iterator[Path]:
    """A folder of this process's own; those of dead processes are removed on the way."""
    remove_dead_scratch(platform)
    mine = platform.scratch / platform.owners.me()
    with disk_faults(mine):
        platform.scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
        mine.mkdir(exist_ok=True)
    try:
        yield mine
    finally:
        shutil.rmtree(mine, ignore_errors=True)


@contextmanager
def single_scratch(platform: Platform) -> Iterator[Path]:
    """A folder for one step, where others of this process may be at work. Raises StorageFull, TransientError."""
    with disk_faults(platform.scratch):
        platform.scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
        mine = Path(tempfile.mkdtemp(dir=platform.scratch, prefix=platform.owners.me() + "-"))
    try:
        yield mine
    finally:
        shutil.rmtree(mine, ignore_errors=True)


@contextmanager
def disk_faults(place: Path) -> Iterator[None]:
    """Translate what the operating system says of work in ``place``: StorageFull, or TransientError for the rest."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFull(f"No space is left on the volume of {place}: free some and run it again.") from error
        raise TransientError(f"The work in {place} failed ({error}): run it again.", code="disk_fault") from error


def remove_dead_scratch(platform: Platform) -> None:
    """Remove what killed processes left. Raises nothing: what can't be removed now is left to the next call."""
    try:
        left = list(platform.scratch.iterdir())
    except OSError:
        return
    for folder in left:
        owner = "-".join(folder.name.split("-")[:_OWNER_PARTS])
        if platform.owners.is_dead(owner):
            shutil.rmtree(folder, ignore_errors=True)
